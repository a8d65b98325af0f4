"""Writing a movement down: lots, entries, and last the account under its condition."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from portal.credit.models import Book, EntryKind
from portal.credit.rules.figures import Figures, figures_of
from portal.credit.rules.journal import seal, text_of_moment
from portal.credit.rules.lots import LotState, Use
from portal.credit.services.wallet import DebtState, Wallet
from portal.db import InsertRows, Ready, Sql, send_together
from portal.errors import Busy

_UPDATE_LOT = Sql("""
    UPDATE lots SET remaining = :remaining, used = :used, expired = :expired, gone = :gone,
           moved = :moved, is_open = :is_open
    WHERE id = :id AND remaining = :was_remaining AND used = :was_used
""")
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
    "balance_after", "floor", "opens", "hash",
)  # fmt: skip
_UPDATE_ACCOUNT = Sql("""
    UPDATE accounts SET balance = balance + :change, debt = :debt, seq = :seq, last_hash = :hash,
           moved_at = :at, version = version + 1, current_lot_id = :lot
    WHERE id = :id AND seq = :before AND balance - held + :change >= :least
""")
_NO_LEAST = -(2**62)
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
    def after(self) -> Figures:
        """The account's figures once it is booked, and debts that it brings credit for are paid."""
        return figures_of(
            balance=self.wallet.balance + self.change,
            held=self.wallet.held,
            floor=self.wallet.floor,
            scale=self.wallet.scale,
        )


def book(
    connection: Connection,
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
    wallet = movement.wallet
    _write_debts(connection, movement, deed_id, order_id)
    rows, last_hash = _rows(movement, deed_id, order_id, actor_id)
    _write(connection, movement, rows, last_hash)
    wallet.seq += len(rows)
    wallet.balance += movement.change
    wallet.last_hash = last_hash
    wallet.current = movement.next_lot


def legs_of_uses(book_: Book, uses: Iterable[Use], debt_id: int | None = None) -> list[Leg]:
    """Return the rows that take credit out of lots."""
    return [Leg(book_, -use.amount, -use.value, lot_id=use.lot.id, debt_id=debt_id) for use in uses]


def _write(
    connection: Connection, movement: Movement, rows: list[tuple[object, ...]], last_hash: bytes
) -> None:
    """Write lots, entries and last the account; Busy unless each guarded row was as it was."""
    lots = [_lot_written(connection, lot) for lot in movement.lots]
    parts = [rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE)]
    entries = [_INSERT_ENTRIES.ready(connection, part) for part in parts]
    account = _account_written(connection, movement, last_hash)
    written = send_together(connection, [*lots, *entries, account])
    for guarded in (*written[: len(lots)], written[-1]):
        _insist(guarded.rowcount)
    for lot in movement.lots:
        lot.was = (lot.remaining, lot.used)


def _lot_written(connection: Connection, lot: LotState) -> Ready:
    was_remaining, was_used = lot.was
    return _UPDATE_LOT.ready(
        connection,
        id=lot.id,
        remaining=lot.remaining,
        used=lot.used,
        expired=lot.expired,
        gone=lot.gone,
        moved=lot.moved,
        is_open=int(lot.remaining > 0),
        was_remaining=was_remaining,
        was_used=was_used,
    )


def _write_debts(
    connection: Connection, movement: Movement, deed_id: int, order_id: int | None
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


def _rows(
    movement: Movement, deed_id: int, order_id: int | None, actor_id: int | None
) -> tuple[list[tuple[object, ...]], bytes]:
    wallet, kind = movement.wallet, movement.kind.value
    seq, balance, chain = wallet.seq, wallet.balance, wallet.last_hash
    booked, reverses = text_of_moment(wallet.at), movement.reverses_id
    rows: list[tuple[object, ...]] = []
    for line, leg in enumerate(movement.legs):
        seq += 1
        balance += leg.qty
        order = leg.order_id or order_id
        chain = seal(
            chain,
            f"{wallet.id}|{seq}|{line}|{deed_id}|{leg.book}|{wallet.credit_type_id}|{leg.qty}"
            f"|{leg.value}|{leg.lot_id or 0}|{leg.debt_id or 0}|{kind}|{order or 0}"
            f"|{reverses or 0}|{actor_id or 0}|{booked}|{balance}|{wallet.floor}"
            f"|{leg.opens or ''}",
        )
        rows.append(
            (wallet.id, seq, line, deed_id, leg.book.value, wallet.credit_type_id, leg.qty,
             leg.value, leg.lot_id, leg.debt_id, kind, order, reverses, actor_id, booked,
             balance, wallet.floor, leg.opens, chain)
        )  # fmt: skip
    return rows, chain


def _account_written(connection: Connection, movement: Movement, last_hash: bytes) -> Ready:
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
