"""A backup is worth what comes back from it: restored, verified, counted."""

import gzip
import os
import secrets
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from portal.catalogue.models import Issuer
from portal.cli import backup as backups
from tests.cli.conftest import flask_on
from tests.cli.figures import fingerprints, row_counts
from tests.databases import PREFIX, Server
from tests.factories import make_issuer
from tests.trade import make_trade

SUFFIXES = {"sqlite": ".sqlite3.gz", "mariadb": ".sql.gz"}


@pytest.fixture
def trade(session: Session) -> Session:
    """Give the database a little of everything."""
    make_trade(session)
    session.commit()
    return session


@pytest.fixture
def kind(engine: Engine) -> str:
    return "sqlite" if engine.dialect.name == "sqlite" else "mariadb"


@pytest.fixture
def saved(trade: Session, engine_url: str, kind: str, tmp_path: Path) -> Path:
    """Return a backup of the database."""
    file = tmp_path / f"saved{SUFFIXES[kind]}"
    done = flask_on(engine_url, "backup", "create", str(file))
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == str(file)
    return file


@pytest.fixture
def empty_url(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path, worker: str
) -> Iterator[str]:
    """Return the address of a database without a single table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: Server = request.getfixturevalue("mariadb_server")
    name = f"{PREFIX}_{os.getpid()}_{worker}_{secrets.token_hex(3)}"
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        yield server.url(name)
        cursor.execute(f"DROP DATABASE `{name}`")


def test_everything_comes_back_and_the_ledger_verifies(
    saved: Path, engine_url: str, empty_url: str
) -> None:
    restored = flask_on(empty_url, "backup", "restore", str(saved))

    verified = flask_on(empty_url, "ledger", "verify")
    assert restored.exit_code == 0, restored.output
    assert verified.exit_code == 0, verified.output
    assert row_counts(empty_url) == row_counts(engine_url)
    assert row_counts(empty_url)["orders"] == 4
    assert fingerprints(empty_url) == fingerprints(engine_url)


def test_a_drill_on_a_copy_finds_what_was_tampered_with(
    saved: Path, empty_url: str, kind: str
) -> None:
    flask_on(empty_url, "backup", "restore", str(saved))

    _tamper(empty_url)

    verified = flask_on(empty_url, "ledger", "verify")
    assert verified.exit_code == 1
    assert "FAIL" in verified.output


def _tamper(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET balance = balance + 100"))
    engine.dispose()


def test_what_came_back_refuses_changes_of_the_journal_as_before(
    saved: Path, empty_url: str
) -> None:
    flask_on(empty_url, "backup", "restore", str(saved))

    engine = create_engine(empty_url)
    with engine.connect() as connection, pytest.raises(Exception, match="an entry never changes"):
        connection.execute(text("UPDATE entries SET qty = qty + 1"))
    engine.dispose()


def test_a_backup_is_taken_while_others_write(
    saved: Path, trade: Session, engine_url: str, kind: str, tmp_path: Path
) -> None:
    make_issuer(trade, "AC-IN-HAND")
    trade.flush()

    second = tmp_path / f"second{SUFFIXES[kind]}"
    done = flask_on(engine_url, "backup", "create", str(second))

    assert done.exit_code == 0, done.output
    assert b"AC-IN-HAND" not in gzip.decompress(second.read_bytes())


def test_only_its_owner_reads_a_backup(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert list(saved.parent.glob("*.partial")) == []


def test_no_password_stands_in_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    url = backups.make_url("mysql+pymysql://repasse:hush@db.example/repasse")
    monkeypatch.setattr(backups.shutil, "which", lambda name: f"/usr/bin/{name}")

    with backups._client("mariadb-dump", url) as command:  # noqa: SLF001 - the line is what counts
        private = Path(command[1].partition("=")[2])
        mode, words = stat.S_IMODE(private.stat().st_mode), private.read_text()

    assert "hush" not in " ".join(command)
    assert 'password="hush"' in words
    assert mode == 0o600
    assert not private.exists()


def test_without_a_name_the_file_is_named_by_the_moment(
    trade: Session, engine_url: str, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(backups, "_default_file", _named_in(tmp_path, backups._default_file))  # noqa: SLF001 - keeps the file out of instance/

    done = flask_on(engine_url, "backup", "create")

    name = Path(done.output.splitlines()[-1]).name
    assert name == f"repasse-20261201-090000{SUFFIXES[kind]}"


def _named_in(folder: Path, usual: Callable[[Any], Path]) -> Callable[[Any], Path]:
    return lambda url: folder / usual(url).name


# What is refused, and leaves everything as it was


@pytest.mark.parametrize("cut", ["half", "last bytes", "a bit", "no gzip", "empty"])
def test_a_damaged_file_is_refused(saved: Path, engine_url: str, empty_url: str, cut: str) -> None:
    whole = saved.read_bytes()
    middle = len(whole) // 2
    saved.write_bytes(
        {
            "half": whole[:middle],
            "last bytes": whole[:-8],
            "a bit": whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :],
            "no gzip": b"-- nothing to see",
            "empty": b"",
        }[cut]
    )

    refused = flask_on(empty_url, "backup", "restore", str(saved))
    replaced = flask_on(engine_url, "backup", "restore", str(saved), "--replace")

    assert refused.exit_code == replaced.exit_code == 1
    assert "damaged" in refused.output
    assert row_counts(engine_url)["orders"] == 4


def test_a_backup_of_nothing_is_refused(empty_url: str, kind: str, tmp_path: Path) -> None:
    nothing = tmp_path / f"nothing{SUFFIXES[kind]}"
    nothing.write_bytes(gzip.compress(b""))

    refused = flask_on(empty_url, "backup", "restore", str(nothing))

    assert refused.exit_code == 1, refused.output


@pytest.mark.engines("sqlite")
def test_a_file_that_is_no_database_is_refused(engine_url: str, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3.gz"
    other.write_bytes(gzip.compress(b"SQLite format 3\0" + os.urandom(8192)))
    before = row_counts(engine_url)

    refused = flask_on(engine_url, "backup", "restore", str(other), "--replace")

    assert refused.exit_code == 1
    assert "damaged" in refused.output
    assert row_counts(engine_url) == before


def test_a_database_that_holds_something_is_not_overwritten(
    saved: Path, trade: Session, engine_url: str
) -> None:
    make_issuer(trade, "AC-LATER")
    trade.commit()

    refused = flask_on(engine_url, "backup", "restore", str(saved))

    assert refused.exit_code == 1
    assert "not empty" in refused.output
    trade.expire_all()
    assert trade.query(Issuer).count() == 2


def test_it_is_overwritten_when_that_is_said(saved: Path, trade: Session, engine_url: str) -> None:
    make_issuer(trade, "AC-LATER")
    trade.commit()

    replaced = flask_on(engine_url, "backup", "restore", str(saved), "--replace")

    assert replaced.exit_code == 0, replaced.output
    assert row_counts(engine_url)["issuers"] == 1
    assert flask_on(engine_url, "ledger", "verify").exit_code == 0


def test_a_backup_comes_back_whatever_it_was_named(
    trade: Session, engine_url: str, empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "nightly.bak"

    saved = flask_on(engine_url, "backup", "create", str(file))
    restored = flask_on(empty_url, "backup", "restore", str(file))

    assert saved.exit_code == 0, saved.output
    assert restored.exit_code == 0, restored.output
    assert row_counts(empty_url) == row_counts(engine_url)


def test_a_backup_of_the_other_engine_is_refused(empty_url: str, kind: str, tmp_path: Path) -> None:
    other, content = {
        "sqlite": ("MariaDB", b"-- MariaDB dump 10.19\n-- Dump completed on 2026-11-30\n"),
        "mariadb": ("SQLite", b"SQLite format 3\0" + bytes(4080)),
    }[kind]
    file = tmp_path / f"saved{SUFFIXES[kind]}"
    file.write_bytes(gzip.compress(content))

    refused = flask_on(empty_url, "backup", "restore", str(file))

    assert refused.exit_code == 1
    assert f"is it one of {other}?" in refused.output


@pytest.mark.engines("mariadb")
def test_a_dump_that_fails_leaves_no_file(engine_url: str, tmp_path: Path) -> None:
    file = tmp_path / "never.sql.gz"

    failed = flask_on(engine_url.replace("?", "_gone?"), "backup", "create", str(file))

    assert failed.exit_code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engines("sqlite")
def test_what_stood_in_the_journal_file_is_in_the_backup(saved: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.sqlite3"
    plain.write_bytes(gzip.decompress(saved.read_bytes()))

    with closing(sqlite3.connect(plain)) as database:
        orders = database.execute("SELECT count(*) FROM orders").fetchone()[0]

    assert orders == 4
