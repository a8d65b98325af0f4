"""Writing a movement down: lots, entries, and last the account under its condition."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from portal.credit.models import Book, EntryKind
from portal.credit.rules.figures import Figures, figures_of
from portal.credit.rules.journal import seal
from portal.credit.rules.lots import LotState, Use
from portal.credit.services.wallet import DebtState, Wallet
from portal.db import InsertRows, Sql
from portal.errors import Busy
from portal.wire import (
    LAST_NUMBER,
    Carrier,
    Expression,
    Ran,
    Ready,
    literal,
    send,
    send_together,
    takes_packets,
    text_of_moment,
)

_SET_LOT = """UPDATE lots SET remaining = :remaining, used = :used, expired = :expired,
    gone = :gone, moved = :moved"""
_OF_LOT = "WHERE id = :id AND remaining = :was_remaining AND used = :was_used"
_UPDATE_LOT = Sql(f"{_SET_LOT} {_OF_LOT}", prepare=True)
_TURN_LOT = Sql(f"{_SET_LOT}, is_open = :is_open {_OF_LOT}")
"""Opens or closes it: two indexes hold that, which SQLite writes again whatever the value."""
_UPDATE_DEBT = Sql("""
    UPDATE debts SET remaining = :remaining, is_open = :is_open
    WHERE id = :id AND remaining = :was
""")
_INSERT_DEBT = Sql("""
    INSERT INTO debts (account_id, deed_id, order_id, amount, remaining, is_open, taken_back)
    VALUES (:account, :deed, :order_id, :amount, :amount, 1, :taken_back)
""")
_INSERT_PAYMENTS = InsertRows("debt_payments", "debt_id", "seq")
_INSERT_ENTRIES = InsertRows(
    "entries",
    "account_id", "seq", "line", "deed_id", "book", "credit_type_id", "qty", "value",
    "lot_id", "debt_id", "kind", "order_id", "reverses_id", "actor_id", "booked_at",
    "balance_after", "floor", "opens", "hash", prepare=1,
)  # fmt: skip
_UPDATE_ACCOUNT = Sql(
    """
    UPDATE accounts SET balance = balance + :change, debt = :debt, seq = :seq, last_hash = :hash,
           moved_at = :at, version = version + 1, current_lot_id = :lot
    WHERE id = :id AND seq = :before AND balance - held + :change >= :least
""",
    prepare=True,
)
_NO_LEAST = -(2**62)
_TO_COME = "?"
"""Stands for the number of a deed that is written in the same packet."""
_ROWS_AT_ONCE = 500


@dataclass(slots=True)
class Leg:
    """One row of a movement: what it does to the account; the book takes the other sign."""

    book: Book
    qty: int
    value: int = 0
    lot_id: int | None = None
    debt_id: int | None = None
    order_id: int | None = None
    opens: str | None = None


@dataclass(slots=True)
class Movement:
    """What is going to happen to an account under its lock; nothing of it is written yet.

    `lots` and `debts` are those whose rows change. `owed` is what no lot covers. `next_lot` is
    the open lot that burns first afterwards, None where it must be looked up.
    """

    wallet: Wallet
    kind: EntryKind
    legs: list[Leg] = field(default_factory=list)
    lots: list[LotState] = field(default_factory=list)
    debts: list[DebtState] = field(default_factory=list)
    owed: int = 0
    next_lot: LotState | None = None
    reverses_id: int | None = None

    @property
    def account_id(self) -> int:
        """The account that it moves."""
        return self.wallet.id

    @property
    def first_seq(self) -> int:
        """The number of its first entry: for the deed that carries it."""
        return self.wallet.seq + 1

    @property
    def entries(self) -> int:
        """How many entries it has: for the deed that carries it."""
        return len(self.legs)

    @property
    def change(self) -> int:
        """What it does to the balance."""
        return sum(leg.qty for leg in self.legs)

    @property
    def parts(self) -> list[tuple[int, int]]:
        """Lots and amounts, without sign, in the order of its entries."""
        return [(leg.lot_id, abs(leg.qty)) for leg in self.legs if leg.lot_id is not None]

    @property
    def left(self) -> tuple[int, int]:
        """Balance and what may be debited, once it is booked and debts that it pays are paid."""
        balance = self.wallet.balance + self.change
        return balance, balance - self.wallet.held - self.wallet.floor

    @property
    def after(self) -> Figures:
        """The account's figures once it is booked, and debts that it brings credit for are paid."""
        return figures_of(
            balance=self.left[0],
            held=self.wallet.held,
            floor=self.wallet.floor,
            scale=self.wallet.scale,
        )


