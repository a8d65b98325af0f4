"""A whole list becomes an edition of a sale table, or nothing is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.queries import product_ids
from portal.i18n import N_
from portal.periods import Period
from portal.price_imports.errors import (
    ColumnsUnknown,
    ImportRefused,
    NothingToImport,
    Report,
    RowError,
)
from portal.price_imports.rules.cells import Progress, gather
from portal.price_imports.rules.columns import SALES, Column
from portal.price_imports.rules.settings import Reading
from portal.price_imports.services import Opened, Wanted, open_file
from portal.pricing.rules.portfolio import Portfolio
from portal.pricing.rules.windows import check_period
from portal.pricing.services.guards import need, note
from portal.sale_tables.models import SaleEdition
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules.rows import NOT_BOUGHT, NOT_IN_PORTFOLIO, StoredRow
from portal.sale_tables.rules.sheet import CheckedSheet, check_sheet
from portal.sale_tables.services.editions import draft, publish_edition
from portal.sale_tables.services.guards import lock_table
from portal.sale_tables.services.rows import portfolio_of, whole_rows


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it."""

    edition: SaleEdition
    report: Report


def open_sales(file_name: str, content: bytes, given: Reading | None = None) -> Opened:
    """Open a list of sale prices and find out how it is read; what is given stays."""
    return open_file(file_name, content, given, SALES)


def check_sales(opened: Opened, progress: Progress | None = None) -> CheckedSheet:
    """Read and check all rows; ColumnsUnknown when nothing says where products and prices are."""
    reading = opened.reading
    if Column.SKU not in reading.columns or not SALES.telling & set(reading.columns):
        raise ColumnsUnknown
    cells = gather(opened.sheet, reading.columns, reading.first_row, progress)
    return check_sheet(cells, decimal=reading.decimal, separator=opened.sheet.separator)


def import_sales(
    session: Session,
    table_id: int,
    checked: CheckedSheet,
    wanted: Wanted,
    *,
    by: Actor,
    at: datetime,
) -> Imported:
    """Store a list as an edition, and publish it if that is wanted.

    ImportRefused carries every wrong row; then nothing is stored. Products of the portfolio that
    the list leaves out come in to be priced.
    """
    need(by, "sale_prices.edit")
    if wanted.publish:
        need(by, "sale_prices.publish")
    table = lock_table(session, by, table_id)
    days = check_period(wanted.period)
    portfolio = portfolio_of(session, table, days.start)
    known = product_ids(session, [row.sku for row in checked.rows])
    report = _report(checked, known, portfolio)
    if report.errors:
        raise ImportRefused(report)
    rows = [
        StoredRow(known[row.sku], row.suggested_price, row.sale_price, row.on_site)
        for row in checked.rows
    ]
    edition = draft(session, table, days, whole_rows(session, rows, portfolio), by=by, at=at)
    after = {"file": wanted.file_name, "items": len(rows)}
    note(session, "sale_edition.imported", table, edition, by=by, at=at, after=after)
    if wanted.publish:
        edition = publish_edition(
            session, table_id, edition.id, by=by, at=at, replace=wanted.replace,
            reason=wanted.reason,
        )  # fmt: skip
    return Imported(edition, report)


def look_at_sales(
    session: Session, table_id: int, checked: CheckedSheet, period: Period, *, by: Actor
) -> Report:
    """Return what is wrong with a list beside what the service point buys; store nothing."""
    table = table_of(session, by, table_id)
    portfolio = portfolio_of(session, table, check_period(period).start)
    known = product_ids(session, [row.sku for row in checked.rows])
    return _report(checked, known, portfolio)


def _report(checked: CheckedSheet, known: dict[str, int], portfolio: Portfolio) -> Report:
    """Return all that is wrong with a list; NothingToImport for one without rows."""
    if not checked.count and not checked.errors:
        raise NothingToImport
    errors = [*checked.errors, *_strangers(checked, known, portfolio)]
    return Report(checked.count, 0, sorted(errors, key=lambda error: error.row))


def _strangers(
    checked: CheckedSheet, known: dict[str, int], portfolio: Portfolio
) -> Iterable[RowError]:
    """Say which rows name no product, or none that the service point may buy."""
    bought = portfolio.product_ids()
    unknown = N_("There is no product with this SKU.")
    for row in checked.rows:
        if row.sku not in known:
            yield RowError(row.number, Column.SKU, "unknown_product", unknown)
        elif known[row.sku] not in bought:
            yield RowError(row.number, Column.SKU, NOT_IN_PORTFOLIO, NOT_BOUGHT)
