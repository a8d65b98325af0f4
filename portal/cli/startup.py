"""What production looks at when it starts: whether what it acknowledges survives a power cut.

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

from portal.db import Sql
from portal.errors import PortalError
from portal.transactions import read
from portal.web import logs
from portal.web.health import stored_heads, wanted_heads

_MARIADB = Sql("SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog")
_SQLITE = Sql("PRAGMA synchronous")
_FULL = 2
"""PRAGMA synchronous: 0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that puts money at risk: a code for systems, words for people."""

    code: str
    text: str


def look(app: Flask) -> list[Fault]:
    """Say what is wrong with the database that the portal is about to serve; return it."""
    with app.app_context():
        try:
            faults = read(_faults)
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


def _faults(session: Session) -> list[Fault]:
    faults = list(_durability(session.connection()))
    if not _is_command() and stored_heads(session) != wanted_heads():
        text = "The tables are not those of this release. Run: flask db upgrade"
        faults.append(Fault("migrations_missing", text))
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