def book(
    connection: Carrier,
    movement: Movement,
    deed_id: int,
    *,
    actor_id: int | None,
    order_id: int | None = None,
) -> None:
    """Write a movement down under the deed that carries it.

    The deed's row is there already and has the movement's `account_id`, `first_seq` and
    `entries`. Busy if the account is not as it was when it was locked.
    """
    _write_debts(connection, movement, deed_id, order_id)
    rows, last_hash = _rows(movement, _Origin(deed_id, order_id, actor_id))
    _write(connection, movement, rows, last_hash)
    _booked(movement, last_hash)


def book_under(
    connection: Carrier,
    deed: Ready,
    movement: Movement,
    *,
    actor_id: int | None,
    order_id: int | None = None,
) -> int:
    """Write the deed and its movement down; return the deed's number.

    In one packet where there is one entry: nothing else is then asked while the account is locked.
    The server puts the deed's number, which nobody knows yet, into the entry and what seals it.
    """
    if movement.entries != 1 or movement.owed or not takes_packets(connection):
        deed_id = send(connection, deed).lastrowid
        book(connection, movement, deed_id, actor_id=actor_id, order_id=order_id)
        return deed_id
    (leg,) = movement.legs
    to_come = _Origin(_TO_COME, order_id, actor_id)
    row, form = _entry(movement, leg, to_come, 0, movement.wallet.balance + leg.qty)
    seal_ = _sealed_by_server(movement.wallet.last_hash, form)
    deed_id = _write(connection, movement, [(*row, seal_)], seal_, deed)[0].lastrowid
    _booked(movement, seal(movement.wallet.last_hash, form.replace(_TO_COME, str(deed_id))))
    return deed_id


def _sealed_by_server(previous: bytes, form: str) -> Expression:
    """Return what makes the hash of a row whose deed has its number only in the packet."""
    before, after = form.split(_TO_COME)
    sealed = f"{literal(previous)}, {literal(before)}, {LAST_NUMBER.text}, {literal(after)}"
    return Expression(f"UNHEX(SHA2(CONCAT({sealed}), 256))")


def _booked(movement: Movement, last_hash: bytes) -> None:
    """Let the wallet stand as its row stands now."""
    wallet = movement.wallet
    wallet.seq += movement.entries
    wallet.balance += movement.change
    wallet.last_hash = last_hash
    wallet.current = movement.next_lot


def legs_of_uses(book_: Book, uses: Iterable[Use], debt_id: int | None = None) -> list[Leg]:
    """Return the rows that take credit out of lots."""
    return [Leg(book_, -use.amount, -use.value, lot_id=use.lot.id, debt_id=debt_id) for use in uses]


def _write(
    connection: Carrier,
    movement: Movement,
    rows: list[tuple[object, ...]],
    last_hash: bytes | Expression,
    *first: Ready,
) -> list[Ran]:
    """Write lots, entries and last the account; Busy unless each guarded row was as it was.

    What comes `first` travels with them, and so does what it brought come back first.
    """
    parts = [rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE)]
    lots = [_lot_written(connection, lot) for lot in movement.lots]
    entries = [_INSERT_ENTRIES.ready(connection, part) for part in parts]
    account = _account_written(connection, movement, last_hash)
    written = send_together(connection, [*first, *lots, *entries, account])
    for guarded in (*written[len(first) : len(first) + len(lots)], written[-1]):
        _insist(guarded.rowcount)
    for lot in movement.lots:
        lot.was = (lot.remaining, lot.used)
    return written


def _lot_written(connection: Carrier, lot: LotState) -> Ready:
    was_remaining, was_used = lot.was
    values = {
        "id": lot.id,
        "remaining": lot.remaining,
        "used": lot.used,
        "expired": lot.expired,
        "gone": lot.gone,
        "moved": lot.moved,
        "was_remaining": was_remaining,
        "was_used": was_used,
    }
    if (lot.remaining > 0) == (was_remaining > 0):
        return _UPDATE_LOT.ready(connection, **values)
    return _TURN_LOT.ready(connection, **values, is_open=int(lot.remaining > 0))


