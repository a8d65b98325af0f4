"""The cells of the columns that matter, gathered column by column: quick, and small in memory."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from portal.price_imports.rules.columns import Column
from portal.sheets.formulas import plain_text
from portal.sheets.records import FORMULA, NUMBER, Record, Sheet

Progress = Callable[[int], None]
_TEXTS = (Column.SKU, Column.NAME, Column.CATEGORY, Column.FREE, Column.ON_SITE)


@dataclass(slots=True)
class Cells:
    """The columns of a list, without the rows at its end in which nothing stands."""

    first: int
    """The number of the first row, as a spreadsheet counts."""
    columns: dict[Column, list[str]]
    wide: list[int] = field(default_factory=list)
    """Rows with more cells than the header: a separator inside a cell, probably."""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def column(self, column: Column) -> list[str]:
        """Return the cells of a column; empty ones where the file has none such."""
        return self.columns.get(column) or [""] * len(self)

    def row(self, at: int) -> int:
        """Return the number of a row."""
        return self.first + at

    def is_empty(self, at: int) -> bool:
        """Whether nothing stands in a row."""
        return not any(cells[at].strip() for cells in self.columns.values())


def gather(
    sheet: Sheet,
    columns: Mapping[Column, int],
    first: int,
    progress: Progress | None = None,
) -> Cells:
    """Read the columns that matter out of a file, from its `first` row below the header.

    `progress` hears how many rows were read.
    """
    cells = Cells(first + 1, {column: [] for column in columns})
    width = 0
    seen = 0
    for chunk in sheet.chunks():
        if first and seen < first <= seen + len(chunk):
            width = len(chunk[first - 1 - seen])
        rows = chunk[max(0, first - seen) :]
        _take(cells, rows, columns, width if sheet.kind == "csv" else 0, max(first, seen))
        seen += len(chunk)
        if progress is not None:
            progress(seen)
    _drop_empty_end(cells)
    _clean(cells, is_csv=sheet.kind == "csv")
    return cells


def _take(
    cells: Cells, rows: list[Record], columns: Mapping[Column, int], width: int, before: int
) -> None:
    if not rows:
        return
    most = max(map(len, rows))
    needed = max(columns.values(), default=0) + 1
    if width and most > width:
        cells.wide += [at for at, row in enumerate(rows, before + 1) if any(row[width:])]
    if min(map(len, rows)) < max(most, needed):
        blank = [""] * max(most, needed)
        rows = [row + blank[len(row) :] for row in rows]
    turned: list[tuple[str, ...]] = list(zip(*rows, strict=True))
    for column, at in columns.items():
        cells.columns[column] += turned[at]


def _drop_empty_end(cells: Cells) -> None:
    last = len(cells)
    while last and cells.is_empty(last - 1):
        last -= 1
    for column in cells.columns.values():
        del column[last:]


def _clean(cells: Cells, *, is_csv: bool) -> None:
    """Bring texts back to what was meant: no blanks around them, no apostrophe of our exports."""
    for column in _TEXTS:
        if column in cells.columns:
            cells.columns[column] = _cleaned(cells.columns[column], is_csv=is_csv)


def _cleaned(column: Iterable[str], *, is_csv: bool) -> list[str]:
    if not is_csv:
        return [cell.lstrip(NUMBER).strip() for cell in column]
    return [
        FORMULA if bare[:1] == "=" else plain_text(bare) if "'" in bare else bare
        for bare in map(str.strip, column)
    ]
