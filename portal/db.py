"""The database's words: exact column types, names of constraints, statements for hot paths."""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import orjson
from pymysql.constants import CLIENT
from pymysql.converters import escape_item, escape_string
from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Text,
)
from sqlalchemy.dialects.mysql import DATETIME, LONGTEXT
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.money import (
    AMOUNT_SCALE,
    PERCENT_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    from_minor,
    to_minor,
)
from portal.periods import FOREVER

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BIG = BigInteger().with_variant(Integer, "sqlite")
MOMENT = DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb")


class Minor(TypeDecorator[Decimal]):
    """A Decimal stored as an integer of its minor unit; refuses to lose a digit."""

    impl = BIG
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_minor(value, self.scale)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_minor(int(value), self.scale)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC to the microsecond."""

    impl = MOMENT
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs an offset")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class LastDay(TypeDecorator[date]):
    """The last day of a window; open (None) is stored as 9999-12-31 so that it sorts last."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> date:
        return value or FOREVER

    def process_result_value(self, value: date | None, dialect: Dialect) -> date | None:
        return None if value in {None, FOREVER} else value


MARIADB_DUPLICATE = 1062
LONG_TEXT = Text().with_variant(LONGTEXT, "mysql", "mariadb")
CODE = String(64).with_variant(String(64, collation="utf8mb4_bin"), "mysql", "mariadb")

Key = Annotated[int, mapped_column(BIG, primary_key=True)]
Ref = Annotated[int, mapped_column(BIG)]
Amount = Annotated[Decimal, mapped_column(Minor(AMOUNT_SCALE))]
UnitPrice = Annotated[Decimal, mapped_column(Minor(PRICE_SCALE))]
Percent = Annotated[Decimal, mapped_column(Minor(PERCENT_SCALE))]
Quantity = Annotated[Decimal, mapped_column(Minor(QUANTITY_SCALE))]
Until = Annotated[date | None, mapped_column(LastDay, nullable=False)]
Code = Annotated[str, mapped_column(CODE)]
Long = Annotated[str, mapped_column(LONG_TEXT)]


