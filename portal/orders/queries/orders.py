"""Orders, always through what the asker may see."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload, undefer

from portal.actors import Actor
from portal.catalogue.models import Issuer
from portal.db import Sql
from portal.money import ZERO
from portal.orders.errors import NoSuchOrder
from portal.orders.models import Order, OrderState, SiteBuyer
from portal.partners.models import ServicePoint
from portal.texts import is_exactly

_LOCK = Sql("SELECT id FROM orders WHERE id = :number FOR UPDATE")


def order_of(session: Session, by: Actor, number: int) -> Order:
    """Return one of the asker's own orders with its lines; a stranger's is not there."""
    wanted = (
        select(Order)
        .where(Order.id == number, by.scope(Order.service_point_id))
        .options(selectinload(Order.lines), undefer(Order.because))
        .execution_options(populate_existing=True)
    )
    if (order := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchOrder(number)
    return order


def order_to_change(session: Session, by: Actor, number: int) -> Order:
    """Return an order that nobody else changes until the end.

    Of two at once the second waits here, and then sees what the first has done. SQLite has no
    FOR UPDATE: there the transaction began as the only writer.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        _LOCK.run(connection, number=number)
    return order_of(session, by, number)


_AFTERWARDS = (
    selectinload(Order.service_point),
    selectinload(Order.issuer),
    selectinload(Order.buyer),
)


def orders(
    by: Actor,
    *,
    service_point: str | None = None,
    status: ColumnElement[bool] | None = None,
    begin: date | None = None,
    end: date | None = None,
    external_reference: str | None = None,
) -> Select[tuple[Order]]:
    """Return the select of the orders that a list asks for, without order.

    `status` is a condition, such as `of_state` makes.
    `begin` and `end` are days on which orders were placed, both included: drafts have none.
    Service points and issuers are read after the page: joined, MariaDB begins with the service
    points and sorts all their orders.
    """
    wanted = select(Order).where(by.scope(Order.service_point_id)).options(*_AFTERWARDS)
    if service_point is not None:
        wanted = wanted.where(of_service_point(service_point))
    if status is not None:
        wanted = wanted.where(status)
    if begin is not None:
        wanted = wanted.where(Order.day >= begin)
    if end is not None:
        wanted = wanted.where(Order.day <= end)
    if external_reference is not None:
        wanted = wanted.where(is_exactly(Order.external_reference, external_reference))
    return wanted


def of_state(state: str, at: datetime) -> ColumnElement[bool]:
    """Return the condition that an order stands so at a moment, whatever job has run."""
    unpaid = Order.status == OrderState.AWAITING_PAYMENT
    if state == OrderState.AWAITING_PAYMENT:
        return unpaid & (Order.pay_until > at)
    if state == OrderState.LAPSED:
        return (Order.status == state) | (unpaid & (Order.pay_until <= at))
    return Order.status == state


def of_buyer(text: str) -> ColumnElement[bool]:
    """Return the condition that someone with this name, document or e-mail ordered in a shop."""
    named = SiteBuyer.name.startswith(text, autoescape=True)
    document = "".join(sign for sign in text.upper() if sign.isalnum())
    found = select(SiteBuyer.order_id).where(
        named | (SiteBuyer.email == text.lower()) | (SiteBuyer.tax_id == document)
    )
    return Order.id.in_(found)


def service_points_to_choose(session: Session, by: Actor, limit: int) -> list[ServicePoint]:
    """Return service points that the asker may order for, by name."""
    wanted = select(ServicePoint).where(by.scope(ServicePoint.id), ServicePoint.active)
    return list(session.scalars(wanted.order_by(ServicePoint.name, ServicePoint.id).limit(limit)))


def issuers_to_choose(session: Session) -> list[Issuer]:
    """Return the issuers in use, by name."""
    return list(session.scalars(select(Issuer).where(Issuer.active).order_by(Issuer.name)))


@dataclass(frozen=True, slots=True)
class Sums:
    """What orders add up to; only those count that were placed and are not cancelled."""

    sale: Decimal
    acquisition: Decimal

    @property
    def margin(self) -> Decimal:
        """What service points keep."""
        return self.sale - self.acquisition


def sums_of(session: Session, wanted: Select[tuple[Order]]) -> Sums:
    """Add up what a select of orders finds."""
    counted = wanted.where(Order.placed_at.is_not(None), Order.status != OrderState.CANCELLED)
    totals = counted.with_only_columns(
        func.sum(Order.sale_total), func.sum(Order.acquisition_total)
    ).order_by(None)
    sale, cost = session.execute(totals).one()
    return Sums(sale or ZERO, cost or ZERO)


def of_service_point(code: str) -> ColumnElement[bool]:
    """Return the condition that an order is of the service point with this code."""
    found = select(ServicePoint.id).where(ServicePoint.code == code).scalar_subquery()
    return Order.service_point_id == found


def of_issuer(code: str | None) -> ColumnElement[bool]:
    """Return the condition that an order goes through an issuer, or through none."""
    if code is None:
        return Order.issuer_id.is_(None)
    return Order.issuer_id == select(Issuer.id).where(Issuer.code == code).scalar_subquery()
