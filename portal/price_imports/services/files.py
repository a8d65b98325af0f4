"""A file on its way to being checked: opened, its columns found, its cells read."""

from dataclasses import dataclass

from portal.price_imports.errors import ColumnsUnknown
from portal.price_imports.rules.cells import Progress, gather
from portal.price_imports.rules.checking import Checked, check
from portal.price_imports.rules.columns import HEADER_WITHIN, PRICES, Layout
from portal.price_imports.rules.settings import Reading, recognise
from portal.sheets.reading import open_sheet
from portal.sheets.records import Record, Sheet

PREVIEW_ROWS = 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, its first rows, and how it is read."""

    sheet: Sheet
    head: list[Record]
    reading: Reading


def open_file(
    file_name: str, content: bytes, given: Reading | None = None, layout: Layout = PRICES
) -> Opened:
    """Open a file and find out how it is read; what is given stays."""
    given = given or Reading()
    sheet = open_sheet(file_name, content, separator=given.separator, sheet=given.sheet)
    head = sheet.head(HEADER_WITHIN + PREVIEW_ROWS)
    return Opened(sheet, head, recognise(sheet, head, given, layout))


def check_file(opened: Opened, *, percentages: bool, progress: Progress | None = None) -> Checked:
    """Read and check all rows; ColumnsUnknown when nothing says where products and prices are."""
    reading = opened.reading
    if not reading.is_complete:
        raise ColumnsUnknown
    cells = gather(opened.sheet, reading.columns, reading.first_row, progress)
    return check(
        cells,
        percentages=percentages,
        decimal=reading.decimal,
        separator=opened.sheet.separator,
    )
