"""Lists as files: CSV as Excel in Portuguese reads it, XLSX with typed cells, never a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

import xlsxwriter
from flask import Response, send_file, stream_with_context

from portal import clock
from portal.errors import Refused
from portal.i18n import N_
from portal.sheets.formulas import plain_text as plain_text
from portal.sheets.formulas import safe_text as safe_text
from portal.texts import fold
from portal.web.filters import day, moment

Cell = str | int | Decimal | date | datetime | bool | None
Row = Sequence[Cell]

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_XLSX_ROWS = 100_000
BOM = "\ufeff"
_LONGEST_TEXT = 32_767
_IN_MEMORY = 4_000_000


class TooManyRows(Refused):
    """An XLSX file has room for so many rows only."""

    code = "too_many_rows"
    text = N_(
        "An XLSX file of this portal holds %(rows)s rows at most. Narrow the filters or take CSV."
    )


def csv_lines(head: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Write a list line by line: `;` between cells, decimal comma, dd/mm/yyyy."""
    line = _Line()
    writer = csv.writer(line, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_text(name) for name in head])
    yield BOM + line.text
    for row in rows:
        writer.writerow([csv_cell(cell) for cell in row])
        yield line.text


class _Line:
    """Keeps the line that the csv writer wrote last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def csv_cell(cell: Cell) -> str:
    """Write one cell; numbers are never escaped, texts are."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, datetime):
        return moment(cell)
    if isinstance(cell, date):
        return day(cell)
    return safe_text(cell)


def csv_response(name: str, head: Sequence[str], rows: Iterable[Row]) -> Response:
    """Answer with a CSV file, sent while its rows are read."""
    lines = _bundled(csv_lines(head, rows))
    response = Response(stream_with_context(lines), content_type=CSV_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(name, "csv")}"'
    return response


def _bundled(lines: Iterable[str], size: int = 200) -> Iterator[bytes]:
    """Send some lines at once: a packet per line would be slow."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) >= size:
            yield "".join(waiting).encode()
            waiting.clear()
    yield "".join(waiting).encode()


def xlsx_file(head: Sequence[str], rows: Iterable[Row], title: str = "") -> IO[bytes]:
    """Write a list as a workbook; TooManyRows beyond 100,000."""
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or None)
    styles = {
        "head": book.add_format({"bold": True}),
        "day": book.add_format({"num_format": "dd/mm/yyyy"}),
        "moment": book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        "number": book.add_format({"num_format": "#,##0.00##"}),
    }
    for at, name in enumerate(head):
        sheet.write_string(0, at, name, styles["head"])
        sheet.set_column(at, at, max(12, min(40, len(name) + 4)))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        if number > MAX_XLSX_ROWS:
            book.close()
            file.close()
            raise TooManyRows(rows=f"{MAX_XLSX_ROWS:,}".replace(",", "."))
        for at, cell in enumerate(row):
            _write_cell(sheet, styles, number, at, cell)
    book.close()
    file.seek(0)
    return cast(IO[bytes], file)


def _write_cell(sheet: Any, styles: dict[str, Any], row: int, column: int, cell: Cell) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, Decimal):
        sheet.write_number(row, column, cell, styles["number"])
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, clock.local(cell).replace(tzinfo=None), styles["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, styles["day"])
    else:
        sheet.write_string(row, column, cell[:_LONGEST_TEXT])


def xlsx_response(name: str, head: Sequence[str], rows: Iterable[Row], title: str = "") -> Response:
    """Answer with an XLSX file, written before it is sent."""
    file = xlsx_file(head, rows, title)
    return send_file(
        file, mimetype=XLSX_TYPE, as_attachment=True, download_name=file_name(name, "xlsx")
    )


def file_name(name: str, suffix: str) -> str:
    """Return the name of a file: plain letters, and the day."""
    bare = re.sub(r"[^a-z0-9_-]+", "-", fold(name)).strip("-")[:60] or "export"
    return f"{bare}-{clock.today().isoformat()}.{suffix}"
