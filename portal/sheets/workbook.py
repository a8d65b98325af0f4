"""XLSX, read by a child process with little memory and time: see `workbook_child`."""

import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.errors import Refused
from portal.sheets.limits import (
    CHILD_MEMORY_BYTES,
    CHILD_SECONDS,
    MAX_COLUMNS,
    MAX_DIRECTORY_BYTES,
    MAX_ENTRIES,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    RATIO_COUNTS_FROM,
)
from portal.sheets.records import Record, Sheet
from portal.sheets.refusals import (
    EmptyFile,
    NoSuchSheet,
    NotAWorkbook,
    OldWorkbook,
    TooManyColumns,
    TooManyRows,
    WorkbookTooLarge,
    WorkbookWithFormulas,
    WorkbookWithLinks,
    WorkbookWithMacros,
)

_CHILD = Path(__file__).with_name("workbook_child.py")
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LONGEST_END = 65_557
_CELL, _COLUMN, _CHUNK = "\x10", "\x11", "\x12"
_REASONS: dict[str, Refused] = {
    "damaged": NotAWorkbook(),
    "old": OldWorkbook(),
    "macros": WorkbookWithMacros(),
    "links": WorkbookWithLinks(),
    "formulas": WorkbookWithFormulas(),
    "too_large": WorkbookTooLarge(),
    "columns": TooManyColumns(row=1, limit=MAX_COLUMNS),
    "rows": TooManyRows(limit=MAX_ROWS),
    "sheet": NoSuchSheet(),
    "empty": EmptyFile(),
}


def read_workbook(content: bytes, sheet: str | None = None) -> Sheet:
    """Read a workbook's sheet, by default the first visible one with cells."""
    check_directory(content)
    head, _, cells = _ask_child(content, sheet).partition("\n")
    about = json.loads(head)
    if reason := about.get("refused"):
        raise type(_REASONS[reason])(**_REASONS[reason].facts)
    return Sheet(
        "xlsx",
        lambda: _chunks_of(cells),
        size=about["rows"],
        names=tuple(about["names"]),
        name=about["name"],
    )


def _chunks_of(text: str) -> Iterator[list[Record]]:
    for chunk in text.split(_CHUNK)[:-1]:
        columns = [column.split(_CELL) for column in chunk.split(_COLUMN)]
        yield list(map(list, zip(*columns, strict=True)))


def check_directory(content: bytes) -> None:
    """Refuse an archive by the size of its table of contents, before anybody reads that."""
    at = content.rfind(_END_MARK, max(0, len(content) - _LONGEST_END))
    if at < 0 or len(content) - at < _END.size:
        raise NotAWorkbook
    _, _, _, _, entries, size, _, _ = _END.unpack_from(content, at)
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY_BYTES:
        raise WorkbookTooLarge


def _ask_child(content: bytes, sheet: str | None) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own script under our own interpreter
            [sys.executable, "-I", str(_CHILD), json.dumps(_limits(sheet))],
            input=content,
            capture_output=True,
            timeout=CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WorkbookTooLarge from None
    if done.returncode or not done.stdout:
        raise (
            WorkbookTooLarge
            if done.returncode < 0 or b"MemoryError" in done.stderr
            else NotAWorkbook
        )
    return done.stdout.decode("utf-8")


def _limits(sheet: str | None) -> dict[str, Any]:
    return {
        "sheet": sheet,
        "memory": CHILD_MEMORY_BYTES,
        "seconds": CHILD_SECONDS,
        "entries": MAX_ENTRIES,
        "unpacked": MAX_UNPACKED_BYTES,
        "ratio": MAX_RATIO,
        "ratio_from": RATIO_COUNTS_FROM,
        "columns": MAX_COLUMNS,
        "rows": MAX_ROWS + 60,
    }
