"""Lots as they are shown: what remains, what their use recognised, what became of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.credit.models import Entry, EntryKind, Lot, LotOrigin
from portal.credit.rules.lots import LotStatus, recognised, status_of
from portal.money import AMOUNT_SCALE, from_minor

_MOST_BARS = 13


@dataclass(frozen=True, slots=True)
class LotShown:
    """A lot's figures as amounts; past its day nothing remains, whoever has booked it."""

    id: int
    kind: str
    face: Decimal
    paid: Decimal
    used: Decimal
    remaining: Decimal
    recognised: Decimal
    granted_at: datetime
    expires_on: date | None
    origin: str
    status: LotStatus


def lots_of(account_id: int | None) -> Select[Any]:
    """Return an account's lots, used and expired ones too, as a select to be paged."""
    return select(Lot).where(Lot.account_id == (account_id or 0))


def live_lots(session: Session, account_id: int | None, today: date, many: int) -> Sequence[Lot]:
    """Return live lots in burning order."""
    wanted = (
        lots_of(account_id)
        .where(Lot.is_open.is_(True), Lot.expires_on >= today)
        .order_by(Lot.expires_on, Lot.kind_rank, Lot.id)
        .limit(many)
    )
    return session.scalars(wanted).all()


def count_live(session: Session, account_id: int | None, today: date) -> int:
    """Return how many live lots there are."""
    wanted = lots_of(account_id).where(Lot.is_open.is_(True), Lot.expires_on >= today)
    return session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def shown_lot(lot: Lot, scale: int, today: date) -> LotShown:
    """Return a lot as it is shown on a day."""
    past = lot.expires_on is not None and lot.expires_on < today
    taken_back = lot.gone == lot.face and lot.moved == lot.paid and lot.origin != LotOrigin.REVERSAL
    return LotShown(
        id=lot.id,
        kind=lot.kind,
        face=from_minor(lot.face, scale),
        paid=from_minor(lot.paid, AMOUNT_SCALE),
        used=from_minor(lot.used, scale),
        remaining=from_minor(0 if past else lot.remaining, scale),
        recognised=from_minor(recognised(lot.paid, lot.used, lot.face), AMOUNT_SCALE),
        granted_at=lot.granted_at,
        expires_on=lot.expires_on,
        origin=lot.origin,
        status=status_of(
            remaining=lot.remaining,
            used=lot.used,
            face=lot.face,
            is_past=past,
            taken_back=taken_back and not past,
        ),
    )


def reasons_of(session: Session, account_id: int | None, lots: Iterable[Lot]) -> dict[int, str]:
    """Return why lots were granted, found by the entries that opened them."""
    opened = {lot.id: lot.granted_at for lot in lots}
    wanted = (
        select(Entry.lot_id, Deed.reason)
        .join(Deed, Deed.id == Entry.deed_id)
        .where(
            Entry.account_id == (account_id or 0),
            Entry.booked_at.in_(set(opened.values())),
            Entry.kind == EntryKind.GRANT,
            Entry.lot_id.in_(opened),
        )
    )
    if not opened:
        return {}
    found = session.execute(wanted).tuples()
    return {lot_id: reason for lot_id, reason in found if lot_id is not None and reason}


def credit_by_month(
    session: Session, account_id: int | None, today: date, scale: int
) -> list[tuple[date | None, Decimal, Decimal]]:
    """Return live credit by the month in which it expires: the month, paid, bonus; None is never.

    The first months that hold credit; what comes after them is left to the list of lots.
    """
    wanted = (
        select(Lot.expires_on, Lot.kind_rank, func.sum(Lot.remaining))
        .where(Lot.account_id == (account_id or 0), Lot.is_open.is_(True), Lot.expires_on >= today)
        .group_by(Lot.expires_on, Lot.kind_rank)
        .order_by(Lot.expires_on)
    )
    months: dict[date | None, list[int]] = {}
    for expires_on, rank, rest in session.execute(wanted).tuples():
        month = expires_on.replace(day=1) if expires_on else None
        months.setdefault(month, [0, 0])[0 if rank else 1] += int(rest)
    return [
        (month, from_minor(paid, scale), from_minor(bonus, scale))
        for month, (paid, bonus) in list(months.items())[:_MOST_BARS]
    ]


def expiring_until(
    session: Session, account_id: int | None, today: date, last: date, scale: int
) -> Decimal:
    """Return how much live credit expires through a day."""
    wanted = select(func.sum(Lot.remaining)).where(
        Lot.account_id == (account_id or 0),
        Lot.is_open.is_(True),
        Lot.expires_on >= today,
        Lot.expires_on <= last,
    )
    return from_minor(int(session.scalar(wanted) or 0), scale)
