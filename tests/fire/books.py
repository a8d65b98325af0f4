"""All rows that tell of money, read at one instant by plain SELECTs: nothing of the portal."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, create_engine, text

Row = dict[str, Any]
ZONE = ZoneInfo("America/Sao_Paulo")
MOMENTS = {"booked_at", "moved_at", "granted_at", "since", "at", "placed_at", "created_at"}
DAYS = {"expires_on", "day", "valid_from", "valid_until"}
TABLES = (
    "accounts", "lots", "entries", "debts", "debt_payments", "reversals", "account_floors",
    "deeds", "orders", "order_lines", "price_assignments", "price_tables", "editions",
    "edition_items",
)  # fmt: skip
ORDERED = {"entries": "account_id, seq", "account_floors": "account_id, since"}


@dataclass
class Books:
    """The tables as lists of rows, and what they are looked up by."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def __getitem__(self, table: str) -> list[Row]:
        return self.rows[table]

    def by(self, table: str, column: str) -> dict[Any, list[Row]]:
        """Return the rows of a table, gathered by what a column holds."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in self.rows[table]:
            found[row[column]].append(row)
        return found


def read(connection: Connection) -> Books:
    """Read everything in one transaction of the given connection."""
    books = Books()
    for table in TABLES:
        wanted = f"SELECT * FROM {table}"  # noqa: S608 - names from above
        if table in ORDERED:
            wanted += f" ORDER BY {ORDERED[table]}"
        found = connection.execute(text(wanted)).mappings()
        books.rows[table] = [{name: _plain(name, row[name]) for name in row} for row in found]
    return books


def read_at(url: str) -> Books:
    """Read a database at one instant, also while it is written to."""
    engine = create_engine(url)
    level = {} if url.startswith("sqlite") else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**level) as connection:
        books = read(connection)
        connection.rollback()
    engine.dispose()
    return books


def local_day(moment: datetime) -> date:
    """Return the civil date in the installation's time zone."""
    return moment.astimezone(ZONE).date()


def half_up(numerator: int, denominator: int) -> int:
    """Divide, half up; nothing here is below zero."""
    return (2 * numerator + denominator) // (2 * denominator)


def _plain(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in MOMENTS:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.replace(tzinfo=UTC)
    if name in DAYS:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return value
