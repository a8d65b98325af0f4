"""Deeds of orders: quote, draft, place, fulfil, cancel, correct."""

from portal.orders.services.drafts import place_draft, redraft, save_draft
from portal.orders.services.editing import SaleChanges, change_sale
from portal.orders.services.guesses import note_refused_correction, note_refused_price
from portal.orders.services.moves import cancel, fulfill
from portal.orders.services.placing import Placed, place_order
from portal.orders.services.quoting import Quote, quote

__all__ = [
    "Placed",
    "Quote",
    "SaleChanges",
    "cancel",
    "change_sale",
    "fulfill",
    "note_refused_correction",
    "note_refused_price",
    "place_draft",
    "place_order",
    "quote",
    "redraft",
    "save_draft",
]
