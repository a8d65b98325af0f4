"""What the start page asks: a fixed number of statements, however many service points there are."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.actors import Actor
from portal.credit.models import Account, CreditType, Lot
from portal.money import AMOUNT_SCALE, from_minor
from portal.orders.models import Order
from portal.partners.models import ServicePoint
from portal.periods import ONE_DAY
from portal.pricing.models import Edition, EditionState, PriceTable

MONEY = "BRL"
COUNTING = ("placed", "fulfilled")
PACE_DAYS = 30
SHORT_DAYS = 7
EDITION_DAYS = 14
EXPIRY_DAYS = 30
ROWS = 6


@dataclass(frozen=True, slots=True)
class DayFigure:
    """The orders that one day brought, and what they debited in money."""

    orders: int = 0
    debited: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Wallet:
    """A service point's money: what it has, what it may use, what it uses a day."""

    code: str
    name: str
    balance: Decimal
    available: Decimal
    per_day: Decimal
    expiring: Decimal
    threshold: Decimal | None

    @property
    def days(self) -> int | None:
        """Whole days that it lasts at the present pace; None where nothing is used."""
        return max(0, int(self.available / self.per_day)) if self.per_day > 0 else None

    @property
    def is_short(self) -> bool:
        """Whether it ends within days, or is below what its service point set."""
        if self.threshold is not None and self.available < self.threshold:
            return True
        return self.days is not None and self.days < SHORT_DAYS


@dataclass(frozen=True, slots=True)
class Change:
    """An edition that begins soon, or ends without another one after it."""

    day: date
    table_id: int
    table: str
    number: int
    begins: bool


@dataclass(frozen=True, slots=True)
class Expiring:
    """Credit that nobody can use after the day."""

    day: date
    code: str
    name: str
    kind: str
    amount: Decimal


def figures_by_day(session: Session, by: Actor, start: date, end: date) -> dict[date, DayFigure]:
    """Return orders and debits of each day that had some, from `start` through `end`."""
    rows = session.execute(
        select(Order.day, func.count(), func.sum(Order.acquisition_total))
        .where(
            Order.day.between(start, end),
            Order.status.in_(COUNTING),
            by.scope(Order.service_point_id),
        )
        .group_by(Order.day)
    )
    seen = by.sees_costs
    return {
        day: DayFigure(count, (total or Decimal(0)) if seen else Decimal(0))
        for day, count, total in rows.tuples()
        if day is not None
    }


def latest_orders(session: Session, by: Actor) -> list[Order]:
    """Return the newest orders."""
    wanted = select(Order).where(by.scope(Order.service_point_id))
    return list(session.scalars(wanted.order_by(Order.id.desc()).limit(ROWS)))


def wallets(session: Session, by: Actor, at: datetime) -> list[Wallet]:
    """Return the money of each active service point, by name.

    Lots past their day count no more, whether their expiry has been booked or not.
    """
    today = clock.day_of(at)
    lots, used = _lots(today), _used(today)
    rows = session.execute(
        select(
            ServicePoint.code,
            ServicePoint.name,
            ServicePoint.low_balance_threshold,
            Account.balance - func.coalesce(lots.c.dead, 0),
            Account.held,
            Account.floor,
            func.coalesce(lots.c.soon, 0),
            used.c.used,
        )
        .join(Account, Account.service_point_id == ServicePoint.id)
        .join(CreditType, CreditType.id == Account.credit_type_id)
        .outerjoin(lots, lots.c.account_id == Account.id)
        .outerjoin(used, used.c.service_point_id == ServicePoint.id)
        .where(CreditType.code == MONEY, ServicePoint.active, by.scope(ServicePoint.id))
        .order_by(ServicePoint.name)
    )
    return [_wallet(*row) for row in rows]


def _wallet(
    code: str,
    name: str,
    threshold: Decimal | None,
    balance: int,
    held: int,
    floor: int,
    soon: int,
    used: Decimal | None,
) -> Wallet:
    return Wallet(
        code=code,
        name=name,
        balance=_money(balance),
        available=_money(balance - held - floor),
        per_day=(used or Decimal(0)) / PACE_DAYS,
        expiring=_money(soon),
        threshold=threshold,
    )


def _money(minor: Any) -> Decimal:
    return from_minor(int(minor), AMOUNT_SCALE)


def _lots(today: date) -> Subquery:
    """Per account: what has expired and what will soon, of open lots."""
    dead = case((Lot.expires_on < today, Lot.remaining), else_=0)
    soon = case((Lot.expires_on >= today, Lot.remaining), else_=0)
    return (
        select(Lot.account_id, func.sum(dead).label("dead"), func.sum(soon).label("soon"))
        .where(Lot.is_open, Lot.expires_on <= today + timedelta(days=EXPIRY_DAYS))
        .group_by(Lot.account_id)
        .subquery()
    )


def _used(today: date) -> Subquery:
    """Per service point: what the orders of the last days debited."""
    return (
        select(Order.service_point_id, func.sum(Order.acquisition_total).label("used"))
        .where(
            Order.day.between(today - timedelta(days=PACE_DAYS), today - ONE_DAY),
            Order.status.in_(COUNTING),
        )
        .group_by(Order.service_point_id)
        .subquery()
    )


def expiring_credit(session: Session, by: Actor, at: datetime) -> list[Expiring]:
    """Return the credit that expires within the next days, the earliest first."""
    today = clock.day_of(at)
    rows = session.execute(
        _expiring(by)
        .where(Lot.expires_on.between(today, today + timedelta(days=EXPIRY_DAYS)))
        .order_by(Lot.expires_on, ServicePoint.name)
        .limit(ROWS)
    )
    return [Expiring(day, code, name, kind, _money(left)) for day, code, name, kind, left in rows]


def _expiring(by: Actor) -> Select[Any]:
    return (
        select(Lot.expires_on, ServicePoint.code, ServicePoint.name, Lot.kind, Lot.remaining)
        .join(Account, Account.id == Lot.account_id)
        .join(CreditType, CreditType.id == Account.credit_type_id)
        .join(ServicePoint, ServicePoint.id == Account.service_point_id)
        .where(Lot.is_open, CreditType.code == MONEY, by.scope(ServicePoint.id))
    )


def edition_changes(session: Session, today: date) -> list[Change]:
    """Return the editions that begin soon, and those that end soon with none after them."""
    last = today + timedelta(days=EDITION_DAYS)
    rows = session.execute(
        select(
            Edition.valid_from,
            Edition.valid_until,
            Edition.number,
            PriceTable.id,
            PriceTable.name,
        )
        .join(PriceTable, PriceTable.id == Edition.price_table_id)
        .where(Edition.state == EditionState.PUBLISHED, _begins_or_ends(today, last))
    ).all()
    starts = {(row[3], row[0]) for row in rows}
    found = [Change(row[0], row[3], row[4], row[2], True) for row in rows if today < row[0] <= last]
    found += [
        Change(row[1], row[3], row[4], row[2], False)
        for row in rows
        if row[1] is not None
        and today <= row[1] <= last
        and (row[3], row[1] + ONE_DAY) not in starts
    ]
    return sorted(found, key=lambda change: (change.day, change.table))


def _begins_or_ends(today: date, last: date) -> ColumnElement[bool]:
    """One day more than is shown, to know what follows on the last day."""
    begins = and_(Edition.valid_from > today, Edition.valid_from <= last + ONE_DAY)
    return or_(begins, Edition.valid_until.between(today, last))
