"""What is wrong with the rows of a list, as far as it tells itself; figures become integers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.i18n import N_
from portal.price_imports.errors.report import RowError
from portal.price_imports.rules.cells import Cells
from portal.price_imports.rules.columns import FIGURES, Column
from portal.price_imports.rules.reading import duplicates, first_said, read_rows
from portal.sheets.records import FORMULA

Line = tuple[int, str, int, int | None, bool]
"""A row as it is staged: its number, SKU, minimum quantity, price or percentage, free."""


@dataclass(slots=True)
class Checked:
    """The rows of a list, and what is wrong with them."""

    lines: list[Line] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)
    """By SKU, as the list first says them."""
    categories: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[Column, str] = field(default_factory=dict)
    undecided: frozenset[Column] = frozenset()
    rows: int = 0


def check(
    cells: Cells,
    *,
    percentages: bool,
    decimal: str | None = None,
    separator: str = "",
) -> Checked:
    """Read and check all rows; figures that may be thousands or decimals are errors."""
    read = read_rows(cells, FIGURES, Column.FREE, decimal=decimal, separator=separator)
    figures, free, skus, errors = read.figures, read.ticks, read.skus, read.errors
    values = _values(figures, free, Column.PERCENT if percentages else Column.PRICE)
    errors += _rule_errors(cells, values, free, read.empty, percentages=percentages)
    errors += _stranger_errors(cells, figures, percentages=percentages)
    minimums = [minimum or 0 for minimum in figures.get(Column.MIN_QUANTITY, ())] or [0] * len(skus)
    twice = N_("The product stands in row %(first)s with the same minimum quantity.")
    errors += duplicates(cells, skus, list(zip(skus, minimums, strict=True)), twice)
    errors.sort(key=lambda error: error.row)
    numbers = range(cells.first, cells.first + len(skus))
    lines = zip(numbers, skus, minimums, values, free, strict=True)
    return Checked(
        [line for line in lines if line[1] and line[1] != FORMULA],
        errors,
        first_said(skus, cells.columns.get(Column.NAME)),
        first_said(skus, cells.columns.get(Column.CATEGORY)),
        read.marks,
        frozenset(read.undecided),
        read.count,
    )


def _values(
    figures: Mapping[Column, list[int | None]], free: Sequence[bool], column: Column
) -> list[int | None]:
    """Return the figures of the table's own kind; what is free costs zero."""
    values: list[int | None] = figures.get(column) or [None] * len(free)
    if any(free):
        return [0 if f and v is None else v for f, v in zip(free, values, strict=True)]
    return values


def _rule_errors(
    cells: Cells,
    values: Sequence[int | None],
    free: Sequence[bool],
    empty: set[int],
    *,
    percentages: bool,
) -> Iterable[RowError]:
    """Say what a row of an edition may not be (DESIGN 3.2), as `pricing.rules.items` does."""
    column = Column.PERCENT if percentages else Column.PRICE
    texts = cells.column(column)
    for at, (value, is_free) in enumerate(zip(values, free, strict=True)):
        if bool(value) is not is_free:
            continue
        if value and is_free:
            yield RowError(cells.row(at), Column.FREE, "invalid", N_("What is free has no price."))
        elif value == 0:
            text = N_("A price of zero must be marked as free.")
            yield RowError(cells.row(at), column, "not_marked_free", text)
        elif at not in empty and not texts[at].strip():
            text = N_("The row has no price. Give one, or remove the row.")
            yield RowError(cells.row(at), column, "required", text)


def _stranger_errors(
    cells: Cells, figures: Mapping[Column, Sequence[int | None]], *, percentages: bool
) -> Iterable[RowError]:
    """Refuse prices where the table takes percentages, and the other way round."""
    column, text = (
        (Column.PRICE, N_("This table takes percentages of the sale price, not prices."))
        if percentages
        else (Column.PERCENT, N_("This table takes prices, not percentages."))
    )
    for at, value in enumerate(figures.get(column, ())):
        if value is not None:
            yield RowError(cells.row(at), column, "invalid", text)
