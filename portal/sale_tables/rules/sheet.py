"""A list of sale prices as it was sent: its rows, and what is wrong with them.

A row without a price is to be priced, as in an edition; zero is no price (rules.rows).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from portal.i18n import N_
from portal.price_imports.errors.report import RowError
from portal.price_imports.rules.cells import Cells
from portal.price_imports.rules.columns import SALES, Column
from portal.price_imports.rules.reading import Rows, duplicates, read_rows
from portal.sale_tables.rules.rows import ABOVE_ZERO
from portal.sheets.records import FORMULA


class SheetRow(NamedTuple):
    """A row of a list: its number as a spreadsheet counts, and figures in 1/10,000."""

    number: int
    sku: str
    suggested_price: int | None
    sale_price: int | None
    on_site: bool


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """The rows of a list, what is wrong with them, and how many there are."""

    rows: list[SheetRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    count: int = 0


def check_sheet(cells: Cells, *, decimal: str | None = None, separator: str = "") -> CheckedSheet:
    """Read and check all rows, as far as the list itself tells."""
    read = read_rows(cells, SALES.figures, Column.ON_SITE, decimal=decimal, separator=separator)
    twice = N_("The product stands in row %(first)s already.")
    errors = [
        *read.errors,
        *_zeros(cells, read),
        *duplicates(cells, read.skus, read.skus, twice),
    ]
    errors.sort(key=lambda error: error.row)
    rows = [row for row in _rows(cells, read) if row.sku and row.sku != FORMULA]
    return CheckedSheet(rows, errors, read.count)


def _zeros(cells: Cells, read: Rows) -> Iterable[RowError]:
    for column, figures in read.figures.items():
        for at, figure in enumerate(figures):
            if figure == 0:
                yield RowError(cells.row(at), column, "invalid", ABOVE_ZERO)


def _rows(cells: Cells, read: Rows) -> Iterable[SheetRow]:
    none: list[int | None] = [None] * len(read.skus)
    suggested = read.figures.get(Column.SUGGESTED_PRICE, none)
    sale = read.figures.get(Column.SALE_PRICE, none)
    numbers = range(cells.first, cells.first + len(read.skus))
    return map(SheetRow, numbers, read.skus, suggested, sale, read.ticks)
