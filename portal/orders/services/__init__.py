"""Deeds of orders: quote, draft, place, fulfil, cancel, correct."""

from portal.orders.services.cancelling import cancel
from portal.orders.services.drafts import place_draft, redraft, save_draft
from portal.orders.services.editing import SaleChanges, change_sale
from portal.orders.services.guesses import note_refused_correction, note_refused_price
from portal.orders.services.moved import on_moved
from portal.orders.services.moves import fulfill
from portal.orders.services.paid import follow_payment
from portal.orders.services.placing import Placed, place_order
from portal.orders.services.quoting import Quote, quote
from portal.orders.services.returning import refuse_unplaced
from portal.orders.services.site import SiteOrder, create_site_order, price_cart
from portal.orders.services.waiting import follow_credit, lapse_order, place_waiting

__all__ = [
    "Placed",
    "Quote",
    "SaleChanges",
    "SiteOrder",
    "cancel",
    "change_sale",
    "create_site_order",
    "follow_credit",
    "follow_payment",
    "fulfill",
    "lapse_order",
    "note_refused_correction",
    "note_refused_price",
    "on_moved",
    "place_draft",
    "place_order",
    "place_waiting",
    "price_cart",
    "quote",
    "redraft",
    "refuse_unplaced",
    "save_draft",
]
