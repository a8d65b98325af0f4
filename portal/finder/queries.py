"""What a search finds: through each feature's own queries, so only what one may see."""

from dataclasses import dataclass

from sqlalchemy import or_
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Issuer, Product
from portal.catalogue.queries import issuers, suggested_products
from portal.orders.models import Order
from portal.orders.queries.orders import orders
from portal.partners.models import ServicePoint
from portal.partners.queries import suggested_service_points
from portal.payments.models import Charge
from portal.payments.queries import with_pix_number
from portal.texts import words_of

AT_MOST = 5
"""Of each kind."""
_LONGEST_NUMBER = 18
"""Digits that a BIGINT surely holds."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, of each kind."""

    orders: list[Order]
    service_points: list[ServicePoint]
    products: list[Product]
    issuers: list[Issuer]
    charges: list[Charge]

    def __len__(self) -> int:
        kinds = (self.orders, self.service_points, self.products, self.issuers, self.charges)
        return sum(len(kind) for kind in kinds)


def find(session: Session, by: Actor, text: str) -> Found:
    """Look for a text in all that the asker may open; inactive things are found too."""
    if not words_of(text):
        return Found([], [], [], [], [])
    catalogue, partners = by.may("catalogue.view"), by.may("partners.view")
    return Found(
        orders=_orders(session, by, text.strip()) if by.may("orders.view") else [],
        service_points=_points(session, by, text) if partners else [],
        products=_products(session, text) if catalogue else [],
        issuers=_issuers(session, text) if catalogue else [],
        charges=_charges(session, by, text.strip()) if by.may("payments.view") else [],
    )


def _orders(session: Session, by: Actor, text: str) -> list[Order]:
    """Find orders by number, or by the other system's whole reference."""
    alike = [Order.external_reference == text]
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER:
        alike.append(Order.id == int(number))
    wanted = orders(by).where(or_(*alike)).order_by(Order.id.desc()).limit(AT_MOST)
    return list(session.scalars(wanted))


def _points(session: Session, by: Actor, text: str) -> list[ServicePoint]:
    return suggested_service_points(session, by, text, limit=AT_MOST, active=None)


def _products(session: Session, text: str) -> list[Product]:
    return suggested_products(session, text, limit=AT_MOST, active=None)


def _issuers(session: Session, text: str) -> list[Issuer]:
    return list(session.scalars(issuers(search=text).order_by(Issuer.name).limit(AT_MOST)))


def _charges(session: Session, by: Actor, text: str) -> list[Charge]:
    """Find charges by their whole Pix id, or by the whole number of a payment."""
    wanted = with_pix_number(by, text).order_by(Charge.id.desc()).limit(AT_MOST)
    return list(session.scalars(wanted))
