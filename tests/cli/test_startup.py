"""What production says when it starts on a database that would lose money."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portal import transactions
from portal.cli import startup
from portal.config import Settings
from tests.databases import PrivateMariaDB, migrate
from tests.factories import make_service_point

SECRET = "a-secret-that-only-the-tests-know"


@dataclass(frozen=True)
class Heard:
    """What a start said: the codes that it logged as critical, and all of it in words."""

    faults: list[str]
    words: str


Start = Callable[..., Heard]


@pytest.fixture
def start(make_app: Callable[..., Flask], capfd: pytest.CaptureFixture[str]) -> Start:
    """Start the portal in production."""

    def begin(**changes: Any) -> Heard:
        capfd.readouterr()
        make_app(**{"env": "production", "secret_key": SECRET, "now": None} | changes)
        words = capfd.readouterr().err
        events = [json.loads(line) for line in words.splitlines() if line.startswith("{")]
        return Heard([one["fault"] for one in events if one["level"] == "critical"], words)

    return begin


@pytest.mark.engines("sqlite", "mariadb")
def test_production_says_nothing_about_a_database_that_keeps_what_it_says(start: Start) -> None:
    assert start().faults == []


@pytest.fixture
def _careless_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every new connection flush less than the portal asks for."""
    usual = transactions._tune_sqlite  # noqa: SLF001 - the fault is planted behind it

    def tune(connection: Any, record: object) -> None:
        usual(connection, record)
        connection.execute("PRAGMA synchronous=NORMAL")

    monkeypatch.setattr(transactions, "_tune_sqlite", tune)


@pytest.mark.usefixtures("_careless_sqlite")
def test_a_careless_sqlite_is_named_in_the_log_and_in_words(start: Start) -> None:
    heard = start()

    assert heard.faults == ["not_flushed_at_commit"]
    assert "*** SQLite runs with synchronous=1: a power cut loses orders" in heard.words


@pytest.mark.usefixtures("_careless_sqlite")
def test_only_production_is_looked_at(start: Start) -> None:
    assert start(env="testing").faults == []


def test_a_careless_mariadb_is_named(start: Start, private_mariadb: PrivateMariaDB) -> None:
    url = _database_on(private_mariadb)
    careful = start(database_url=url)

    with private_mariadb.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2")
    careless = start(database_url=url)

    assert careful.faults == []
    assert careless.faults == ["not_flushed_at_commit"]


def _database_on(private: PrivateMariaDB) -> str:
    with private.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE repasse CHARACTER SET utf8mb4")
    url = private.server.url("repasse")
    migrate(url)
    return url


@pytest.mark.parametrize(
    ("flush", "binlog", "sync", "faults"),
    [
        (1, 0, 0, []),
        (1, 1, 1, []),
        (0, 0, 0, ["not_flushed_at_commit"]),
        (2, 0, 1, ["not_flushed_at_commit"]),
        (1, 1, 0, ["binlog_not_flushed"]),
        (1, 1, 100, ["binlog_not_flushed"]),
        (2, 1, 0, ["not_flushed_at_commit", "binlog_not_flushed"]),
    ],
)
def test_mariadb_must_flush_its_log_and_its_binary_log_if_it_has_one(
    flush: int, binlog: int, sync: int, faults: list[str]
) -> None:
    assert [fault.code for fault in startup.mariadb_faults(flush, binlog, sync)] == faults


@pytest.mark.parametrize(("synchronous", "faults"), [(0, 1), (1, 1), (2, 0), (3, 0)])
def test_sqlite_must_be_full_or_more(synchronous: int, faults: int) -> None:
    assert len(list(startup.sqlite_faults(synchronous))) == faults


@pytest.mark.engines("sqlite", "mariadb")
def test_a_database_of_another_release_is_named(start: Start, settings: Settings) -> None:
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '20261122_0925'"))
    engine.dispose()

    assert start().faults == ["migrations_missing"]


@pytest.mark.engines("sqlite", "mariadb")
def test_an_open_shop_needs_the_portals_own_address(start: Start, session: Session) -> None:
    quiet = start()
    point = make_service_point(session)
    point.shop_slug, point.shop_enabled = "ipe", True
    session.commit()

    assert quiet.faults == []
    assert start().faults == ["public_url_missing"]
    assert start(public_url="https://loja.example").faults == []


def test_a_database_without_tables_is_named(start: Start, tmp_path: Path) -> None:
    heard = start(database_url=f"sqlite:///{tmp_path / 'new.sqlite3'}")

    assert heard.faults == ["migrations_missing"]


def test_the_command_that_brings_tables_up_to_date_does_not_hear_that_they_are_missing(
    start: Start, tmp_path: Path, app: Flask
) -> None:
    heard: list[list[str]] = []

    @app.cli.command("start-another")
    def _start_another() -> None:
        heard.append(start(database_url=f"sqlite:///{tmp_path / 'new.sqlite3'}").faults)

    ran = app.test_cli_runner().invoke(args=["start-another"])

    assert ran.exit_code == 0, ran.output
    assert heard == [[]]


def test_a_database_that_is_away_is_named_and_the_portal_starts_all_the_same(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "TRIES", 2)

    heard = start(database_url="mysql+pymysql://root@127.0.0.1:9/repasse")

    assert heard.faults == ["database_away"]
