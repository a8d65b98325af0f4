"""The rows of a list beside the products: checked and stored as a set, in a few statements.

They go into a table that only this connection sees and that ends with it.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from portal.db import InsertRows, Sql
from portal.price_imports.rules.checking import Line

_ROWS_AT_ONCE = 2_000
_COLUMNS = """(row_no INTEGER NOT NULL PRIMARY KEY, sku VARCHAR(64) {collation} NOT NULL,
    min_quantity BIGINT NOT NULL, figure BIGINT, free BOOLEAN NOT NULL)"""
_DROP = {
    "sqlite": Sql("DROP TABLE IF EXISTS temp.staged_prices"),
    "mariadb": Sql("DROP TEMPORARY TABLE IF EXISTS staged_prices"),
}
_CREATE = {
    "sqlite": Sql("CREATE TEMPORARY TABLE staged_prices " + _COLUMNS.format(collation="")),
    "mariadb": Sql(
        "CREATE TEMPORARY TABLE staged_prices "
        + _COLUMNS.format(collation="CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    ),
}
_FILL = InsertRows("staged_prices", "row_no", "sku", "min_quantity", "figure", "free")
_UNKNOWN = Sql(
    """SELECT s.row_no, s.sku FROM staged_prices s LEFT JOIN products p ON p.sku = s.sku
    WHERE p.id IS NULL ORDER BY s.row_no"""
)
_STORE = """INSERT INTO edition_items (edition_id, product_id, min_quantity, {column}, free)
    SELECT :edition, p.id, s.min_quantity, s.figure, s.free
    FROM staged_prices s JOIN products p ON p.sku = s.sku ORDER BY p.id, s.min_quantity"""
_STORE_PRICES = Sql(_STORE.format(column="price"))
_STORE_PERCENTAGES = Sql(_STORE.format(column="percent"))


def stage(connection: Connection, lines: Sequence[Line]) -> None:
    """Put the rows into a table of this connection's own."""
    unstage(connection)
    _CREATE[_engine(connection)].run(connection)
    for at in range(0, len(lines), _ROWS_AT_ONCE):
        _FILL.run(connection, lines[at : at + _ROWS_AT_ONCE])


def unknown_skus(connection: Connection) -> list[tuple[int, str]]:
    """Return row and SKU of what is no product."""
    return [(row, sku) for row, sku in _UNKNOWN.run(connection)]


def store_staged(connection: Connection, edition_id: int, *, percentages: bool) -> int:
    """Put the rows into an edition; return how many found their product."""
    store = _STORE_PERCENTAGES if percentages else _STORE_PRICES
    return int(store.run(connection, edition=edition_id).rowcount)


def unstage(connection: Connection) -> None:
    """Forget the rows."""
    _DROP[_engine(connection)].run(connection)


def _engine(connection: Connection) -> str:
    return "sqlite" if connection.dialect.name == "sqlite" else "mariadb"
