"""What goes over the wire past SQLAlchemy: values as they are written, statements as they are sent.

For paths where each statement counts; `portal.db` has the statements themselves.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pymysql
from pymysql.constants import CLIENT
from pymysql.converters import escape_item
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

DRIVER_ERRORS = (pymysql.Error, sqlite3.Error)
Ready = tuple[str, Any]
"""A statement in its driver's form, with its values."""


class Expression:
    """Stands among the values of a packet for what the server works out on the way.

    Made of constants, `literal`s and LAST_NUMBER alone, and only where the connection
    `takes_packets`; elsewhere each number is known before the next statement is written.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


LAST_NUMBER = Expression("LAST_INSERT_ID()")
"""The number that the INSERT before it made."""


class Ran:
    """What a statement brought: its rows as plain tuples, how many it wrote, the last number."""

    __slots__ = ("_rows", "lastrowid", "rowcount")

    def __init__(self, rows: Sequence[tuple[Any, ...]], rowcount: int, lastrowid: int) -> None:
        self._rows = rows
        self.rowcount = rowcount
        self.lastrowid = lastrowid

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._rows)

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        """Return all rows."""
        return self._rows

    def fetchmany(self, size: int) -> Sequence[tuple[Any, ...]]:
        """Return the first rows, at most so many."""
        return self._rows[:size]

    def first(self) -> tuple[Any, ...] | None:
        """Return the first row, or None when there is none."""
        return self._rows[0] if self._rows else None

    def one(self) -> tuple[Any, ...]:
        """Return the only row."""
        (row,) = self._rows
        return row

    def scalar(self) -> Any:
        """Return the first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None


def unpacked(ran: Ran) -> list[list[Any]]:
    """Return the rows of one `json_array(...)` column as lists."""
    return [orjson.loads(row[0]) for row in ran]


def send_together(connection: Connection, statements: Sequence[Ready]) -> list[Ran]:
    """Send statements that need nothing from each other, in one packet where that is possible.

    Each round trip to MariaDB costs as much as a statement. Several statements in one packet are
    allowed only on connections of an engine of its own; elsewhere they go one by one.
    """
    if len(statements) == 1 or not takes_packets(connection):
        return [send(connection, statement) for statement in statements]
    packet = ";".join(text for text, _ in statements)
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(packet)
        brought = [_brought(cursor)]
        while cursor.nextset():
            brought.append(_brought(cursor))
        return brought
    except DRIVER_ERRORS as error:
        raise _told(connection, packet, error) from error
    finally:
        cursor.close()


def is_observed(connection: Connection) -> bool:
    """Whether someone listens to statements, as the suite does to count and explain them."""
    return bool(connection.engine.dispatch.before_cursor_execute)


def takes_packets(connection: Connection) -> bool:
    """Whether several statements travel together; those that someone listens to never do."""
    if connection.dialect.name == "sqlite" or is_observed(connection):
        return False
    driver: Any = connection.connection.dbapi_connection
    return bool(driver.client_flag & CLIENT.MULTI_STATEMENTS)


def send(connection: Connection, statement: Ready) -> Ran:
    """Send a statement past SQLAlchemy's own machinery, which adds some 40 µs to each.

    Where someone listens to statements (the suite counts them), they take the long way.
    """
    text, values = statement
    if is_observed(connection):
        return _send_observed(connection, text, values)
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(text, values)
        return _brought(cursor)
    except DRIVER_ERRORS as error:
        raise _told(connection, text, error) from error
    finally:
        cursor.close()


def _brought(cursor: Any) -> Ran:
    rows = cursor.fetchall() if cursor.description else ()
    return Ran(rows, cursor.rowcount, cursor.lastrowid or 0)


def _told(connection: Connection, text: str, error: Exception) -> BaseException:
    """Return a driver's error as SQLAlchemy's, by which all else judges."""
    dialect = connection.dialect
    kind: Any = dialect.loaded_dbapi.Error
    return DBAPIError.instance(text, None, error, kind, dialect=dialect)


def _send_observed(connection: Connection, text: str, values: Any) -> Ran:
    if values is None:  # SQLAlchemy lets the driver fill in nothing, but it looks for marks
        text = text.replace("%", "%%")
    result = connection.exec_driver_sql(text, values)
    if not result.returns_rows:
        return Ran((), result.rowcount, result.lastrowid)
    rows = [tuple(row) for row in result]
    return Ran(rows, len(rows), 0)


def literal(value: Any) -> str:
    """Write a value for MariaDB, where PyMySQL would do so too: on this side of the wire.

    Of a text only backslash and quote mean something inside quotes; PyMySQL looks at each of its
    characters, which took 14 µs for the reasons of one line. Backslashes escape: `engine_options`
    keeps the server's mode that way.
    """
    kind = type(value)
    if kind is int:
        return str(value)
    if value is None:
        return "NULL"
    if kind is str:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if kind is bytes:
        return f"x'{value.hex()}'"
    if kind is datetime:
        return f"'{text_of_moment(value)}'"
    if kind is date:
        return f"'{value.isoformat()}'"
    if kind is Expression:
        return str(value.text)
    return str(escape_item(value, "utf8mb4"))


def row_literal(row: Sequence[Any]) -> str:
    """Write a row of values for MariaDB."""
    return f"({', '.join(map(literal, row))})"


def text_of_moment(moment: datetime) -> str:
    """Write a moment in UTC as both engines keep it; a naive one is in UTC already."""
    if moment.tzinfo is not None and moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]


_SQLITE_WRITES = {datetime: text_of_moment, date: date.isoformat}
"""How the two kinds are written that SQLite has no column for, as SQLAlchemy's types do."""


def for_sqlite(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return named values as SQLite takes them."""
    written = {
        name: _SQLITE_WRITES[type(value)](value)
        for name, value in values.items()
        if type(value) in _SQLITE_WRITES
    }
    return {**values, **written} if written else values


def row_for_sqlite(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return a row of values as SQLite takes them."""
    return tuple(
        [
            _SQLITE_WRITES[type(value)](value) if type(value) in _SQLITE_WRITES else value
            for value in values
        ]
    )
