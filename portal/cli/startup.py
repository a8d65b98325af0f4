"""What production looks at when it starts: above all whether what it acknowledges survives.

The portal starts all the same, since a database may be mended while it runs; but it says so
loudly, in the log and in words.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import click
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Sql
from portal.errors import PortalError
from portal.transactions import read
from portal.web import logs
from portal.web.health import stored_heads, wanted_heads

_MARIADB = Sql("SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog")
_SQLITE = Sql("PRAGMA synchronous")
_OPEN_SHOP = Sql("SELECT 1 FROM service_points WHERE shop_enabled = 1 LIMIT 1")
_FULL = 2
"""PRAGMA synchronous: 0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that puts money or people at risk: a code for systems, words for people."""

    code: str
    text: str


def look(app: Flask) -> list[Fault]:
    """Say what is wrong with what the portal is about to serve; return it."""
    settings: Settings = app.config["SETTINGS"]
    with app.app_context():
        try:
            faults = read(_faults, public_url=settings.public_url)
        except (PortalError, SQLAlchemyError, OSError) as error:
            logs.log_failure(error)
            faults = [Fault("database_away", "The database cannot be reached.")]
    for fault in faults:
        _say(fault)
    return faults


def mariadb_faults(flush: int, binlog: int, sync: int) -> Iterable[Fault]:
    """Judge MariaDB's settings: what is committed must be on disk, in the binary log too."""
    if flush != 1:
        yield Fault(
            "not_flushed_at_commit",
            f"MariaDB runs with innodb_flush_log_at_trx_commit={flush}: a power cut loses orders "
            "that were acknowledged. Set it to 1.",
        )
    if binlog and sync != 1:
        yield Fault(
            "binlog_not_flushed",
            f"MariaDB writes a binary log with sync_binlog={sync}: after a power cut replicas and "
            "point-in-time recovery miss orders. Set it to 1.",
        )


def sqlite_faults(synchronous: int) -> Iterable[Fault]:
    """Judge SQLite's setting."""
    if synchronous < _FULL:
        yield Fault(
            "not_flushed_at_commit",
            f"SQLite runs with synchronous={synchronous}: a power cut loses orders that were "
            "acknowledged. It must be FULL.",
        )


def _faults(session: Session, *, public_url: str) -> list[Fault]:
    connection = session.connection()
    faults = list(_durability(connection))
    if _is_command():
        return faults
    if stored_heads(session) != wanted_heads():
        text = "The tables are not those of this release. Run: flask db upgrade"
        faults.append(Fault("migrations_missing", text))
    elif not public_url and _OPEN_SHOP.run(connection).first():
        text = (
            "PUBLIC_URL is not set, and shops are open: links in their mails would name any host "
            "that a visitor asks for. Set it to the portal's own address."
        )
        faults.append(Fault("public_url_missing", text))
    return faults


def _durability(connection: Connection) -> Iterable[Fault]:
    if connection.dialect.name == "sqlite":
        return sqlite_faults(*_numbers(_SQLITE, connection))
    return mariadb_faults(*_numbers(_MARIADB, connection))


def _numbers(statement: Sql, connection: Connection) -> Sequence[Any]:
    return [int(value) for value in statement.run(connection).one()]


def _is_command() -> bool:
    """Whether a command runs, such as the very one that brings the tables up to date."""
    return click.get_current_context(silent=True) is not None


def _say(fault: Fault) -> None:
    logs.log.critical("startup", fault=fault.code, detail=fault.text)
    print(f"\n*** {fault.text}\n", file=sys.stderr, flush=True)  # noqa: T201 - it must be seen where no log is read