def _write_debts(
    connection: Carrier, movement: Movement, deed_id: int, order_id: int | None
) -> None:
    wallet = movement.wallet
    for debt in movement.debts:
        written = _UPDATE_DEBT.run(
            connection,
            id=debt.id,
            remaining=debt.remaining,
            is_open=int(debt.remaining > 0),
            was=debt.was,
        )
        _insist(written.rowcount)
        wallet.debt += debt.remaining - debt.was
        debt.was = debt.remaining
    if movement.owed:
        made = _INSERT_DEBT.run(
            connection,
            account=wallet.id,
            deed=deed_id,
            order_id=order_id,
            amount=movement.owed,
            taken_back=int(movement.kind is EntryKind.REVERSAL),
        )
        leg = Leg(Book.DEBT, -movement.owed, debt_id=int(made.lastrowid))
        movement.legs = [leg if old.book is Book.DEBT else old for old in movement.legs]
        wallet.debt += movement.owed
    if movement.kind is EntryKind.SETTLEMENT:
        paid = [
            (leg.debt_id, wallet.seq + number)
            for number, leg in enumerate(movement.legs, 1)
            if leg.lot_id is not None
        ]
        for start in range(0, len(paid), _ROWS_AT_ONCE):
            _INSERT_PAYMENTS.run(connection, paid[start : start + _ROWS_AT_ONCE])


class _Origin(NamedTuple):
    """What stands behind all entries of a movement; `deed` is its number, or _TO_COME."""

    deed: int | str
    order_id: int | None
    actor_id: int | None


def _rows(movement: Movement, origin: _Origin) -> tuple[list[tuple[object, ...]], bytes]:
    balance, chain = movement.wallet.balance, movement.wallet.last_hash
    rows: list[tuple[object, ...]] = []
    for line, leg in enumerate(movement.legs):
        balance += leg.qty
        row, form = _entry(movement, leg, origin, line, balance)
        chain = seal(chain, form)
        rows.append((*row, chain))
    return rows, chain


def _entry(
    movement: Movement, leg: Leg, origin: _Origin, line: int, balance: int
) -> tuple[tuple[object, ...], str]:
    """Return an entry but for its hash, and the form that is sealed."""
    wallet, kind, deed = movement.wallet, movement.kind.value, origin.deed
    seq, order, actor = wallet.seq + 1 + line, leg.order_id or origin.order_id, origin.actor_id
    booked, reverses = text_of_moment(wallet.at), movement.reverses_id
    row = (
        wallet.id, seq, line, LAST_NUMBER if deed is _TO_COME else deed, leg.book.value,
        wallet.credit_type_id, leg.qty, leg.value, leg.lot_id, leg.debt_id, kind, order, reverses,
        actor, booked, balance, wallet.floor, leg.opens,
    )  # fmt: skip
    form = (
        f"{wallet.id}|{seq}|{line}|{deed}|{leg.book}|{wallet.credit_type_id}|{leg.qty}"
        f"|{leg.value}|{leg.lot_id or 0}|{leg.debt_id or 0}|{kind}|{order or 0}"
        f"|{reverses or 0}|{actor or 0}|{booked}|{balance}|{wallet.floor}"
        f"|{leg.opens or ''}"
    )
    return row, form


def _account_written(
    connection: Carrier, movement: Movement, last_hash: bytes | Expression
) -> Ready:
    wallet = movement.wallet
    is_debit = movement.kind is EntryKind.DEBIT
    return _UPDATE_ACCOUNT.ready(
        connection,
        id=wallet.id,
        change=movement.change,
        debt=wallet.debt,
        seq=wallet.seq + movement.entries,
        hash=last_hash,
        at=text_of_moment(wallet.at),
        lot=movement.next_lot.id if movement.next_lot else None,
        before=wallet.seq,
        least=wallet.floor if is_debit else _NO_LEAST,
    )


def _insist(rows: int) -> None:
    """Exactly one row was written, or someone moved the account beside the lock."""
    if rows != 1:
        raise Busy
