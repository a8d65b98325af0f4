"""The journal read from end to end, account by account, each row against the one before it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from pymysql.cursors import SSCursor
from sqlalchemy import Connection

from portal.credit.queries.verification.report import Check
from portal.credit.rules.journal import FIRST_HASH, FORM
from portal.db import Sql, as_moment
from portal.wire import text_of_moment

_NULLABLE = {"lot_id", "debt_id", "order_id", "reverses_id", "actor_id"}
_ENDS = Sql("SELECT id, credit_type_id, balance, debt, seq, last_hash, moved_at FROM accounts")
_ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class End:
    """What an account says about the end of its chain."""

    credit_type_id: int
    balance: int
    debt: int
    seq: int
    last_hash: bytes
    moved_at: datetime | str | None


@dataclass(slots=True)
class _Reached:
    """How far an account has been read."""

    credit_type: bytes
    seq: int = 0
    balance: int = 0
    debt: int = 0
    hash: bytes = FIRST_HASH
    booked: bytes = b""
    deed: bytes = b""
    line: int = -1


@dataclass(slots=True)
class _Checks:
    running: Check = field(
        default_factory=lambda: Check("I2", "balances are the sums of their entries")
    )
    floors: Check = field(
        default_factory=lambda: Check("I4", "no debit went below the limit of its time")
    )
    chain: Check = field(default_factory=lambda: Check("I9", "the chain of hashes is whole"))


def check_chain(connection: Connection) -> list[Check]:
    """Read every entry in order: numbers, instants, running balances, limits and hashes."""
    checks = _Checks()
    ends = {row[0]: End(*row[1:]) for row in _ENDS.run(connection)}
    reached: dict[int, _Reached] = {}
    _walk(_stream(connection), ends, reached, checks)
    for account_id, end in ends.items():
        _compare(account_id, end, reached.get(account_id), checks)
    return [checks.running, checks.floors, checks.chain]


def _walk(
    rows: Iterable[tuple[bytes, bytes]],
    ends: dict[int, End],
    reached: dict[int, _Reached],
    checks: _Checks,
) -> None:
    account, at = b"", _Reached(b"")
    chain, running, floors = checks.chain, checks.running, checks.floors
    count = debits = 0
    digest = sha256
    for stored, form in rows:
        count += 1
        (number, seq, line, deed, _book, kind_of_credit, qty, _value, lot, _debt, kind, _order,
         _reverses, _actor, booked, balance, floor, _opens) = form.split(b"|")  # fmt: skip
        if number != account:
            account = number
            end = ends.get(int(number))
            at = _Reached(b"%d" % end.credit_type_id if end else b"")
            reached[int(number)] = at
        if digest(at.hash + form).digest() != stored:
            chain.fault(f"account {_text(number)} entry {_text(seq)}: the hash does not fit")
        if int(seq) != at.seq + 1 or booked < at.booked or kind_of_credit != at.credit_type:
            chain.fault(f"account {_text(number)} entry {_text(seq)}: out of order")
        if int(line) != (at.line + 1 if deed == at.deed else 0):
            chain.fault(f"account {_text(number)} entry {_text(seq)}: torn transaction")
        change = int(qty)
        left = int(balance)
        if left != at.balance + change:
            running.fault(f"account {_text(number)} entry {_text(seq)}: the balance jumps")
        if kind == b"debit":
            debits += 1
            if left < int(floor):
                floors.fault(f"account {_text(number)} entry {_text(seq)}: below the limit")
        if lot == b"0":
            at.debt -= change
        at.seq, at.balance, at.hash, at.booked = int(seq), left, stored, booked
        at.deed, at.line = deed, int(line)
    chain.looked_at = running.looked_at = count
    floors.looked_at = debits


def _compare(account_id: int, end: End, at: _Reached | None, checks: _Checks) -> None:
    at = at or _Reached(b"")
    moved = text_of_moment(as_moment(end.moved_at)).encode() if end.moved_at else b""
    if end.balance != at.balance:
        checks.running.fault(f"account {account_id}: balance {end.balance}, entries {at.balance}")
    if end.debt != at.debt:
        checks.running.fault(f"account {account_id}: debt {end.debt}, entries {at.debt}")
    if (end.seq, end.last_hash, moved) != (at.seq, at.hash, at.booked):
        checks.chain.fault(f"account {account_id}: it ends elsewhere than its chain")


def _stream(connection: Connection) -> Iterator[tuple[bytes, bytes]]:
    """Read the journal without holding it: the sealed form is put together by the database."""
    driver: Any = connection.connection.driver_connection
    mariadb = connection.dialect.name != "sqlite"
    names = [f"COALESCE({name}, 0)" if name in _NULLABLE else name for name in FORM[:-1]]
    names.append("COALESCE(opens, '')")
    if mariadb:
        form = f"CAST(CONCAT_WS('|', {', '.join(names)}) AS BINARY)"
    else:
        joined = " || '|' || ".join(names)
        form = f"CAST({joined} AS BLOB)"
    cursor = driver.cursor(SSCursor) if mariadb else driver.cursor()
    cursor.execute(f"SELECT hash, {form} FROM entries ORDER BY account_id, seq")  # noqa: S608 - names from code
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        yield from rows
    cursor.close()


def _text(value: bytes) -> str:
    return value.decode("ascii", "replace")
