"""The one place that opens, commits and repeats a transaction."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from portal import transactions
from portal.catalogue.models import Issuer
from portal.errors import Busy, Refused
from portal.extensions import db
from portal.transactions import FairQueue, read, transact, transact_keyed
from tests.databases import MariaDatabase, Server

BOTH = pytest.mark.engines("sqlite", "mariadb")
PASSING = sorted(transactions.GONE | transactions.LOST)
FINAL = (1062, 1264, 1690, 1451, 1452, 4025, 1146)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Do not wait between tries, but remember how long it would have been."""
    slept: list[float] = []
    monkeypatch.setattr(transactions.time, "sleep", slept.append)
    return slept


@pytest.fixture
def portal(app: Flask) -> Iterator[Flask]:
    """Stand inside the application, as a request or a command does."""
    with app.app_context():
        yield app


def fault(number: int) -> DBAPIError:
    """The error that the driver raises for a number of MariaDB's."""
    kind = pymysql.IntegrityError if number in {1062, 1451, 1452} else pymysql.OperationalError
    return OperationalError("INSERT", {}, kind(number, "planted"))


def count_issuers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Issuer)) or 0


class Deed:
    """Stores an issuer, and meets the planted faults first, one at each try."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.sessions: list[Session] = []

    def __call__(self, session: Session, code: str = "AC-ONE") -> str:
        self.sessions.append(session)
        session.add(Issuer(code=code, name="Issuer One"))
        session.flush()
        if self.faults:
            raise self.faults.pop(0)
        return code

    @property
    def tries(self) -> int:
        return len(self.sessions)


@pytest.fixture
def break_commit(portal: Flask) -> Iterator[Callable[..., list[int]]]:
    """Let COMMIT fail with these numbers in turn, before or after it has been done."""
    raised: list[int] = []
    left: list[tuple[int, bool]] = []

    def plan(*numbers: int, stored: bool = False) -> list[int]:
        left.extend((number, stored) for number in numbers)
        return raised

    def do_commit(connection: Any) -> None:
        number, stored = left.pop(0) if left else (None, True)
        if stored:
            usual(connection)
        if number is not None:
            raised.append(number)
            planted = fault(number)
            raise planted if dialect.name == "sqlite" else planted.orig or planted

    dialect = db.engine.dialect
    usual = dialect.do_commit
    dialect.do_commit = do_commit  # type: ignore[method-assign] # the fault is planted here
    yield plan
    dialect.do_commit = usual  # type: ignore[method-assign] # and taken out again


# One deed


@BOTH
def test_a_deed_is_committed_and_its_result_returned(portal: Flask) -> None:
    code = transact(Deed(), code="AC-TWO")

    assert code == "AC-TWO"
    assert read(count_issuers) == 1


@pytest.mark.parametrize("reason", [Refused(), ValueError("planted"), KeyboardInterrupt()])
def test_what_is_refused_leaves_nothing_behind(portal: Flask, reason: Exception) -> None:
    deed = Deed(reason)

    with pytest.raises(type(reason)):
        transact(deed)

    assert deed.tries == 1
    assert read(count_issuers) == 0


@BOTH
def test_reading_stores_nothing(portal: Flask) -> None:
    read(Deed())

    assert read(count_issuers) == 0


# Repeating


@pytest.mark.parametrize("number", PASSING)
def test_a_lost_transaction_is_repeated_whole_with_a_fresh_session(
    portal: Flask, number: int
) -> None:
    deed = Deed(fault(number), fault(number))

    transact(deed)

    assert deed.tries == 3
    assert len(set(map(id, deed.sessions))) == 3
    assert read(count_issuers) == 1


@pytest.mark.parametrize("number", FINAL)
def test_a_definite_no_is_not_repeated(portal: Flask, number: int) -> None:
    deed = Deed(fault(number))

    with pytest.raises(DBAPIError):
        transact(deed)

    assert deed.tries == 1
    assert read(count_issuers) == 0


def test_the_number_decides_and_not_the_class_of_the_error(portal: Flask) -> None:
    deadlock = IntegrityError("INSERT", {}, pymysql.IntegrityError(1213, "planted"))
    deed = Deed(deadlock)

    transact(deed)

    assert deed.tries == 2


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT, 262])
def test_a_busy_sqlite_is_asked_again(portal: Flask, code: int) -> None:
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = code
    deed = Deed(OperationalError("INSERT", {}, busy))

    transact(deed)

    assert deed.tries == 2


def test_a_full_disk_is_not_asked_again(portal: Flask) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    deed = Deed(OperationalError("INSERT", {}, full))

    with pytest.raises(OperationalError):
        transact(deed)

    assert deed.tries == 1


def test_tries_are_bounded_and_pauses_grow_to_a_second(portal: Flask, pauses: list[float]) -> None:
    deed = Deed(*[fault(1213) for _ in range(100)])

    with pytest.raises(Busy):
        transact(deed)

    assert deed.tries == transactions.TRIES
    assert pauses[0] <= 0.01
    assert 0.5 <= pauses[-1] <= 1.0
    assert read(count_issuers) == 0


def test_patience_is_bounded_too(portal: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 1000, 4))
    monkeypatch.setattr(transactions.time, "monotonic", lambda: next(seconds))
    deed = Deed(*[fault(1213) for _ in range(100)])

    with pytest.raises(Busy):
        transact(deed)

    assert deed.tries == 3


def test_looking_is_repeated_too(portal: Flask) -> None:
    deed = Deed(fault(2013))

    assert read(deed) == "AC-ONE"
    assert deed.tries == 2


# COMMIT


@BOTH
@pytest.mark.parametrize("number", [1213, 1205, 1020])
def test_a_transaction_lost_at_commit_is_repeated(
    portal: Flask, break_commit: Callable[..., list[int]], number: int
) -> None:
    break_commit(number)
    deed = Deed()

    transact(deed)

    assert deed.tries == 2
    assert read(count_issuers) == 1


@BOTH
@pytest.mark.parametrize("stored", [True, False])
def test_a_connection_lost_at_commit_is_unknown_and_not_repeated(
    portal: Flask, break_commit: Callable[..., list[int]], stored: bool
) -> None:
    break_commit(2013, stored=stored)
    deed = Deed()

    with pytest.raises(Busy):
        transact(deed)

    assert deed.tries == 1
    assert read(count_issuers) == int(stored)


@BOTH
@pytest.mark.parametrize("stored", [True, False])
def test_with_a_key_an_unknown_commit_is_repeated_and_done_once(
    portal: Flask, break_commit: Callable[..., list[int]], stored: bool
) -> None:
    break_commit(2013, stored=stored)
    tries: list[int] = []

    def once(session: Session) -> None:
        tries.append(count_issuers(session))
        if not tries[-1]:
            session.add(Issuer(code="AC-ONE", name="Issuer One"))

    transact_keyed(once)

    assert tries == [0, int(stored)]
    assert read(count_issuers) == 1


def test_a_rollback_that_fails_hides_nothing(
    portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any) -> None:
        raise pymysql.OperationalError(1213, "planted in ROLLBACK")

    read(count_issuers)
    monkeypatch.setattr(db.engine.dialect, "do_rollback", lost)
    deed = Deed(fault(1213))

    transact(deed)

    assert deed.tries == 2


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

    def stumble(session: Session) -> str:
        number = session.scalar(text("SELECT CONNECTION_ID()"))
        if not killed:
            killed.append(int(number or 0))
            with mariadb_server.connect() as other, other.cursor() as cursor:
                cursor.execute(f"KILL {killed[0]}")
        return Deed()(session)

    with mariadb_app.app_context():
        transact(stumble)

        assert read(count_issuers) == 1
        assert read(lambda session: session.scalar(text("SELECT CONNECTION_ID()"))) != killed[0]


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


def test_a_deed_on_sqlite_begins_as_the_only_writer_and_a_look_does_not(portal: Flask) -> None:
    said: list[str] = []

    def listen(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
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

    with queue.turn():
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
        with queue.turn():
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


def _take_turn(queue: FairQueue, done: list[int], number: int) -> None:
    with queue.turn():
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
