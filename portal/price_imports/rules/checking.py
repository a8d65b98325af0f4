"""What is wrong with the rows of a list, as far as the list itself tells; figures become integers.

Columns are read as wholes, and each spelling once: a row costs a microsecond or two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.i18n import N_
from portal.money import PRICE_SCALE, QUANTITY_SCALE, to_minor
from portal.price_imports.errors.report import RowError
from portal.price_imports.rules.cells import Cells
from portal.price_imports.rules.columns import FIGURES, Column
from portal.price_imports.rules.settings import decimal_marks
from portal.pricing.rules.items import HIGHEST_PERCENT, HIGHEST_PRICE, HIGHEST_QUANTITY
from portal.sheets.figures import COMMA, Fault, read_figure, weigh
from portal.sheets.records import FORMULA, shown
from portal.texts import CODE_LENGTH

_LONGEST_SHOWN = 40
_YES = frozenset({"1", "sim", "s", "si", "sí", "yes", "y", "true", "x", "v", "verdadeiro", "grátis",
                  "gratis", "free", "gratuito"})  # fmt: skip
_NO = frozenset({"", "0", "não", "nao", "n", "no", "false", "f", "falso"})
BOUNDS = {
    Column.PRICE: (PRICE_SCALE, to_minor(HIGHEST_PRICE, PRICE_SCALE)),
    Column.PERCENT: (PRICE_SCALE, to_minor(HIGHEST_PERCENT, PRICE_SCALE)),
    Column.MIN_QUANTITY: (QUANTITY_SCALE, to_minor(HIGHEST_QUANTITY, QUANTITY_SCALE)),
}

FORMULA_TEXT = N_("Formulas are not evaluated. Put the value in its place.")
_FAULTS = {
    Fault.LETTERS: ("invalid", N_("%(value)s is no number such as %(example)s.")),
    Fault.NEGATIVE: ("invalid", N_("%(value)s is below zero.")),
    Fault.DECIMALS: ("invalid", N_("%(value)s has more than %(scale)s decimals.")),
    Fault.TOO_LARGE: ("invalid", N_("%(value)s is too large.")),
    Fault.FORMULA: ("formula", FORMULA_TEXT),
}
_UNDECIDED = N_(
    "%(value)s may be thousands or decimals, and no other row tells. Write 1234 or 1234,00, or say "
    "which mark the decimals have."
)


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
    weighed = {one: weigh(set(cells.columns[one])) for one in FIGURES if one in cells.columns}
    marks, undecided = decimal_marks(weighed, decimal, separator)
    errors: list[RowError] = []
    figures = {
        column: _figures(cells, column, marks[column], errors)
        for column in FIGURES
        if column in cells.columns
    }
    errors += _undecided_errors(cells, undecided)
    free = _ticks(cells, errors)
    skus = cells.column(Column.SKU)
    errors += _sku_errors(cells, skus)
    errors += _wide_errors(cells)
    empty = {at for at, sku in enumerate(skus) if not sku and cells.is_empty(at)}
    errors = [error for error in errors if error.row - cells.first not in empty]
    errors += [_empty_row(cells.row(at)) for at in empty]
    values = _values(figures, free, Column.PERCENT if percentages else Column.PRICE)
    errors += _rule_errors(cells, values, free, empty, percentages=percentages)
    errors += _stranger_errors(cells, figures, percentages=percentages)
    minimums = [minimum or 0 for minimum in figures.get(Column.MIN_QUANTITY, ())] or [0] * len(skus)
    errors += _duplicates(cells, skus, minimums)
    errors.sort(key=lambda error: error.row)
    numbers = range(cells.first, cells.first + len(skus))
    lines = zip(numbers, skus, minimums, values, free, strict=True)
    return Checked(
        [line for line in lines if line[1] and line[1] != FORMULA],
        errors,
        _first_said(skus, cells.columns.get(Column.NAME)),
        _first_said(skus, cells.columns.get(Column.CATEGORY)),
        marks,
        frozenset(undecided),
        len(skus) - len(empty),
    )


def _figures(cells: Cells, column: Column, mark: str, errors: list[RowError]) -> list[int | None]:
    scale, highest = BOUNDS[column]
    texts = cells.columns[column]
    read = {text: read_figure(text, mark, scale, highest) for text in set(texts)}
    faults = {text: fault for text, fault in read.items() if isinstance(fault, Fault)}
    if faults:
        example = "1.234,56" if mark == COMMA else "1,234.56"
        facts = {"scale": scale, "example": example}
        errors += [
            _fault(cells.row(at), column, faults[text], text, facts)
            for at, text in enumerate(texts)
            if text in faults
        ]
    good = {text: _number(value) for text, value in read.items()}
    return [good[text] for text in texts]


def _number(value: int | Fault | None) -> int | None:
    return None if isinstance(value, Fault) else value


def _fault(
    row: int, column: Column, fault: Fault, text: str, facts: Mapping[str, object]
) -> RowError:
    code, message = _FAULTS[fault]
    if fault is Fault.FORMULA:
        return RowError(row, column, code, message)
    return RowError(row, column, code, message, {"value": _short(text), **facts})


def _undecided_errors(cells: Cells, undecided: Iterable[Column]) -> Iterable[RowError]:
    for column in undecided:
        for at, text in enumerate(cells.columns[column]):
            if "," in text or "." in text:
                facts = {"value": _short(text)}
                yield RowError(cells.row(at), column, "ambiguous_number", _UNDECIDED, facts)
                break


def _ticks(cells: Cells, errors: list[RowError]) -> list[bool]:
    texts = cells.column(Column.FREE)
    read = {text: _tick(text) for text in set(texts)}
    for at, text in enumerate(texts):
        if read[text] is None:
            code, said = "invalid", N_("Write yes or no, or leave it empty.")
            if text == FORMULA:
                code, said = "formula", FORMULA_TEXT
            errors.append(RowError(cells.row(at), Column.FREE, code, said))
    return [bool(read[text]) for text in texts]


def _tick(text: str) -> bool | None:
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def _sku_errors(cells: Cells, skus: Sequence[str]) -> Iterable[RowError]:
    wrong = {sku: reason for sku in set(skus) if (reason := _sku_reason(sku))}
    if not wrong:
        return
    for at, sku in enumerate(skus):
        if sku in wrong:
            yield RowError(cells.row(at), Column.SKU, *wrong[sku])


def _sku_reason(sku: str) -> tuple[str, str] | None:
    if not sku:
        return "required", N_("The row names no product.")
    if sku == FORMULA:
        return "formula", FORMULA_TEXT
    if len(sku) > CODE_LENGTH or not sku.isprintable():
        return "invalid", N_("No product has such a code: it is too long or has invisible signs.")
    return None


def _wide_errors(cells: Cells) -> Iterable[RowError]:
    text = N_("The row has more cells than the header: a separator stands in one, without quotes.")
    return (RowError(row, Column.SKU, "too_many_cells", text) for row in cells.wide)


def _empty_row(row: int) -> RowError:
    return RowError(row, Column.SKU, "empty_row", N_("The row is empty. Remove it."))


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


def _duplicates(cells: Cells, skus: Sequence[str], minimums: Sequence[int]) -> Iterable[RowError]:
    keys = list(zip(skus, minimums, strict=True))
    if len(set(keys)) == len(keys):
        return
    first: dict[tuple[str, int], int] = {}
    text = N_("The product stands in row %(first)s with the same minimum quantity.")
    for at, key in enumerate(keys):
        before = first.setdefault(key, at)
        if key[0] and key[0] != FORMULA and before != at:
            facts = {"first": cells.row(before)}
            yield RowError(cells.row(at), Column.SKU, "duplicate", text, facts)


def _first_said(skus: Sequence[str], texts: Sequence[str] | None) -> dict[str, str]:
    if texts is None:
        return {}
    said = dict(zip(reversed(skus), reversed(texts), strict=True))
    return {sku: text for sku, text in said.items() if text and text != FORMULA}


def _short(text: str) -> str:
    bare = shown(text).strip()
    return bare if len(bare) <= _LONGEST_SHOWN else f"{bare[: _LONGEST_SHOWN - 1]}…"
