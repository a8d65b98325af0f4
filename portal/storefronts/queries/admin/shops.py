"""Reading shops for those who run them: settings, what is missing, the list of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Issuer
from portal.orders.models import Order, OrderState
from portal.partners.models import Collects, ServicePoint
from portal.partners.queries import own_service_points, service_point_of
from portal.payments.models import HEADQUARTERS
from portal.payments.queries.accounts import recipient
from portal.payments.rules.setup import setup
from portal.periods import Period
from portal.sale_tables.models import Channel
from portal.sale_tables.queries.prices import load_sale_book
from portal.sale_tables.queries.site import site_offers
from portal.sale_tables.rules.book import TableInForce
from portal.storefronts.models import Shop, ShopDay, ShopLogo
from portal.storefronts.rules.admin.opening import Need
from portal.storefronts.rules.admin.settings import ShopFacts, facts_of

SOLD = (OrderState.PLACED, OrderState.FULFILLED)
"""States in which an order of the site is a sale."""


@dataclass(frozen=True, slots=True)
class RunShop:
    """A shop as those who run it see it."""

    point: ServicePoint
    shop: Shop | None
    facts: ShopFacts
    logo: ShopLogo | None

    @property
    def version(self) -> int:
        """What a form was filled in from; 0 while nothing is stored."""
        return self.shop.version if self.shop else 0

    @property
    def issuer_id(self) -> int | None:
        """Through whom its orders go."""
        return self.shop.issuer_id if self.shop else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a shop sells on a day, and what it still needs."""

    table: TableInForce | None
    offers: int
    missing: tuple[Need, ...]


def run_shop(session: Session, by: Actor, code: str) -> RunShop:
    """Return the shop of one of the asker's service points; NoSuchServicePoint for a stranger's."""
    point = service_point_of(session, by, code)
    wanted = (
        select(Shop, Issuer.code)
        .outerjoin(Issuer, Issuer.id == Shop.issuer_id)
        .where(Shop.service_point_id == point.id)
    )
    row = session.execute(wanted).first()
    shop, issuer = (row[0], row[1] or "") if row else (None, "")
    return RunShop(point, shop, facts_of(shop, issuer), session.get(ShopLogo, point.id))


def standing_of(session: Session, run: RunShop, day: date) -> Standing:
    """Return how a shop stands on a day."""
    point = run.point.id
    book = load_sale_book(
        session, service_point_id=point, channel=Channel.SITE, day=day, product_ids=()
    )
    sold = site_offers(session, service_point_id=point, issuer_id=run.issuer_id, day=day)
    has = {
        Need.ADDRESS: bool(run.point.shop_slug),
        Need.TABLE: book.table is not None,
        Need.PRODUCTS: bool(sold),
        Need.PAYMENT: _can_be_paid(session, run.point),
        Need.TEXTS: _says_who_sells(run),
    }
    return Standing(book.table, len(sold), tuple(need for need, there in has.items() if not there))


def missing_to_open(session: Session, by: Actor, code: str, day: date) -> tuple[Need, ...]:
    """Return what a shop still needs before it can open."""
    return standing_of(session, run_shop(session, by, code), day).missing


def _can_be_paid(session: Session, point: ServicePoint) -> bool:
    """Whether visitors can pay by Pix: there is a key, or payments are simulated."""
    collected = point.collects == Collects.HEADQUARTERS
    owner = HEADQUARTERS if collected else point.id
    return setup().simulated or recipient(session, owner) is not None


def _says_who_sells(run: RunShop) -> bool:
    """Whether visitors can tell who sells and how to reach them, as the law asks of shops."""
    facts = run.facts
    return bool(facts.legal_name and run.point.tax_id and (facts.phone or facts.email))


def waiting(session: Session, service_point_id: int) -> Mapping[str, int]:
    """Return how many orders of the site wait for payment, and how many for credit."""
    states = (OrderState.AWAITING_PAYMENT, OrderState.AWAITING_CREDIT)
    counted = (
        select(Order.status, func.count())
        .where(
            Order.service_point_id == service_point_id,
            Order.channel == Channel.SITE,
            Order.status.in_(states),
        )
        .group_by(Order.status)
    )
    found = dict(session.execute(counted).tuples().all())
    return {state.value: found.get(state, 0) for state in states}


def listed_shops(by: Actor, period: Period) -> Select[Any]:
    """Return the select of service points with visits, orders and sales of a period.

    Those without a shop are listed too: headquarters sees who has none.
    """
    sold, came = _sold(period), _came(period)
    return (
        own_service_points(by)
        .add_columns(came.c.visits, sold.c.orders, sold.c.sales)
        .outerjoin(sold, sold.c.service_point_id == ServicePoint.id)
        .outerjoin(came, came.c.service_point_id == ServicePoint.id)
    )


def sums_of_shops(session: Session, by: Actor, period: Period) -> tuple[int, Decimal]:
    """Return how many orders all shops that the asker sees sold in a period, and for how much."""
    wanted = select(func.count(), func.sum(Order.sale_total)).where(
        *is_sale(period), by.scope(Order.service_point_id)
    )
    count, total = session.execute(wanted).one()
    return count, total or Decimal(0)


def is_sale(period: Period) -> tuple[Any, ...]:
    """Return the conditions that an order was sold by a shop in a period."""
    return (
        Order.channel == Channel.SITE,
        Order.status.in_(SOLD),
        Order.day.between(period.start, period.last),
    )


def _sold(period: Period) -> Subquery:
    return (
        select(
            Order.service_point_id,
            func.count().label("orders"),
            func.sum(Order.sale_total).label("sales"),
        )
        .where(*is_sale(period))
        .group_by(Order.service_point_id)
        .subquery()
    )


def _came(period: Period) -> Subquery:
    return (
        select(ShopDay.service_point_id, func.sum(ShopDay.visits).label("visits"))
        .where(ShopDay.day.between(period.start, period.last))
        .group_by(ShopDay.service_point_id)
        .subquery()
    )
