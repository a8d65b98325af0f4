"""The database's words: exact column types, names of constraints, statements for hot paths."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, count
from typing import Annotated, Any, ClassVar, TypeVar, overload

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
from sqlalchemy.exc import IntegrityError
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
from portal.wire import (
    Carrier,
    Ran,
    Ready,
    Wire,
    is_observed,
    literal,
    row_literal,
    send,
    unpacked,
)

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


_numbers = count(1)


def new_name() -> str:
    """Return a name for a statement to be prepared, of which there is one in this process."""
    return f"hot_{next(_numbers)}"


def prepared(carrier: Carrier, name: str, text: str) -> str:
    """Have a statement with `?` for its values prepared on a connection, once; return its name."""
    known: set[str] = carrier.info.setdefault("prepared", set())
    if name not in known:
        send(carrier, (f"PREPARE {name} FROM {literal(text)}", None))
        known.add(name)
    return name


def executed(name: str, values: Iterable[Any]) -> str:
    """Return the statement that executes a prepared one with its values."""
    return f"EXECUTE {name} USING " + ", ".join(map(literal, values))


def without_packing(text: str) -> str:
    """Return a select of one `json_array(...)` as a select of its columns."""
    head = "SELECT json_array("
    if not text.startswith(head):
        return text
    depth = 1
    for end in range(len(head), len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if not depth:
            break
    return f"SELECT {text[len(head) : end]}{text[end + 1 :]}"


class Sql:
    """A statement sent through the driver's own cursor, for paths where each one counts.

    Written with `:name` parameters, bound by SQLite and filled in by `literal` for MariaDB. With
    `prepare` each connection to MariaDB has it prepared once: to read it and to find out what its
    names stand for takes the server a quarter of the time of a select. Rows come back as the driver
    gives them: see `as_day` and `as_moment`.
    """

    _NAME = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")

    def __init__(self, text: str, *, prepare: bool = False) -> None:
        self.text = " ".join(text.split())
        self.pyformat = self._NAME.sub(r"%(\1)s", self.text.replace("%", "%%"))
        self.prepared = new_name() if prepare else ""
        self._order = self._NAME.findall(self.text)
        self._marked = self._NAME.sub("?", self.text)
        self._unpacked = without_packing(self._marked)

    def ready(self, connection: Carrier, **values: Any) -> Ready:
        """Return it with its values, to be sent together with others."""
        return self.given(connection, [values[name] for name in self._order])

    def given(self, connection: Carrier, values: Sequence[Any]) -> Ready:
        """Return it with its values in the order in which their names stand in it."""
        if connection.dialect.name == "sqlite":
            return self._unpacked, tuple(values)
        if self.prepared and not is_observed(connection):
            name = prepared(connection, self.prepared, self._marked)
            return executed(name, values), None
        named = zip(self._order, map(literal, values), strict=True)
        return self.pyformat % dict(named), None

    def run(self, connection: Carrier, **values: Any) -> Ran:
        """Send it with its values."""
        return send(connection, self.ready(connection, **values))

    def packed(self, connection: Carrier, **values: Any) -> Sequence[Sequence[Any]]:
        """Send a select of one `json_array(...)` column; return its rows as their values.

        PyMySQL reads a packet for each column of each answer: eighteen columns in one took half the
        client's time. SQLite is asked for the columns themselves. Days and moments come as text,
        bytes must be asked for as `hex(...)`.
        """
        return unpacked(self.run(connection, **values))


_FEW = 50
"""Statements for up to so many rows are remembered."""


class InsertRows:
    """A multi-row INSERT through the driver's cursor: one statement for any number of rows.

    With `prepare` each connection to MariaDB has it prepared for up to so many rows.
    """

    def __init__(self, table: str, *columns: str, prepare: int = 0) -> None:
        self.head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - names from code
        self.mark = f"({', '.join('?' * len(columns))})"
        self._prepared = [new_name() for _ in range(prepare)]
        self._texts: dict[int, str] = {}

    def ready(self, connection: Carrier, rows: Sequence[Sequence[Any]]) -> Ready:
        """Return it with all rows, each in the order of the columns."""
        many = len(rows)
        if connection.dialect.name == "sqlite":
            return self._marked(many), tuple(chain.from_iterable(rows))
        if many > len(self._prepared) or is_observed(connection):
            return self.head + ", ".join(map(row_literal, rows)), None
        name = prepared(connection, self._prepared[many - 1], self._marked(many))
        return executed(name, chain.from_iterable(rows)), None

    def _marked(self, rows: int) -> str:
        if (text := self._texts.get(rows)) is None:
            text = self.head + ", ".join([self.mark] * rows)
            if rows <= _FEW:
                self._texts[rows] = text
        return text

    def run(self, connection: Carrier, rows: Sequence[Sequence[Any]]) -> Ran:
        """Send all rows at once."""
        return send(connection, self.ready(connection, rows))


C = TypeVar("C", Connection, Wire)


@overload
def connection_of(given: Session) -> Connection: ...
@overload
def connection_of(given: C) -> C: ...
def connection_of(given: Session | Carrier) -> Carrier:
    """Return what statements travel on: itself, or the connection of a session."""
    return given.connection() if isinstance(given, Session) else given


def as_day(value: date | str) -> date:
    """Return a date column of a driver's row as a date."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: datetime | str) -> datetime:
    """Return a moment column of a driver's row as an aware moment."""
    if isinstance(value, str):
        return datetime.fromisoformat(f"{value}+00:00")
    return value.replace(tzinfo=UTC)


_NOW = {
    "sqlite": Sql("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"),
    "mariadb": Sql("SELECT UTC_TIMESTAMP(6)"),
}


def database_now(connection: Carrier) -> datetime:
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
