"""The first rows of a file as they will be read: what a cell says, and what is understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.money import PRICE_SCALE, QUANTITY_SCALE, from_minor
from portal.price_imports.rules.cells import Cells
from portal.price_imports.rules.columns import PRICES, Column, Layout
from portal.price_imports.rules.reading import BOUNDS
from portal.price_imports.rules.settings import Reading, decimal_marks
from portal.sheets.figures import COMMA, Fault, read_figure, weigh
from portal.sheets.records import Record, shown

MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class PreviewCell:
    """A cell as it stands in the file; a figure as it is understood, or `bad`."""

    text: str
    figure: Decimal | None = None
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """The first columns and rows of a file."""

    columns: Sequence[tuple[int, str, Column | None]]
    """Each with its place, its heading, and what it is read as."""
    rows: Sequence[tuple[int, Sequence[PreviewCell]]]
    marks: Mapping[Column, str]
    undecided: frozenset[Column]
    more_columns: int = 0


def preview(
    head: Sequence[Record],
    reading: Reading,
    cells: Cells | None,
    separator: str,
    most_rows: int,
    layout: Layout = PRICES,
) -> Preview:
    """Return the first rows as they will be read; `cells` are those of the whole file."""
    columns = cells.columns if cells else {}
    weighed = {one: weigh(set(columns[one])) for one in layout.figures if one in columns}
    marks, undecided = decimal_marks(weighed, reading.decimal, separator, layout.figures)
    first = reading.first_row
    names = list(map(shown, head[first - 1])) if first else []
    width = max(map(len, head), default=0)
    by_place = {at: column for column, at in reading.columns.items()}
    shown_columns = _shown_columns(width, by_place)
    rows = [
        (at + 1, [_cell(row, place, by_place.get(place), marks) for place in shown_columns])
        for at, row in enumerate(head[first : first + most_rows], first)
    ]
    headings = [
        (place, names[place] if place < len(names) else "", by_place.get(place))
        for place in shown_columns
    ]
    return Preview(headings, rows, marks, frozenset(undecided), width - len(shown_columns))


def _shown_columns(width: int, by_place: Mapping[int, Column]) -> list[int]:
    """Return the first columns; those that are read always belong to them."""
    read = {place for place in by_place if place < width}
    others = [place for place in range(width) if place not in read]
    return sorted([*read, *others[: max(0, MOST_COLUMNS - len(read))]])


def _cell(
    row: Record, place: int, column: Column | None, marks: Mapping[Column, str]
) -> PreviewCell:
    text = row[place] if place < len(row) else ""
    if column is None or column not in BOUNDS:
        return PreviewCell(shown(text))
    scale, highest = BOUNDS[column]
    value = read_figure(text, marks.get(column, COMMA), scale, highest)
    if value is None or isinstance(value, Fault):
        return PreviewCell(shown(text), bad=value is not None)
    digits = QUANTITY_SCALE if column == Column.MIN_QUANTITY else PRICE_SCALE
    return PreviewCell(shown(text), from_minor(value, digits))
