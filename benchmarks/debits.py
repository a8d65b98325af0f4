"""Debits: an account with a million entries, or a hundred thousand lots, against an empty one.

Whole debits with their deed, entry and guarded update; every account is used alike, in turns.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from benchmarks import world
from benchmarks.orders_inside import seller
from benchmarks.table import Row, interleaved, p50
from portal.clock import now
from portal.credit.rules.journal import seal
from portal.credit.services.debits import Reference, debit
from portal.db import Sql
from portal.transactions import transact
from portal.wire import text_of_moment

NAME = "repasse_bench_debits"
ENTRIES, LOTS = 1_000_000, 100_000
ROUNDS, EACH = 25, 40
EMPTY, OLD, USED_UP, FULL = 1, 2, 3, 4

_ACCOUNT = Sql("SELECT id, seq, last_hash, balance FROM accounts WHERE service_point_id = :point")
_MOVE_END = Sql("UPDATE accounts SET seq = :seq, last_hash = :hash WHERE id = :account")
_ADD = Sql(
    "UPDATE accounts SET balance = balance + :more, current_lot_id = NULL WHERE id = :account"
)
_ENTRY = (
    "account_id", "seq", "line", "deed_id", "book", "credit_type_id", "qty", "value", "lot_id",
    "kind", "booked_at", "balance_after", "floor", "hash",
)  # fmt: skip
_DEED = (
    "id", "at", "address", "request_id", "action", "entity_type", "entity_id", "account_id",
    "first_seq", "entries", "send_state",
)  # fmt: skip
_DEEDS_FROM = 10_000_000
"""Above the numbers of deeds that were really done."""
_LOT = (
    "account_id", "kind", "kind_rank", "face", "paid", "remaining", "used", "expired", "gone",
    "moved", "expires_on", "origin", "granted_at", "is_open",
)  # fmt: skip


def run() -> Iterator[Row]:
    """Measure each account against the empty one in turns."""
    app = world.portal_on(world.fresh(NAME))
    world.fill(app, world.Size(points=4, tables=1, products=10))
    with app.app_context():
        for first in range(0, ENTRIES, 100_000):
            transact(age, OLD, first, 100_000)
        transact(_add_lots, USED_UP, is_open=0)
        transact(_add_lots, FULL, is_open=1)
    empty = _debiting(app, EMPTY)
    for point, what in (
        (OLD, "1,000,000 entries"),
        (USED_UP, "100,000 lots used up"),
        (FULL, "100,000 live lots"),
    ):
        ours, floor = interleaved(_debiting(app, point), empty, rounds=ROUNDS, each=EACH)
        yield Row(f"debit, {what}", p50(ours) * 1e3, p50(floor) * 1e3, "ms", 1.15)
    world.drop(NAME)


def _debiting(app: Flask, point: int) -> Callable[[], None]:
    by, reference = seller(), Reference("manual")
    with app.app_context():
        account = transact(lambda session: _account(session, point)[0])

    def take() -> None:
        with app.app_context():
            transact(
                debit, account_id=account, service_point_id=point, amount=1, reference=reference,
                by=by, at=now(),
            )  # fmt: skip

    return take


def _account(session: Session, point: int) -> tuple[Any, ...]:
    return _ACCOUNT.run(session.connection(), point=point).one()


def age(session: Session, point: int, first: int, many: int) -> None:
    """Append entries that move nothing, each with its deed, chained as they must be."""
    connection = session.connection()
    account, seq, last_hash, balance = _account(session, point)
    at = text_of_moment(now())
    start = _DEEDS_FROM * (1 + point) + first
    world.rows(
        connection, "deeds", _DEED,
        ((start + n, at, "", "", "credit.debited", "account", str(account), account, seq + 1 + n, 1,
          0) for n in range(many)),
    )  # fmt: skip

    def rows() -> Iterable[tuple[Any, ...]]:
        nonlocal seq, last_hash
        for number in range(start, start + many):
            seq += 1
            form = f"{account}|{seq}|0|{number}|consumed|1|0|0|0|0|debit|0|0|0|{at}|{balance}|0|"
            last_hash = seal(bytes(last_hash), form)
            yield (
                account,
                seq,
                0,
                number,
                "consumed",
                1,
                0,
                0,
                None,
                "debit",
                at,
                balance,
                0,
                last_hash,
            )

    world.rows(connection, "entries", _ENTRY, rows())
    _MOVE_END.run(connection, seq=seq, hash=last_hash, account=account)


def _add_lots(session: Session, point: int, *, is_open: int) -> None:
    """Add lots of one real each, all live or all used up."""
    connection = session.connection()
    account, at = _account(session, point)[0], text_of_moment(now())
    rest, used = (100, 0) if is_open else (0, 100)
    begin = date(2030, 1, 1)
    world.rows(
        connection, "lots", _LOT,
        ((account, "paid", 1, 100, 100, rest, used, 0, 0, 0, begin + timedelta(days=at_ % 300),
          "grant", at, is_open) for at_ in range(LOTS)),
    )  # fmt: skip
    _ADD.run(connection, more=LOTS * rest, account=account)
