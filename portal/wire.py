"""What goes over the wire past SQLAlchemy: values as they are written, statements as they are sent.

For paths where each statement counts; `portal.db` has the statements themselves.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
import pymysql
from pymysql.constants import CLIENT
from pymysql.converters import escape_item
from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError

DRIVER_ERRORS = (pymysql.Error, sqlite3.Error)
Ready = tuple[str, Any]
"""A statement in its driver's form, with its values."""


class Wire:
    """A driver's connection out of an engine's pool, with nothing of SQLAlchemy's around it.

    To open, begin and close that costs as much as three statements. It carries what goes past
    SQLAlchemy, only where nobody listens to statements, and raises the same errors.
    """

    __slots__ = ("_pooled", "dialect", "driver", "execute", "info", "takes_packets")

    def __init__(self, engine: Engine) -> None:
        self.dialect: Dialect = engine.dialect
        try:
            self._pooled = engine.raw_connection()
        except DRIVER_ERRORS as error:
            raise _told(self, "", error) from error
        self.driver: Any = self._pooled.dbapi_connection
        self.info: dict[Any, Any] = self._pooled.info
        self.takes_packets = _allows_packets(self.driver)
        self.execute: Any = getattr(self.driver, "execute", None)
        """SQLite's short way: it makes the cursor itself, and nothing has to be closed."""

    def commit(self) -> None:
        """Store what was done."""
        try:
            self.dialect.do_commit(self._pooled)
        except DRIVER_ERRORS as error:
            raise _told(self, "COMMIT", error) from error

    def rollback(self) -> None:
        """Take back what was done."""
        try:
            self.dialect.do_rollback(self._pooled)
        except DRIVER_ERRORS as error:
            raise _told(self, "ROLLBACK", error) from error

    def invalidate(self) -> None:
        """Part with a connection that is not to be used again."""
        self._pooled.invalidate()

    def close(self) -> None:
        """Give it back to the pool."""
        self._pooled.close()


Carrier = Connection | Wire
"""What statements travel on."""


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


def unpacked(ran: Ran) -> Sequence[Sequence[Any]]:
    """Return the rows of one `json_array(...)` column as their values; SQLite's are so already."""
    rows = ran.fetchall()
    if rows and len(rows[0]) == 1:
        return [orjson.loads(row[0]) for row in rows]
    return rows


def send_together(carrier: Carrier, statements: Sequence[Ready]) -> list[Ran]:
    """Send statements that need nothing from each other, in one packet where that is possible.

    Each round trip to MariaDB costs as much as a statement. Several statements in one packet are
    allowed only on connections of an engine of its own; elsewhere they go one by one.
    """
    if len(statements) == 1 or not takes_packets(carrier):
        return [send(carrier, statement) for statement in statements]
    packet = ";".join(text for text, _ in statements)
    cursor = _cursor(carrier)
    try:
        cursor.execute(packet)
        brought = [_brought(cursor)]
        while cursor.nextset():
            brought.append(_brought(cursor))
        return brought
    except DRIVER_ERRORS as error:
        raise _told(carrier, packet, error) from error
    finally:
        cursor.close()


def is_watched(engine: Engine) -> bool:
    """Whether someone listens to an engine's statements, as the suite does to count them."""
    return bool(engine.dispatch.before_cursor_execute)


def is_observed(carrier: Carrier) -> bool:
    """Whether someone listens to what travels here."""
    return not isinstance(carrier, Wire) and is_watched(carrier.engine)


def takes_packets(carrier: Carrier) -> bool:
    """Whether several statements travel together; those that someone listens to never do."""
    if isinstance(carrier, Wire):
        return carrier.takes_packets
    return not is_observed(carrier) and _allows_packets(carrier.connection.dbapi_connection)


def _allows_packets(driver: Any) -> bool:
    """Whether it is one of those that may hold several statements in a packet."""
    return bool(getattr(driver, "client_flag", 0) & CLIENT.MULTI_STATEMENTS)


def _cursor(carrier: Carrier) -> Any:
    driver = carrier.driver if isinstance(carrier, Wire) else carrier.connection
    return driver.cursor()


def send(carrier: Carrier, statement: Ready) -> Ran:
    """Send a statement past SQLAlchemy's own machinery, which adds some 40 µs to each.

    Where someone listens to statements (the suite counts them), they take the long way.
    """
    text, values = statement
    if isinstance(carrier, Wire):
        if carrier.execute is not None:
            try:
                cursor = carrier.execute(text, values)
                return Ran(cursor.fetchall(), cursor.rowcount, cursor.lastrowid or 0)
            except DRIVER_ERRORS as error:
                raise _told(carrier, text, error) from error
    elif is_observed(carrier):
        return _send_observed(carrier, text, values)
    cursor = _cursor(carrier)
    try:
        cursor.execute(text, values)
        return _brought(cursor)
    except DRIVER_ERRORS as error:
        raise _told(carrier, text, error) from error
    finally:
        cursor.close()


def _brought(cursor: Any) -> Ran:
    rows = cursor.fetchall() if cursor.description else ()
    return Ran(rows, cursor.rowcount, cursor.lastrowid or 0)


def _told(carrier: Carrier, text: str, error: Exception) -> BaseException:
    """Return a driver's error as SQLAlchemy's, by which all else judges."""
    dialect = carrier.dialect
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


@lru_cache(maxsize=64)
def text_of_moment(moment: datetime) -> str:
    """Write a moment in UTC as both engines keep it; a naive one is in UTC already.

    Remembered, because an order writes the same moment seven times.
    """
    if moment.tzinfo is not None and moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]


sqlite3.register_adapter(datetime, text_of_moment)
sqlite3.register_adapter(date, date.isoformat)
