"""CSV as ERPs write it: the separator is found out, quotes hold separators and line breaks."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from portal.sheets.limits import MAX_CELL, MAX_COLUMNS, MAX_LINE, MAX_ROWS
from portal.sheets.records import Record
from portal.sheets.refusals import BrokenQuotes, LineTooLong, TooManyColumns, TooManyRows

SEPARATORS = ";\t,|"
"""In the order in which they are preferred where nothing else decides."""
_SAMPLE_ROWS = 60
_SAMPLE_CHARACTERS = 200_000
_HINT = re.compile(r"sep=(.)\r?\n?\Z", re.IGNORECASE)
CHUNK = 5_000

csv.field_size_limit(4 * MAX_CELL)


def separator_of(text: str) -> str:
    """Return the separator that cuts the first rows into the most even columns."""
    first = text[: text.find("\n") + 1 or None]
    if hint := _HINT.match(first[:10]):
        return hint[1]
    sample = text[:_SAMPLE_CHARACTERS]
    if len(sample) < len(text):
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(SEPARATORS, key=lambda mark: (_evenness(sample, mark), -SEPARATORS.index(mark)))


def _evenness(sample: str, separator: str) -> tuple[int, int]:
    """Return in how many rows the usual number of columns stands, and that number."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    try:
        widths = Counter(len(row) for row in islice(reader, _SAMPLE_ROWS) if len(row) > 1)
    except csv.Error:
        return 0, 0
    if not widths:
        return 0, 0
    width, rows = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
    return rows, width


def chunks_of(text: str, separator: str) -> Iterator[list[Record]]:
    """Read the records, some thousands at a time.

    Refuses more than anybody's list has, and quotes that do not match: what follows them would
    silently be swallowed.
    """
    _check_rows(text, separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    read = filled = 0
    try:
        while chunk := list(islice(reader, CHUNK)):
            _check_width(chunk, read)
            if not read and _is_hint(chunk[0], text):
                chunk[0] = []
            read += len(chunk)
            filled += sum(map(any, chunk))
            if filled > MAX_ROWS + _SAMPLE_ROWS:
                raise TooManyRows(limit=MAX_ROWS)
            yield chunk
    except csv.Error as error:
        raise _refusal(error, reader.line_num) from None


def _check_rows(text: str, separator: str) -> None:
    """Refuse far too many rows before any is read: without quotes each line is one."""
    if '"' in text or text.count("\n") <= MAX_ROWS:
        return
    lines = io.StringIO(text, newline="")
    if sum(1 for line in lines if line.strip(f"{separator}\r\n")) > MAX_ROWS + _SAMPLE_ROWS:
        raise TooManyRows(limit=MAX_ROWS)


def _check_width(chunk: list[Record], before: int) -> None:
    if max(map(len, chunk)) > MAX_COLUMNS:
        row = next(at for at, one in enumerate(chunk, before + 1) if len(one) > MAX_COLUMNS)
        raise TooManyColumns(row=row, limit=MAX_COLUMNS)


def _is_hint(record: Record, text: str) -> bool:
    """Whether the first row is `sep=;`, which tells a spreadsheet the separator."""
    return len(record) <= 2 and bool(_HINT.match(text[:10].partition("\n")[0]))


def check_lines(text: str) -> None:
    """Refuse a text with a line that no list has."""
    if max(map(len, io.StringIO(text, newline="")), default=0) > MAX_LINE:
        lines = enumerate(io.StringIO(text, newline=""), 1)
        raise LineTooLong(row=next(number for number, line in lines if len(line) > MAX_LINE))


def _refusal(error: csv.Error, line: int) -> BrokenQuotes | LineTooLong:
    return LineTooLong(row=line) if "limit" in str(error) else BrokenQuotes(row=line)
