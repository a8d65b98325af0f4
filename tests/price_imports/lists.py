"""Makers of lists as people send them, and what comes of importing one."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.periods import Period
from portal.price_imports.errors.report import RowError
from portal.price_imports.services import Outcome, Wanted, check_file, import_prices, open_file
from portal.pricing.models import EditionItem, PriceTable
from portal.pricing.rules.tables import takes_percentages
from tests.factories import NOON, make_actor

FROM = date(2027, 1, 1)


def csv_file(*lines: str, encoding: str = "utf-8") -> bytes:
    """A text of lines as Windows ends them."""
    return "\r\n".join(lines).encode(encoding) + "\r\n".encode(encoding)


def xlsx_file(*rows: Sequence[Any], sheet: str = "Preços") -> bytes:
    """A workbook; texts that begin with = are formulas, as in a spreadsheet."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet(sheet)
    for at, row in enumerate(rows):
        page.write_row(at, 0, [float(one) if isinstance(one, Decimal) else one for one in row])
    book.close()
    return file.getvalue()


def import_file(
    session: Session,
    table: PriceTable,
    content: bytes,
    *,
    name: str = "precos.csv",
    by: Actor | None = None,
    at: datetime = NOON,
    period: Period = Period(FROM),  # noqa: B008 - frozen
    **wanted: Any,
) -> Outcome:
    """Import a file as a door does that cannot ask."""
    percentages = takes_percentages(table.calculation)
    checked = check_file(open_file(name, content), percentages=percentages)
    return import_prices(
        session,
        table.id,
        checked,
        Wanted(period, file_name=name, **wanted),
        percentages=percentages,
        by=by or make_actor(),
        at=at,
    )


def prices_of(session: Session, edition_id: int) -> dict[tuple[str, str], str]:
    """What an edition holds: by SKU and minimum quantity the price, percentage, or "free"."""
    wanted = (
        select(Product.sku, EditionItem.min_quantity, EditionItem)
        .join(Product, Product.id == EditionItem.product_id)
        .where(EditionItem.edition_id == edition_id)
    )
    return {
        (sku, f"{minimum.normalize():f}"): _figure(item)
        for sku, minimum, item in session.execute(wanted)
    }


def _figure(item: EditionItem) -> str:
    if item.free:
        return "free"
    figure = item.price if item.price is not None else item.percent
    return f"{figure}" if item.price is not None else f"{figure} %"


def found(errors: Sequence[RowError]) -> list[tuple[int, str, str]]:
    """Row, column and code of each error."""
    return [(error.row, str(error.field), error.code) for error in errors]
