"""Orders of shops: found by their secret link, those that wait, those that nobody paid."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.db import Sql
from portal.errors import NotFound
from portal.orders.models import Order, OrderState, SiteBuyer

_MANY = 500
_PLACE = Sql("""
    SELECT s.code, i.code, s.name, s.collects FROM service_points s
    LEFT JOIN issuers i ON i.id = :issuer WHERE s.id = :service_point
""")
_ACCOUNT = Sql("""
    SELECT a.id FROM accounts a JOIN credit_types t ON t.id = a.credit_type_id
    WHERE a.service_point_id = :service_point AND t.code = 'BRL'
""")
_OLDEST = Sql("""
    SELECT id FROM orders WHERE service_point_id = :service_point AND status = 'awaiting_credit'
    ORDER BY waiting_since, id LIMIT 1
""")
_WAITING_POINTS = Sql("""
    SELECT DISTINCT service_point_id FROM orders WHERE status = 'awaiting_credit'
    ORDER BY service_point_id
""")


class Shop(NamedTuple):
    """Where a visitor orders: the service point and the issuer by their codes."""

    service_point: str
    issuer: str | None
    name: str
    collects: str


def shop_of(connection: Connection, service_point_id: int, issuer_id: int | None) -> Shop:
    """Return where a visitor orders."""
    row = _PLACE.run(connection, service_point=service_point_id, issuer=issuer_id).first()
    if row is None or (issuer_id is not None and row[1] is None):
        raise NotFound
    return Shop(*row)


def account_of(connection: Connection, service_point_id: int) -> int:
    """Return the account in money, which every service point has."""
    found = _ACCOUNT.run(connection, service_point=service_point_id).scalar()
    if found is None:
        raise LookupError(f"service point {service_point_id} has no account")
    return int(found)


def buyer_by_link(session: Session, link: str) -> SiteBuyer:
    """Return who ordered, by the order's secret link; NotFound otherwise."""
    wanted = select(SiteBuyer).where(SiteBuyer.link == link)
    if (buyer := session.scalars(wanted).one_or_none()) is None:
        raise NotFound
    return buyer


def state_of(order: Order, at: datetime) -> OrderState:
    """Return where an order stands at a moment, whatever job has run."""
    return order.state_at(at)


def charge_id_of(session: Session, by: Actor, number: int) -> int | None:
    """Return the charge of one of the asker's orders, None where no visitor pays for it."""
    wanted = (
        select(SiteBuyer.charge_id)
        .join(Order, Order.id == SiteBuyer.order_id)
        .where(SiteBuyer.order_id == number, by.scope(Order.service_point_id))
    )
    return session.scalar(wanted)


def oldest_waiting(session: Session, service_point_id: int) -> int | None:
    """Return the order that has waited longest for credit at a service point, or for a price."""
    found = _OLDEST.run(session.connection(), service_point=service_point_id).scalar()
    return None if found is None else int(found)


def points_that_wait(session: Session) -> list[int]:
    """Return the service points where paid orders wait."""
    return [int(row[0]) for row in _WAITING_POINTS.run(session.connection())]


def unpaid_orders(session: Session, at: datetime) -> list[int]:
    """Return orders whose time to be paid is over, the oldest first, some hundred at once."""
    wanted = (
        select(Order.id)
        .where(Order.status == OrderState.AWAITING_PAYMENT, Order.pay_until <= at)
        .order_by(Order.id)
        .limit(_MANY)
    )
    return list(session.scalars(wanted))
