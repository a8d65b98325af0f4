"""The statement: an account's movements with their running balance (DESIGN 4.12)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from portal.audit.models import Deed
from portal.credit.models import Entry, EntryKind
from portal.money import from_minor
from portal.people.models import User

_Last = aliased(Entry, name="last")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a movement is for: an order, another movement, or what another system calls it."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Line:
    """A movement as the statement shows it: a transaction, whatever lots it used.

    `actor` is the e-mail and `who` the name of the person who moved it; None is the portal.
    """

    id: int
    seq: int
    at: datetime
    kind: EntryKind
    amount: Decimal
    balance: Decimal
    reference: Reference | None
    lots: list[tuple[int, Decimal]]
    description: str
    actor: str | None
    who: str | None
    hash: str


def movements(account_id: int | None) -> Select[Any]:
    """Return an account's movements, each by its first row, as a select to be paged by `seq`."""
    return (
        select(
            Entry,
            _Last.balance_after,
            _Last.hash,
            Deed.entries,
            Deed.reason,
            Deed.after,
            User.email,
            User.name,
        )
        .join(Deed, Deed.id == Entry.deed_id)
        .join(
            _Last,
            and_(
                _Last.account_id == Entry.account_id,
                _Last.seq == Entry.seq + Deed.entries - 1,
            ),
        )
        .outerjoin(User, User.id == Entry.actor_id)
        .where(Entry.account_id == (account_id or 0), Entry.line == 0)
    )


def since(wanted: Select[Any], moment: datetime) -> Select[Any]:
    """Keep what was booked at an instant or later."""
    return wanted.where(Entry.booked_at >= moment)


def until(wanted: Select[Any], moment: datetime) -> Select[Any]:
    """Keep what was booked at an instant or before."""
    return wanted.where(Entry.booked_at <= moment)


def of_kind(wanted: Select[Any], kind: str) -> Select[Any]:
    """Keep movements of a kind; `in` and `out` keep what raises and what lowers the balance."""
    if kind == "in":
        return wanted.where(Entry.qty > 0, Entry.kind != EntryKind.SETTLEMENT)
    if kind == "out":
        return wanted.where(Entry.qty < 0, Entry.kind != EntryKind.SETTLEMENT)
    return wanted.where(Entry.kind == kind)


def lines_of(session: Session, rows: Sequence[Any], scale: int) -> list[Line]:
    """Return rows of `movements` as they are shown; one more statement for the lots used."""
    more = _further_rows(session, [row for row in rows if row[3] > 1])
    return [_line(row, more.get(row[0].deed_id, ()), scale) for row in rows]


def _further_rows(session: Session, rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Read the rows of movements that have several."""
    found: dict[int, list[Any]] = defaultdict(list)
    ranges = [
        and_(
            Entry.account_id == row[0].account_id,
            Entry.seq.between(row[0].seq + 1, row[0].seq + row[3] - 1),
        )
        for row in rows
    ]
    for start in range(0, len(ranges), 100):
        wanted = select(Entry.deed_id, Entry.lot_id, Entry.qty).where(
            or_(*ranges[start : start + 100])
        )
        for row in session.execute(wanted.order_by(Entry.account_id, Entry.seq)):
            found[row.deed_id].append(row)
    return found


def _line(row: Any, more: Sequence[Any], scale: int) -> Line:
    entry, balance, last_hash, _entries, reason, after, actor, who = row
    uses = [(entry.lot_id, entry.qty), *((other.lot_id, other.qty) for other in more)]
    facts = json.loads(after) if after and entry.order_id is None else {}
    return Line(
        id=entry.deed_id,
        seq=entry.seq,
        at=entry.booked_at,
        kind=EntryKind(entry.kind),
        amount=from_minor(balance - (entry.balance_after - entry.qty), scale),
        balance=from_minor(balance, scale),
        reference=_reference(entry, facts),
        lots=[(lot, from_minor(abs(qty), scale)) for lot, qty in uses if lot is not None],
        description=str(facts.get("description") or reason or ""),
        actor=actor,
        who=who,
        hash=last_hash.hex(),
    )


def _reference(entry: Entry, facts: dict[str, Any]) -> Reference | None:
    if entry.order_id is not None:
        return Reference("order", str(entry.order_id))
    if entry.reverses_id is not None:
        return Reference("transaction", str(entry.reverses_id))
    if facts.get("source"):
        return Reference(str(facts["source"]), str(facts.get("reference") or ""))
    return None
