"""How the portal talks to real databases: durability, deadlocks, a fair queue of writers."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.orm import Session

from portal.catalogue.models import Issuer
from portal.db import Sql
from portal.extensions import db
from portal.transactions import read, transact, transact_on_connection
from portal.turns import FairQueue
from portal.wire import Carrier
from tests.databases import MariaDatabase, Server

_ADD_ISSUER = Sql("INSERT INTO issuers (code, name, active, version) VALUES ('AC', 'AC', 1, 1)")


def count_issuers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Issuer)) or 0


# Connections


def test_sqlite_is_durable_strict_and_waits(sqlite_app: Flask) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 10000,
    }

    with sqlite_app.app_context(), db.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    assert found == wanted


def test_mariadb_reads_what_is_committed_and_waits_ten_seconds(mariadb_app: Flask) -> None:
    asked = "SELECT @@tx_isolation, @@innodb_lock_wait_timeout, @@character_set_client"

    with mariadb_app.app_context(), db.engine.connect() as connection:
        found = connection.exec_driver_sql(asked).one()

    assert tuple(found) == ("READ-COMMITTED", 10, "utf8mb4")


def test_a_deed_on_sqlite_begins_as_the_only_writer_and_a_look_does_not(sqlite_app: Flask) -> None:
    said: list[str] = []

    def listen(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        with sqlite_app.app_context():
            transact(count_issuers)
            read(count_issuers)
    finally:
        event.remove(Engine, "before_cursor_execute", listen)

    assert [statement for statement in said if statement.startswith("BEGIN")] == [
        "BEGIN IMMEDIATE",
        "BEGIN",
    ]


# The queue of SQLite's writers


def test_writers_come_in_the_order_in_which_they_arrived() -> None:
    queue = FairQueue()
    done: list[int] = []
    threads = [threading.Thread(target=_take_turn, args=(queue, done, n)) for n in range(8)]

    with queue:
        for number, thread in enumerate(threads):
            thread.start()
            _until(lambda count=number + 1: _waiting(queue) == count)
    for thread in threads:
        thread.join()

    assert done == list(range(8))


def test_a_writer_that_fails_calls_the_next_one() -> None:
    queue = FairQueue()
    done: list[int] = []
    next_one = threading.Thread(target=_take_turn, args=(queue, done, 1))

    def stumble() -> None:
        with queue:
            next_one.start()
            _until(lambda: _waiting(queue) == 1)
            raise KeyError

    with pytest.raises(KeyError):
        stumble()
    next_one.join(timeout=5)

    assert done == [1]
    assert _waiting(queue) == 0


def test_one_writer_at_a_time_writes_to_sqlite(sqlite_app: Flask) -> None:
    inside: list[int] = []
    most: list[int] = []

    def write(session: Session, number: int) -> None:
        inside.append(number)
        most.append(len(inside))
        session.add(Issuer(code=f"AC-{number}", name="Issuer"))
        session.flush()
        inside.remove(number)

    def work(number: int) -> None:
        with sqlite_app.app_context():
            transact(write, number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(most) == {1}
    with sqlite_app.app_context():
        assert read(count_issuers) == 16


@pytest.fixture
def unwatched(sqlite_app: Flask) -> Iterator[Flask]:
    """An application whose statements nobody listens to: they travel as those of a server do."""
    with sqlite_app.app_context():
        heard = [*db.engine.dispatch.before_cursor_execute]
        assert heard == []
        db.engine.dispose()
        yield sqlite_app
        db.engine.dispose()


def _travelled() -> Any:
    return transact_on_connection(lambda carrier: carrier.driver)


def test_writers_on_sqlite_share_a_connection(unwatched: Flask) -> None:
    assert _travelled() is _travelled()


def test_a_connection_on_which_a_writer_failed_is_not_kept_in_a_transaction(
    unwatched: Flask,
) -> None:
    def stumble(carrier: Carrier) -> None:
        _ADD_ISSUER.run(carrier)
        raise KeyError

    with pytest.raises(KeyError):
        transact_on_connection(stumble)

    assert not _travelled().in_transaction
    assert read(count_issuers) == 0
    transact_on_connection(_ADD_ISSUER.run)
    assert read(count_issuers) == 1


def test_the_connection_of_writers_is_closed_with_all_others(unwatched: Flask) -> None:
    """Closed later, it would take the `-wal` of whatever file stands in its place by then."""
    before = _travelled()

    db.engine.dispose()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        before.execute("SELECT 1")
    assert _travelled() is not before


def test_a_writer_whose_pool_goes_meanwhile_keeps_no_connection(unwatched: Flask) -> None:
    def write(carrier: Carrier) -> Any:
        _ADD_ISSUER.run(carrier)
        db.engine.dispose()
        return carrier.driver

    driver = transact_on_connection(write)

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        driver.execute("SELECT 1")
    assert read(count_issuers) == 1


def _take_turn(queue: FairQueue, done: list[int], number: int) -> None:
    with queue:
        done.append(number)


def _waiting(queue: FairQueue) -> int:
    return len(queue._waiting)  # noqa: SLF001 - nothing else tells how many wait


def _until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(5000):
        if holds():
            return
        pause.wait(0.001)
    pytest.fail("it never came to that")


# Real servers


def test_two_who_lock_crosswise_both_get_through(mariadb_app: Flask) -> None:
    with mariadb_app.app_context():
        transact(_store_two)
    both_hold_one = threading.Barrier(2, timeout=20)
    tries: list[str] = []

    def cross(first: str, second: str) -> None:
        with mariadb_app.app_context():
            transact(_rename_both, first, second, tries, both_hold_one)

    threads = [
        threading.Thread(target=cross, args=pair) for pair in (("AC-1", "AC-2"), ("AC-2", "AC-1"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(tries) == 3, "one of the two was the deadlock's victim, and tried again"
    with mariadb_app.app_context():
        assert read(_versions) == {3}


def _store_two(session: Session) -> None:
    session.add_all(Issuer(code=code, name=code) for code in ("AC-1", "AC-2"))


def _versions(session: Session) -> set[int]:
    return set(session.scalars(select(Issuer.version)))


def _rename_both(
    session: Session, first: str, second: str, tries: list[str], both: threading.Barrier
) -> None:
    tries.append(first)
    bump = text("UPDATE issuers SET version = version + 1 WHERE code = :code")
    session.execute(bump, {"code": first})
    if len(tries) <= 2:
        both.wait()
    session.execute(bump, {"code": second})


def test_a_killed_connection_is_replaced(
    mariadb_app: Flask, mariadb_server: Server, mariadb_database: MariaDatabase
) -> None:
    killed: list[int] = []

    def stumble(session: Session) -> None:
        number = session.scalar(text("SELECT CONNECTION_ID()"))
        if not killed:
            killed.append(int(number or 0))
            with mariadb_server.connect() as other, other.cursor() as cursor:
                cursor.execute(f"KILL {killed[0]}")
        session.add(Issuer(code="AC-ONE", name="Issuer One"))
        session.flush()

    with mariadb_app.app_context():
        transact(stumble)

        assert read(count_issuers) == 1
        assert read(lambda session: session.scalar(text("SELECT CONNECTION_ID()"))) != killed[0]
