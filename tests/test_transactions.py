"""The one place that opens, commits and repeats a transaction: planted faults, by number."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from portal import transactions
from portal.catalogue.models import Issuer
from portal.db import Sql
from portal.errors import Busy, Refused
from portal.extensions import db
from portal.transactions import read, transact, transact_keyed, transact_on_connection
from portal.wire import Carrier

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


_COUNT = Sql("SELECT COUNT(*) FROM issuers")


_STORE = Sql(
    "INSERT INTO issuers (code, name, active, version) VALUES ('AC-ONE', 'Issuer One', 1, 1)"
)


def store_issuer(carrier: Carrier) -> None:
    _STORE.run(carrier)


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
    for engine in db.engines.values():
        engine.dialect.do_commit = do_commit  # type: ignore[method-assign] # the fault is planted
    yield plan
    for engine in db.engines.values():
        engine.dialect.do_commit = usual  # type: ignore[method-assign] # and taken out again


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


@BOTH
@pytest.mark.parametrize("stored", [True, False])
def test_on_a_connection_too_an_unknown_commit_is_repeated_and_done_once(
    portal: Flask, break_commit: Callable[..., list[int]], stored: bool
) -> None:
    break_commit(2013, stored=stored)
    tries: list[int] = []

    def once(carrier: Carrier) -> None:
        tries.append(int(_COUNT.run(carrier).scalar()))
        if not tries[-1]:
            store_issuer(carrier)

    transact_on_connection(once)

    assert tries == [0, int(stored)]
    assert read(count_issuers) == 1


@BOTH
@pytest.mark.parametrize("number", [1213, 2013])
def test_on_a_connection_too_what_is_lost_is_repeated_and_what_is_refused_is_not(
    portal: Flask, number: int
) -> None:
    faults: list[Exception] = [fault(number), Refused()]

    def stumble(carrier: Carrier) -> None:
        store_issuer(carrier)
        raise faults.pop(0)

    with pytest.raises(Refused):
        transact_on_connection(stumble)

    assert faults == []
    assert read(count_issuers) == 0


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
