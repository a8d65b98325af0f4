"""A cart becomes an order that waits for its payment."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.db import InsertRows
from portal.errors import NotFound, Refused
from portal.keys import Seal
from portal.orders.rules.site import Buyer as OrderBuyer
from portal.orders.rules.site import SiteWanted
from portal.orders.services.site import SiteOrder, create_site_order
from portal.storefronts.errors.visitors import CartChanged, EmptyCart
from portal.storefronts.queries.front import Front
from portal.storefronts.rules.buyers import Buyer
from portal.storefronts.rules.cart import Cart
from portal.storefronts.services.limits import take_place
from portal.storefronts.services.mails import tell_of_new_order

_INSERT_CHECKOUT = InsertRows("shop_checkouts", "order_id", "consented_at", "consent", "base_url")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks for: the cart, who buys, what was seen and agreed to, and from where."""

    front: Front
    cart: Cart
    buyer: Buyer
    seen_total: Decimal
    consent: str
    language: str
    base_url: str
    address: str


def order_from_cart(
    session: Session, wish: Wish, *, secret: str, at: datetime, seal: Seal | None = None
) -> str:
    """Order what is in the cart; return the secret link of the order.

    The `seal` keeps the answer to the form in the row that writes the order down. PriceChanged
    when it costs more than was seen, CartChanged when something of it is no longer sold,
    TooManyOrders beyond the shop's limits: then nothing is stored.
    """
    front = wish.front
    if not wish.cart:
        raise EmptyCart
    take_place(
        session,
        service_point_id=front.service_point_id,
        tax_id=wish.buyer.tax_id,
        address=wish.address,
        per_document=front.orders_per_document,
        per_address=front.orders_per_address,
        secret=secret,
        at=at,
    )
    placed = _create(session, wish, at, seal)
    _INSERT_CHECKOUT.run(session.connection(), [(placed.order_id, at, wish.consent, wish.base_url)])
    tell_of_new_order(
        session,
        placed,
        front,
        wish.buyer,
        language=wish.language,
        base_url=wish.base_url,
        at=at,
    )
    return placed.link


def _create(session: Session, wish: Wish, at: datetime, seal: Seal | None) -> SiteOrder:
    """Create the order; what is no longer sold as it was in the cart is told as that alone."""
    wanted = SiteWanted(
        service_point_id=wish.front.service_point_id,
        issuer_id=wish.front.issuer_id,
        lines=[(line.sku, line.quantity) for line in wish.cart],
        buyer=OrderBuyer(
            kind=wish.buyer.kind,
            name=wish.buyer.name,
            tax_id=wish.buyer.tax_id,
            email=wish.buyer.email,
            phone=wish.buyer.phone,
            language=wish.language,
            consented_at=at,
        ),
        seen_total=wish.seen_total,
    )
    try:
        return create_site_order(session, wanted, at=at, seal=seal)
    except (NotFound, Refused) as refusal:
        raise CartChanged from refusal
