"""Rows of sale editions, stored as sets."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.catalogue.models import Product
from portal.catalogue.queries import product_ids
from portal.db import InsertRows, Sql
from portal.errors import Invalid
from portal.pricing.queries.portfolio import load_portfolio
from portal.pricing.rules.portfolio import Portfolio
from portal.pricing.services.items import insert_all
from portal.sale_tables.errors import RowsNotInPortfolio
from portal.sale_tables.models import SaleItem, SaleTable
from portal.sale_tables.rules.rows import (
    NOT_IN_PORTFOLIO,
    NewRow,
    StoredRow,
    checked_rows,
    completed,
)

_INSERT = InsertRows(
    "sale_items", "sale_edition_id", "product_id", "suggested_price", "sale_price", "on_site"
)
_DELETE = Sql("DELETE FROM sale_items WHERE sale_edition_id = :edition AND product_id = :product")


def portfolio_of(session: Session, table: SaleTable, day: date) -> Portfolio:
    """Return what the table's service point may buy on the day."""
    return load_portfolio(session, service_point_id=table.service_point_id, day=day)


def resolve_rows(session: Session, rows: Sequence[NewRow], portfolio: Portfolio) -> list[StoredRow]:
    """Return rows as they are stored; what is refused names each wrong row, `items[3].sku`."""
    known = product_ids(session, [row.sku for row in rows])
    stored, problems = checked_rows(rows, known, portfolio.product_ids())
    if not problems:
        return stored
    if problems[0].code == NOT_IN_PORTFOLIO:
        raise RowsNotInPortfolio(problems, portfolio.day)
    raise Invalid(problems=tuple(problems))


def whole_rows(
    session: Session, rows: Iterable[StoredRow], portfolio: Portfolio
) -> list[StoredRow]:
    """Return the rows with one to be priced for every other product that is sold and bought."""
    return completed(rows, active_of(session, portfolio.product_ids()))


def active_of(session: Session, products: Collection[int]) -> set[int]:
    """Return those of the products that are sold at all."""
    if not products:
        return set()
    inactive = set(session.scalars(select(Product.id).where(~Product.active)))
    return set(products) - inactive


def store_rows(session: Session, edition_id: int, rows: Iterable[StoredRow]) -> int:
    """Store rows that are known to be right into an edition without them; return how many."""
    return insert_all(session, _INSERT, ((edition_id, *row[:4]) for row in rows))


def replace_rows(session: Session, edition_id: int, rows: Iterable[StoredRow]) -> int:
    """Let an edition hold these rows and no others; return how many."""
    session.execute(
        delete(SaleItem).where(SaleItem.sale_edition_id == edition_id),
        execution_options={"synchronize_session": False},
    )
    return store_rows(session, edition_id, rows)


def exchange_rows(session: Session, edition_id: int, rows: Sequence[StoredRow]) -> None:
    """Let some products have these rows instead of what they had."""
    connection = session.connection()
    for row in rows:
        _DELETE.run(connection, edition=edition_id, product=row.product_id)
    store_rows(session, edition_id, rows)
