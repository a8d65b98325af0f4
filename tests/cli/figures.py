"""The figures of a database: what must be the same after a copy, and for the same day."""

import hashlib
from typing import Any

from sqlalchemy import Connection, column, create_engine, func, inspect, select
from sqlalchemy import table as sql_table

PERSONAL = {
    "users": ("password_hash",),
    "buyers": ("link",),
    "charges": ("token", "txid", "br_code"),
    "mails": ("text", "html"),
    "payments": ("end_to_end_id",),
}
"""Salted or drawn at random, so another each time; mails hold the secret links of orders."""


def row_counts(url: str) -> dict[str, int]:
    """Count the rows of every table."""
    return _each_table(url, _count)


def fingerprints(url: str) -> dict[str, str]:
    """Return a digest of every table's rows, in a fixed order."""
    return _each_table(url, _digest)


def _each_table(url: str, look: Any) -> dict[str, Any]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {name: look(connection, name) for name in inspect(engine).get_table_names()}
    engine.dispose()
    return found


def _count(connection: Connection, table: str) -> int:
    return connection.scalar(select(func.count()).select_from(sql_table(table))) or 0


def _digest(connection: Connection, table: str) -> str:
    hidden = PERSONAL.get(table, ())
    names = [c["name"] for c in inspect(connection).get_columns(table) if c["name"] not in hidden]
    wanted = select(*map(column, names)).select_from(sql_table(table))
    rows = connection.execute(wanted).all()
    written = sorted(repr(tuple(row)) for row in rows)
    return hashlib.sha256("\n".join(written).encode()).hexdigest()
