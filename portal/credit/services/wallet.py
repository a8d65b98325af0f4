"""An account under its lock, and the statements that read its lots and debts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from portal.clock import day_of
from portal.credit.rules.figures import Figures, figures_of
from portal.credit.rules.lots import LotState
from portal.db import Sql, as_day, as_moment
from portal.errors import NotFound
from portal.wire import Carrier, Ran, Ready, send, unpacked

_LOT = "id, kind_rank, face, paid, remaining, used, expired, gone, moved, expires_on"
_LOCK = f"""
    SELECT json_array(a.credit_type_id, a.scale, a.balance, a.held, a.debt, a.floor, a.seq,
        hex(a.last_hash), a.moved_at, a.current_lot_id,
        {", ".join("l." + name for name in _LOT.split(", "))})
    FROM accounts a LEFT JOIN lots l ON l.id = a.current_lot_id WHERE a.id = :account
"""  # noqa: S608 - names from code
_LOCK_SQLITE = Sql(_LOCK)
_LOCK_MARIADB = Sql(_LOCK + " FOR UPDATE", prepare=True)
OPEN_LOTS = Sql(f"""
    SELECT {_LOT} FROM lots WHERE account_id = :account AND is_open = 1
    ORDER BY expires_on, kind_rank, id LIMIT :many OFFSET :past
""")  # noqa: S608 - names from code
_DEAD_LOTS = Sql(f"""
    SELECT {_LOT} FROM lots WHERE account_id = :account AND is_open = 1 AND expires_on < :day
    ORDER BY expires_on, kind_rank, id LIMIT :many
""")  # noqa: S608 - names from code
_LOT_OF = Sql(f"SELECT {_LOT} FROM lots WHERE id = :lot AND account_id = :account")  # noqa: S608 - names from code
_OPEN_DEBTS = Sql("""
    SELECT id, remaining, order_id, taken_back FROM debts
    WHERE account_id = :account AND is_open = 1 ORDER BY id LIMIT :many OFFSET :past
""")
_FIRST_CHUNK = 4
_LARGEST_CHUNK = 1000


@dataclass(slots=True)
class DebtState:
    """A debt as it stands while its account is locked."""

    id: int
    remaining: int
    order_id: int | None
    was: int
    taken_back: bool = False


@dataclass(slots=True)
class Wallet:
    """An account under its lock, kept true by each movement that is booked on it.

    `at` is the instant of what is booked now: never before the last movement. `current` is the
    open lot that burns first, None where it must be looked up.
    """

    id: int
    credit_type_id: int
    scale: int
    balance: int
    held: int
    debt: int
    floor: int
    seq: int
    last_hash: bytes
    at: datetime
    day: date
    current: LotState | None

    @property
    def in_lots(self) -> int:
        """What its open lots hold."""
        return self.balance + self.debt

    @property
    def available(self) -> int:
        """What may be debited; below zero after the limit was lowered."""
        return self.balance - self.held - self.floor

    @property
    def figures(self) -> Figures:
        """Its figures, once what is past its day has been booked."""
        return figures_of(balance=self.balance, held=self.held, floor=self.floor, scale=self.scale)


def lock(connection: Carrier, account_id: int, at: datetime) -> Wallet:
    """Lock an account until the transaction ends; NotFound if there is none."""
    return locked(account_id, send(connection, locking(connection, account_id)), at)


def locking(connection: Carrier, account_id: int) -> Ready:
    """Return the statement that locks an account; what it brings is for `locked`.

    SQLite has no FOR UPDATE: there the transaction began as the only writer.
    """
    sqlite = connection.dialect.name == "sqlite"
    statement = _LOCK_SQLITE if sqlite else _LOCK_MARIADB
    return statement.ready(connection, account=account_id)


def locked(account_id: int, found: Ran, at: datetime) -> Wallet:
    """Read what the lock brought; NotFound if there is no such account."""
    rows = unpacked(found)
    if not rows:
        raise NotFound
    row = rows[0]
    moved_at = as_moment(row[8]) if row[8] is not None else None
    moment = max(at, moved_at) if moved_at else at
    return Wallet(
        id=account_id,
        credit_type_id=row[0],
        scale=row[1],
        balance=row[2],
        held=row[3],
        debt=row[4],
        floor=row[5],
        seq=row[6],
        last_hash=bytes.fromhex(row[7]),
        at=moment.astimezone(UTC),
        day=day_of(moment),
        current=_lot(row[10:]) if row[10] is not None and row[14] > 0 else None,
    )


def open_lots(connection: Carrier, wallet: Wallet, chunk: int = _FIRST_CHUNK) -> Iterator[LotState]:
    """Yield open lots in burning order, reading no more of them than are asked for.

    The first one comes from the lock where it is known; then they come in chunks that grow.
    """
    left = wallet.in_lots
    past = 0
    if wallet.current is not None:
        left -= wallet.current.remaining
        past = 1
        yield wallet.current
    while left > 0:
        found = OPEN_LOTS.run(connection, account=wallet.id, many=chunk, past=past).fetchall()
        for row in found:
            lot = _lot(row)
            left -= lot.remaining
            yield lot
        if len(found) < chunk:
            return
        past += chunk
        chunk = min(chunk * 4, _LARGEST_CHUNK)


def dead_lots(connection: Carrier, wallet: Wallet, many: int) -> list[LotState]:
    """Return open lots past their day."""
    found = _DEAD_LOTS.run(connection, account=wallet.id, day=wallet.day, many=many)
    return [_lot(row) for row in found]


def lot_of(connection: Carrier, wallet: Wallet, lot_id: int) -> LotState:
    """Return one lot of the account, open or not."""
    return _lot(_LOT_OF.run(connection, lot=lot_id, account=wallet.id).one())


def open_debts(connection: Carrier, wallet: Wallet) -> Iterator[DebtState]:
    """Yield what is still owed, oldest first."""
    past, chunk = 0, _FIRST_CHUNK
    while True:
        found = _OPEN_DEBTS.run(connection, account=wallet.id, many=chunk, past=past).fetchall()
        for number, remaining, order_id, taken_back in found:
            yield DebtState(number, remaining, order_id, remaining, bool(taken_back))
        if len(found) < chunk:
            return
        past += chunk
        chunk = min(chunk * 4, _LARGEST_CHUNK)


def _lot(row: Any) -> LotState:
    number, rank, face, paid, remaining, used, expired, gone, moved, expires_on = row
    last_day, was = as_day(expires_on), (remaining, used)
    return LotState(number, rank, face, paid, remaining, used, expired, gone, moved, last_day, was)