class Base(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(naming_convention=NAMES)
    registry: ClassVar[registry] = registry(
        metadata=metadata,
        type_annotation_map={datetime: UTCDateTime, int: BIG, str: String(255)},
    )


Ready = tuple[str, Any]
"""A statement in its driver's form, with its values."""


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


class Sql:
    """A statement sent through the driver's own cursor, for paths where each one counts.

    Written with `:name` parameters, bound by SQLite and filled in by `literal` for MariaDB. Rows
    come back as the driver gives them: see `as_day` and `as_moment`.
    """

    _NAME = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self.pyformat = self._NAME.sub(r"%(\1)s", self.text.replace("%", "%%"))

    def ready(self, connection: Connection, **values: Any) -> Ready:
        """Return it with its values, to be sent together with others."""
        if connection.dialect.name == "sqlite":
            return self.text, _for_sqlite(values)
        return self.pyformat % {name: literal(value) for name, value in values.items()}, None

    def run(self, connection: Connection, **values: Any) -> Ran:
        """Send it with its values."""
        return _send(connection, *self.ready(connection, **values))

    def packed(self, connection: Connection, **values: Any) -> list[list[Any]]:
        """Send a select of one `json_array(...)` column; return its rows as lists.

        PyMySQL reads a packet for each column of each answer: eighteen columns in one took half the
        client's time. Days and moments come as text, bytes must be asked for as `hex(...)`.
        """
        return unpacked(self.run(connection, **values))


class InsertRows:
    """A multi-row INSERT through the driver's cursor: one statement for any number of rows."""

    def __init__(self, table: str, *columns: str) -> None:
        self.head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - names from code
        self.columns = columns

    def ready(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> Ready:
        """Return it with all rows, each in the order of the columns."""
        if connection.dialect.name != "sqlite":
            return self.head + ", ".join(map(_row_literal, rows)), None
        mark = "(" + ", ".join(["?"] * len(self.columns)) + ")"
        values = tuple(_sqlite_value(value) for row in rows for value in row)
        return self.head + ", ".join([mark] * len(rows)), values

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> Ran:
        """Send all rows at once."""
        return _send(connection, *self.ready(connection, rows))


def connection_of(given: Connection | Session) -> Connection:
    """Return the connection itself, or that of a session."""
    return given.connection() if isinstance(given, Session) else given


def unpacked(ran: Ran) -> list[list[Any]]:
    """Return the rows of one `json_array(...)` column as lists."""
    return [orjson.loads(row[0]) for row in ran]


def send_together(connection: Connection, statements: Sequence[Ready]) -> list[Ran]:
    """Send statements that need nothing from each other, in one packet where that is possible.

    Each round trip to MariaDB costs as much as a statement. Several statements in one packet are
    allowed only on connections of an engine of its own; elsewhere they go one by one.
    """
    if len(statements) == 1 or not _takes_packets(connection):
        return [_send(connection, *statement) for statement in statements]
    cursor: Any = connection.connection.cursor()
    with _driver_errors(connection, cursor, "; ".join(text for text, _ in statements)):
        cursor.execute(";".join(text for text, _ in statements))
        brought = [_brought(cursor)]
        while cursor.nextset():
            brought.append(_brought(cursor))
        return brought


def _takes_packets(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite" or connection.dispatch.before_cursor_execute:
        return False
    driver: Any = connection.connection.dbapi_connection
    return bool(driver.client_flag & CLIENT.MULTI_STATEMENTS)


def _send(connection: Connection, text: str, values: Any) -> Ran:
    """Send a statement past SQLAlchemy's own machinery, which adds some 40 µs to each.

    Where someone listens to statements (the suite counts them), they take the long way.
    """
    if connection.dispatch.before_cursor_execute:
        return _send_observed(connection, text, values)
    cursor: Any = connection.connection.cursor()
    with _driver_errors(connection, cursor, text):
        cursor.execute(text, values)
        return _brought(cursor)


def _brought(cursor: Any) -> Ran:
    rows = cursor.fetchall() if cursor.description else ()
    return Ran(rows, cursor.rowcount, cursor.lastrowid or 0)


@contextmanager
def _driver_errors(connection: Connection, cursor: Any, text: str) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy's, and close the cursor in the end."""
    dialect = connection.dialect
    kind: Any = dialect.loaded_dbapi.Error
    try:
        yield
    except kind as error:
        raise DBAPIError.instance(text, None, error, kind, dialect=dialect) from error
    finally:
        cursor.close()


def _send_observed(connection: Connection, text: str, values: Any) -> Ran:
    if values is None:  # SQLAlchemy lets the driver fill in nothing, but it looks for marks
        text = text.replace("%", "%%")
    result = connection.exec_driver_sql(text, values)
    if not result.returns_rows:
        return Ran((), result.rowcount, result.lastrowid)
    rows = [tuple(row) for row in result]
    return Ran(rows, len(rows), 0)


def literal(value: Any) -> str:
    """Write a value as PyMySQL does when it binds, which happens on this side of the wire.

    The driver asks four functions about each value; an order has a hundred and fifty, most of
    them numbers. Backslashes escape: `engine_options` keeps the server's mode that way.
    """
    kind = type(value)
    if kind is int:
        return str(value)
    if value is None:
        return "NULL"
    if kind is str:
        return f"'{escape_string(value)}'"
    if kind is bytes:
        return f"x'{value.hex()}'"
    return str(escape_item(value, "utf8mb4"))


def _row_literal(row: Sequence[Any]) -> str:
    return f"({', '.join(map(literal, row))})"


def _sqlite_value(value: Any) -> Any:
    """Write moments and days the way SQLAlchemy's own types do on SQLite."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def _for_sqlite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _sqlite_value(value) for name, value in values.items()}


def as_day(value: date | str) -> date:
    """Return a date column of a driver's row as a date."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: datetime | str) -> datetime:
    """Return a moment column of a driver's row as an aware moment."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC)


_NOW = {
    "sqlite": Sql("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"),
    "mariadb": Sql("SELECT UTC_TIMESTAMP(6)"),
}


def database_now(connection: Connection) -> datetime:
    """Return the database's own time, which all who share it agree on: for leases alone.

    Whoever writes it down a moment later claims less time than it may, never more.
    """
    engine = "sqlite" if connection.dialect.name == "sqlite" else "mariadb"
    return as_moment(_NOW[engine].run(connection).scalar())


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a unique key refused the row (and not a check or a foreign key)."""
    args = getattr(error.orig, "args", ()) or (None,)
    number = getattr(error.orig, "sqlite_errorcode", None) or args[0]
    unique = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
    return number in unique | {MARIADB_DUPLICATE}
