"""Finding accounts through their owner, and the figures that they show at an instant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.models import Deed
from portal.clock import day_of
from portal.credit.errors import NoSuchCreditType, NoSuchTransaction
from portal.credit.models import Account, CreditType, Entry, EntryKind, Floor, Lot
from portal.credit.rules.figures import Figures, figures_of
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.periods import FOREVER


@dataclass(frozen=True, slots=True)
class Wallet:
    """A service point's account in a credit type; without an account it reads as zeros."""

    point: ServicePoint
    kind: CreditType
    account_id: int | None


def wallet_of(session: Session, by: Actor, code: str, credit_type: str) -> Wallet:
    """Return one of the actor's accounts; NotFound for another's and for an unknown type."""
    point = service_point_of(session, by, code)
    kind = session.scalars(select(CreditType).where(CreditType.code == credit_type)).one_or_none()
    if kind is None:
        raise NoSuchCreditType
    account_id = session.scalar(
        select(Account.id).where(
            Account.service_point_id == point.id, Account.credit_type_id == kind.id
        )
    )
    return Wallet(point, kind, account_id)


def credit_types() -> Select[Any]:
    """Return all credit types, as a select to be paged."""
    return select(CreditType)


def types_of(session: Session, service_point_id: int) -> list[CreditType]:
    """Return the credit types that a service point has an account in."""
    wanted = (
        select(CreditType)
        .join(Account, Account.credit_type_id == CreditType.id)
        .where(Account.service_point_id == service_point_id)
        .order_by(CreditType.id)
    )
    return list(session.scalars(wanted))


def wallet_of_transaction(session: Session, by: Actor, deed_id: int) -> Wallet:
    """Return the account that a transaction moved, if it is one of the actor's."""
    wanted = (
        select(Account.id, ServicePoint, CreditType)
        .join(Deed, Deed.account_id == Account.id)
        .join(ServicePoint, ServicePoint.id == Account.service_point_id)
        .join(CreditType, CreditType.id == Account.credit_type_id)
        .where(Deed.id == deed_id, by.scope(ServicePoint.id))
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NoSuchTransaction
    return Wallet(row[1], row[2], row[0])


def figures_now(session: Session, wallet: Wallet, now: datetime) -> Figures:
    """Return what an account shows now; it never goes back behind its last movement."""
    moved_at = session.scalar(
        select(Account.moved_at).where(Account.id == (wallet.account_id or 0))
    )
    return figures_at(session, wallet, max(now, moved_at) if moved_at else now)


def figures_at(session: Session, wallet: Wallet, at: datetime) -> Figures:
    """Return what an account shows at an instant, past, present or to come.

    What is past its day then no longer counts, booked or not (DESIGN 4.7).
    """
    scale = wallet.kind.scale
    if wallet.account_id is None:
        return figures_of(balance=0, held=0, floor=0, scale=scale)
    account = session.execute(
        select(Account.balance, Account.held, Account.moved_at).where(
            Account.id == wallet.account_id
        )
    ).one()
    floor = _floor_at(session, wallet.account_id, at)
    day = day_of(at)
    if account.moved_at is None or account.moved_at <= at:
        return figures_of(
            balance=account.balance - _dead(session, wallet.account_id, day),
            held=account.held,
            floor=floor,
            scale=scale,
            next_expiry=_next_expiry(session, wallet.account_id, day),
        )
    balance, next_expiry = _past(session, wallet.account_id, at, day)
    return figures_of(balance=balance, held=0, floor=floor, scale=scale, next_expiry=next_expiry)


def _floor_at(session: Session, account_id: int, at: datetime) -> int:
    wanted = (
        select(Floor.floor)
        .where(Floor.account_id == account_id, Floor.since <= at)
        .order_by(Floor.since.desc())
        .limit(1)
    )
    return session.scalar(wanted) or 0


def _open(account_id: int) -> tuple[Any, ...]:
    return Lot.account_id == account_id, Lot.is_open.is_(True)


def _dead(session: Session, account_id: int, day: date) -> int:
    """Return what lots past their day still hold, because nothing has booked it yet."""
    wanted = select(func.sum(Lot.remaining)).where(*_open(account_id), Lot.expires_on < day)
    return int(session.scalar(wanted) or 0)


def _next_expiry(session: Session, account_id: int, day: date) -> tuple[date, int] | None:
    live = (*_open(account_id), Lot.expires_on >= day, Lot.expires_on < FOREVER)
    on = session.scalar(select(Lot.expires_on).where(*live).order_by(Lot.expires_on).limit(1))
    if on is None:
        return None
    amount = session.scalar(select(func.sum(Lot.remaining)).where(*live, Lot.expires_on == on))
    return on, int(amount or 0)


def _past(
    session: Session, account_id: int, at: datetime, day: date
) -> tuple[int, tuple[date, int] | None]:
    """Return balance and next expiry at an instant before the last movement.

    What was past its day then was booked by the first movement after it, before anything else.
    """
    last = session.execute(
        select(Entry.seq, Entry.balance_after)
        .where(Entry.account_id == account_id, Entry.booked_at <= at)
        .order_by(Entry.booked_at.desc(), Entry.seq.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return 0, None
    moved = session.scalar(
        select(Entry.seq)
        .where(
            Entry.account_id == account_id,
            Entry.seq > last.seq,
            Entry.kind != EntryKind.EXPIRY,
        )
        .order_by(Entry.seq)
        .limit(1)
    )
    booked_after = (
        select(func.sum(Entry.qty))
        .join(Lot, Lot.id == Entry.lot_id)
        .where(
            Entry.account_id == account_id,
            Entry.seq > last.seq,
            Entry.kind == EntryKind.EXPIRY,
            Lot.expires_on < day,
        )
    )
    if moved is not None:
        booked_after = booked_after.where(Entry.seq < moved)
    dead = _dead(session, account_id, day) if moved is None else 0
    balance = last.balance_after + int(session.scalar(booked_after) or 0) - dead
    return balance, _next_expiry_past(session, account_id, last.seq, day)


def _next_expiry_past(
    session: Session, account_id: int, seq: int, day: date
) -> tuple[date, int] | None:
    rest = func.sum(Entry.qty)
    wanted = (
        select(Lot.expires_on, rest)
        .join(Entry, Entry.lot_id == Lot.id)
        .where(
            Entry.account_id == account_id,
            Entry.seq <= seq,
            Lot.expires_on >= day,
            Lot.expires_on < FOREVER,
        )
        .group_by(Lot.expires_on)
        .having(rest > 0)
        .order_by(Lot.expires_on)
        .limit(1)
    )
    row = session.execute(wanted).one_or_none()
    return (row[0], int(row[1])) if row else None
