"""How a file is read: recognised at first, corrected by whoever imports it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal.price_imports.rules.columns import (
    FIGURES,
    PRICES,
    SALES,
    Column,
    Layout,
    find_header,
    map_columns,
)
from portal.sheets.figures import COMMA, POINT, Evidence
from portal.sheets.records import Record, Sheet

NO_HEADER = -1


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read. Rows and columns count from 0."""

    separator: str | None = None
    sheet: str | None = None
    header: int | None = None
    """NO_HEADER when the list begins without one; None as long as nobody has looked."""
    columns: Mapping[Column, int] = field(default_factory=dict)
    decimal: str | None = None
    """The decimal mark of all figures; None lets each column tell."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "separator": self.separator,
            "sheet": self.sheet,
            "header": self.header,
            "columns": {str(column): at for column, at in self.columns.items()},
            "decimal": self.decimal,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Reading":
        """Return what was kept."""
        columns = {Column(name): int(at) for name, at in kept.get("columns", {}).items()}
        names = ("separator", "sheet", "header", "decimal")
        return cls(columns=columns, **{name: kept.get(name) for name in names})

    @property
    def first_row(self) -> int:
        """The first row below the header."""
        return (NO_HEADER if self.header is None else self.header) + 1

    @property
    def is_complete(self) -> bool:
        """Whether it says where the product stands, and what it costs."""
        telling = PRICES.telling | SALES.telling
        return Column.SKU in self.columns and bool(telling & set(self.columns))


def recognise(
    sheet: Sheet, head: Sequence[Record], given: Reading = Reading(), layout: Layout = PRICES
) -> Reading:
    """Return how the file is read, as far as its first rows tell; what is given stays."""
    made = replace(given, separator=sheet.separator or None, sheet=sheet.name or None)
    header = given.header
    if header is None:
        header = find_header(head, layout)
    if header is None or not 0 <= header < len(head):
        return replace(made, header=NO_HEADER)
    return replace(made, header=header, columns=given.columns or map_columns(head[header], layout))


def decimal_marks(
    evidence: Mapping[Column, Evidence],
    given: str | None,
    separator: str,
    figures: Sequence[Column] = FIGURES,
) -> tuple[dict[Column, str], set[Column]]:
    """Return the decimal mark of each column of figures, and the columns that nothing decides.

    The column's own values decide, then the other columns'. A file with commas between its cells
    has points in its numbers; what else is undecided is read with commas, as people here write.
    """
    others = {one.mark for one in evidence.values() if one.mark}
    shared = others.pop() if len(others) == 1 else None
    usual = POINT if separator == COMMA else COMMA
    marks = {
        column: given or (evidence[column].mark if column in evidence else None) or shared or usual
        for column in figures
    }
    undecided = {
        column
        for column, one in evidence.items()
        if one.is_open and not given and not shared and separator != COMMA
    }
    return marks, undecided
