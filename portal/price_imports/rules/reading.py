"""The cells of a list as figures, ticks and codes, and what is wrong with them.

Columns are read as wholes, and each spelling once: a row costs a microsecond or two.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.i18n import N_
from portal.money import PRICE_SCALE, QUANTITY_SCALE, to_minor
from portal.price_imports.errors.report import RowError
from portal.price_imports.rules.cells import Cells
from portal.price_imports.rules.columns import Column
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
    Column.SALE_PRICE: (PRICE_SCALE, to_minor(HIGHEST_PRICE, PRICE_SCALE)),
    Column.SUGGESTED_PRICE: (PRICE_SCALE, to_minor(HIGHEST_PRICE, PRICE_SCALE)),
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


@dataclass(slots=True)
class Rows:
    """The rows of a list as they were read, and what is wrong with them so far."""

    skus: list[str]
    figures: Mapping[Column, list[int | None]]
    ticks: list[bool]
    empty: set[int]
    """Rows in which nothing stands, from 0."""
    errors: list[RowError]
    marks: Mapping[Column, str]
    undecided: set[Column]

    @property
    def count(self) -> int:
        """How many rows have something in them."""
        return len(self.skus) - len(self.empty)


def read_rows(
    cells: Cells,
    columns: Sequence[Column],
    tick: Column,
    *,
    decimal: str | None = None,
    separator: str = "",
) -> Rows:
    """Read codes, figures and ticks; figures that may be thousands or decimals are errors."""
    weighed = {one: weigh(set(cells.columns[one])) for one in columns if one in cells.columns}
    marks, undecided = decimal_marks(weighed, decimal, separator, columns)
    errors: list[RowError] = []
    figures = {
        column: _figures(cells, column, marks[column], errors)
        for column in columns
        if column in cells.columns
    }
    errors += _undecided_errors(cells, undecided)
    ticks = _ticks(cells, tick, errors)
    skus = cells.column(Column.SKU)
    errors += _sku_errors(cells, skus)
    errors += _wide_errors(cells)
    empty = {at for at, sku in enumerate(skus) if not sku and cells.is_empty(at)}
    errors = [error for error in errors if error.row - cells.first not in empty]
    errors += [_empty_row(cells.row(at)) for at in empty]
    return Rows(skus, figures, ticks, empty, errors, marks, undecided)


def first_said(skus: Sequence[str], texts: Sequence[str] | None) -> dict[str, str]:
    """Return what a list first says of each product."""
    if texts is None:
        return {}
    said = dict(zip(reversed(skus), reversed(texts), strict=True))
    return {sku: text for sku, text in said.items() if text and text != FORMULA}


def duplicates(
    cells: Cells, skus: Sequence[str], keys: Sequence[Hashable], text: str
) -> Iterable[RowError]:
    """Say which rows have the key of an earlier one; `text` names its row as `first`."""
    if len(set(keys)) == len(keys):
        return
    first: dict[Hashable, int] = {}
    for at, key in enumerate(keys):
        before = first.setdefault(key, at)
        if skus[at] and skus[at] != FORMULA and before != at:
            facts = {"first": cells.row(before)}
            yield RowError(cells.row(at), Column.SKU, "duplicate", text, facts)


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


def _undecided_errors(cells: Cells, undecided: Iterable[Column]) -> Iterable[RowError]:
    for column in undecided:
        for at, text in enumerate(cells.columns[column]):
            if "," in text or "." in text:
                facts = {"value": _short(text)}
                yield RowError(cells.row(at), column, "ambiguous_number", _UNDECIDED, facts)
                break


def _ticks(cells: Cells, column: Column, errors: list[RowError]) -> list[bool]:
    texts = cells.column(column)
    read = {text: _tick(text) for text in set(texts)}
    for at, text in enumerate(texts):
        if read[text] is None:
            code, said = "invalid", N_("Write yes or no, or leave it empty.")
            if text == FORMULA:
                code, said = "formula", FORMULA_TEXT
            errors.append(RowError(cells.row(at), column, code, said))
    return [bool(read[text]) for text in texts]


def _sku_errors(cells: Cells, skus: Sequence[str]) -> Iterable[RowError]:
    wrong = {sku: reason for sku in set(skus) if (reason := _sku_reason(sku))}
    if not wrong:
        return
    for at, sku in enumerate(skus):
        if sku in wrong:
            yield RowError(cells.row(at), Column.SKU, *wrong[sku])


def _wide_errors(cells: Cells) -> Iterable[RowError]:
    text = N_("The row has more cells than the header: a separator stands in one, without quotes.")
    return (RowError(row, Column.SKU, "too_many_cells", text) for row in cells.wide)


def _empty_row(row: int) -> RowError:
    return RowError(row, Column.SKU, "empty_row", N_("The row is empty. Remove it."))


def _number(value: int | Fault | None) -> int | None:
    return None if isinstance(value, Fault) else value


def _fault(
    row: int, column: Column, fault: Fault, text: str, facts: Mapping[str, object]
) -> RowError:
    code, message = _FAULTS[fault]
    if fault is Fault.FORMULA:
        return RowError(row, column, code, message)
    return RowError(row, column, code, message, {"value": _short(text), **facts})


def _tick(text: str) -> bool | None:
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def _sku_reason(sku: str) -> tuple[str, str] | None:
    if not sku:
        return "required", N_("The row names no product.")
    if sku == FORMULA:
        return "formula", FORMULA_TEXT
    if len(sku) > CODE_LENGTH or not sku.isprintable():
        return "invalid", N_("No product has such a code: it is too long or has invisible signs.")
    return None


def _short(text: str) -> str:
    bare = shown(text).strip()
    return bare if len(bare) <= _LONGEST_SHOWN else f"{bare[: _LONGEST_SHOWN - 1]}…"
