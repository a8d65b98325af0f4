"""One transaction with all its postings: both legs of each row."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.models import Deed
from portal.credit.errors import NoSuchTransaction
from portal.credit.models import Entry, EntryKind, Reversal
from portal.credit.queries.accounts import Wallet, wallet_of_transaction
from portal.credit.queries.statement import Line, lines_of, movements
from portal.money import AMOUNT_SCALE, from_minor

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Posting:
    """One row of the journal: what it does to the account; the book takes the other sign."""

    seq: int
    book: str
    amount: Decimal
    value: Decimal
    lot_id: int | None
    balance: Decimal
    hash: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A movement, its postings, and what was or may be done about it."""

    wallet: Wallet
    line: Line
    postings: list[Posting]
    entries: int
    reversed_by: int | None
    is_reversible: bool


def transaction_of(session: Session, by: Actor, deed_id: int) -> Transaction:
    """Return a transaction of one of the actor's accounts."""
    wallet = wallet_of_transaction(session, by, deed_id)
    wanted = movements(wallet.account_id).where(Deed.id == deed_id, Entry.seq == Deed.first_seq)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NoSuchTransaction
    scale = wallet.kind.scale
    (line,) = lines_of(session, [row], scale)
    reversed_by = session.scalar(select(Reversal.reversed_by).where(Reversal.deed_id == deed_id))
    return Transaction(
        wallet=wallet,
        line=line,
        postings=[_posting(entry, scale) for entry in _rows(session, row[0], row[3])],
        entries=row[3],
        reversed_by=reversed_by,
        is_reversible=reversed_by is None and _is_reversible(row[0]),
    )


def _rows(session: Session, first: Entry, many: int) -> list[Any]:
    wanted = (
        select(Entry)
        .where(
            Entry.account_id == first.account_id,
            Entry.seq.between(first.seq, first.seq + min(many, _SHOWN) - 1),
        )
        .order_by(Entry.seq)
    )
    return list(session.scalars(wanted))


def _posting(entry: Entry, scale: int) -> Posting:
    return Posting(
        seq=entry.seq,
        book=entry.book,
        amount=from_minor(entry.qty, scale),
        value=from_minor(entry.value, AMOUNT_SCALE),
        lot_id=entry.lot_id,
        balance=from_minor(entry.balance_after, scale),
        hash=entry.hash.hex(),
    )


def _is_reversible(entry: Entry) -> bool:
    """Whether a reversal may be asked for here; the service decides under the lock."""
    return entry.order_id is None and entry.kind in {EntryKind.DEBIT, EntryKind.GRANT}
