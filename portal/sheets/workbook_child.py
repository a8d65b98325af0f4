"""Reads a workbook in a process of its own: run as a script, given little memory and time.

Takes the file on standard input and limits as JSON in its argument. Writes one line of JSON (the
sheet's name and its rows, the names of all, or why it is refused), then the cells, some thousand
rows at a time and those column by column, with marks between cells, columns and chunks. Imports
nothing of the portal: it must start quickly, and what breaks here breaks alone. A figure leaves
here as text, to the digits that spreadsheets keep; none is a price yet.
"""

import contextlib
import gc
import io
import json
import os
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest
from typing import Any
from xml.etree import ElementTree

import python_calamine as calamine

NUMBER, FORMULA, CELL, COLUMN, CHUNK = "\x0e", "\x0f", "\x10", "\x11", "\x12"
SUBSTITUTES = str.maketrans(dict.fromkeys(CELL + COLUMN + CHUNK, "\x1a"))
"""For a mark inside a text, which stays a sign that no code has."""
CHUNK_ROWS = 5_000
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
SMALL_PART = 2_000_000
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA_TAG = re.compile(rb"f(?<=[<:]f)[\s>/]")
"""Begins with a letter, for which a search skips quickly over what has none."""
_CELL_TAG = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]*>")
_CELL_START = re.compile(rb"<(?:\w+:)?c[\s>]")
_MACROS = re.compile(r"vbaproject|macrosheets/|vbadata|\.bin$", re.IGNORECASE)
_HARMLESS_BINARIES = re.compile(r"printersettings\d*\.bin$", re.IGNORECASE)
_LINKS = re.compile(
    r"externallinks/|embeddings/|activex/|connections\.xml|querytables/", re.IGNORECASE
)


class Refuse(Exception):
    """The workbook is not read; the argument says why."""


def main(limits: dict[str, Any]) -> None:
    """Check, read and write."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # nothing goes in circles here, and all of it goes with the process
    content = sys.stdin.buffer.read()
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=False)
    try:
        convert(content, limits, out)
    except Refuse as refusal:
        out.write(json.dumps({"refused": str(refusal)}) + "\n")
    out.flush()
    os._exit(0)  # without waiting for a sheet that is still being read, and is refused


def convert(content: bytes, limits: dict[str, Any], out: io.TextIOWrapper) -> None:
    """Look through the parts while the sheet is read beside; nothing leaves before both are done.

    Reading expands no entities, and has no more memory and time than this process.
    """
    entries = checked_entries(content, limits)
    with_sheet = ThreadPoolExecutor(1).submit(read_sheet, content, limits)
    parts = checked_parts(content, entries)
    sheet, names = with_sheet.result()
    formulas = formula_cells(sheet_part(parts, sheet.name))
    parts.clear()
    height = sheet.end[0] + 1 if sheet.end else 0
    check_formulas(formulas, height, limits)
    about = {"name": sheet.name, "rows": height, "names": names}
    out.write(json.dumps(about) + "\n")
    write_rows(rows_of(sheet), formulas, out)


def checked_entries(content: bytes, limits: dict[str, Any]) -> list[zipfile.ZipInfo]:
    """Return the table of contents; Refuse what no plain workbook has in it."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, RuntimeError, OverflowError, struct.error):
        raise Refuse("damaged") from None
    check_entries(entries, len(content), limits)
    return entries


def checked_parts(content: bytes, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """Return the parts in XML, unpacked and looked through; Refuse what is no plain workbook."""
    kept: dict[str, bytes] = {}
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            kept[entry.filename] = checked_part(content, entry)
    if WORKBOOK not in kept or RELATIONS not in kept or "[Content_Types].xml" not in kept:
        raise Refuse("damaged")
    check_kind(kept)
    return kept


def check_entries(entries: list[zipfile.ZipInfo], size: int, limits: dict[str, Any]) -> None:
    """Refuse bombs, macros and what reaches out, by the archive's table of contents."""
    if len(entries) > limits["entries"]:
        raise Refuse("too_large")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise Refuse("damaged")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if packed > size:
        raise Refuse("damaged")
    if unpacked > limits["unpacked"]:
        raise Refuse("too_large")
    for entry in entries:
        check_entry(entry, limits)


def check_entry(entry: zipfile.ZipInfo, limits: dict[str, Any]) -> None:
    """Refuse one that no plain workbook has."""
    name = entry.filename
    if entry.flag_bits & 1:
        raise Refuse("old")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Refuse("damaged")
    if name.startswith("/") or "\\" in name or ".." in name.split("/") or "\x00" in name:
        raise Refuse("damaged")
    if _MACROS.search(name) and not _HARMLESS_BINARIES.search(name):
        raise Refuse("macros")
    if _LINKS.search(name):
        raise Refuse("links")
    large = entry.file_size > limits["ratio_from"]
    if large and entry.file_size > limits["ratio"] * max(entry.compress_size, 1):
        raise Refuse("too_large")


def checked_part(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return a part, unpacked no further than it says it is; Refuse declarations of entities."""
    whole = unpacked(content, entry)
    if b"\x00" in whole[:200] or (b"!" in whole and b"<!" in whole and _DECLARATION.search(whole)):
        raise Refuse("damaged")
    return whole


def unpacked(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Unpack an entry ourselves: its table of contents may lie about its size."""
    head = content[entry.header_offset : entry.header_offset + LOCAL_HEADER.size]
    try:
        mark, *_, name_length, extra_length = LOCAL_HEADER.unpack(head)
    except struct.error:
        raise Refuse("damaged") from None
    if mark != b"PK\x03\x04":
        raise Refuse("damaged")
    start = entry.header_offset + LOCAL_HEADER.size + name_length + extra_length
    packed = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        whole = packed
    else:
        try:
            whole = zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
        except zlib.error:
            raise Refuse("damaged") from None
    if len(whole) != entry.file_size:
        raise Refuse("too_large" if len(whole) > entry.file_size else "damaged")
    return whole


def check_kind(parts: dict[str, bytes]) -> None:
    """Refuse what the parts say of macros and links to other files."""
    kinds = parts["[Content_Types].xml"].lower()
    if b"macroenabled" in kinds or b"vbaproject" in kinds:
        raise Refuse("macros")
    if b"externallink+xml" in kinds or b"<externalreference" in parts[WORKBOOK].lower():
        raise Refuse("links")


def read_sheet(content: bytes, limits: dict[str, Any]) -> tuple[Any, list[str]]:
    """Read the sheet that was asked for, else the first visible one that has cells."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        plain = [
            about.name
            for about in book.sheets_metadata
            if about.typ == calamine.SheetTypeEnum.WorkSheet
            and about.visible == calamine.SheetVisibleEnum.Visible
        ]
        sheet = chosen(book, plain, limits.get("sheet"))
    except (calamine.CalamineError, ValueError, OSError):
        raise Refuse("damaged") from None
    last_row, last_column = sheet.end or (0, 0)
    if last_column >= limits["columns"]:
        raise Refuse("columns")
    if last_row >= limits["rows"]:
        raise Refuse("rows")
    return sheet, plain


def rows_of(sheet: Any) -> Iterator[list[Any]]:
    """Read the rows as they are wanted, from column A on, wherever the first cell stands."""
    rows: Iterator[list[Any]] = sheet.iter_rows()
    before = [""] * (sheet.start or (0, 0))[1]
    return (before + row for row in rows) if before else rows


def write_rows(
    rows: Iterator[list[Any]], formulas: dict[int, list[int]], out: io.TextIOWrapper
) -> None:
    """Write all cells as text."""
    at = 0
    while chunk := list(islice(rows, CHUNK_ROWS)):
        put_formulas(chunk, at, formulas)
        out.write(COLUMN.join(map(column_text, zip_longest(*chunk, fillvalue=""))) + CHUNK)
        at += len(chunk)


def column_text(column: tuple[Any, ...]) -> str:
    """Write the cells of a column: at once if it is all texts, or else if it is all numbers."""
    try:
        text = CELL.join(column)
    except TypeError:
        text = numbers_text(column) or CELL.join(texts_of(column))
    if text.count(CELL) == len(column) - 1 and COLUMN not in text and CHUNK not in text:
        return text
    return CELL.join([text.translate(SUBSTITUTES) for text in texts_of(column)])


def numbers_text(column: tuple[Any, ...]) -> str:
    """Write at once what `number` writes one by one; nothing where it is not that simple."""
    if set(map(type, column)) != {float}:
        return ""
    text = CELL.join([f"{NUMBER}%.15g"] * len(column)) % column
    return "" if "e" in text else text


def texts_of(column: tuple[Any, ...]) -> list[str]:
    """Write cell by cell."""
    write_of = WRITERS
    return [c if c.__class__ is str else write_of[c.__class__](c) for c in column]


def yes_or_no(cell: bool) -> str:
    """Write a tick."""
    return "1" if cell else "0"


def put_formulas(rows: list[list[Any]], first: int, formulas: dict[int, list[int]]) -> None:
    """Put a mark in the place of the last value of each formula."""
    if not formulas:
        return
    for at, row in enumerate(rows, first):
        for column in formulas.get(at, ()):
            row += [""] * (column + 1 - len(row))
            row[column] = FORMULA


def chosen(book: Any, plain: list[str], wanted: str | None) -> Any:
    """Return a sheet of the workbook; Refuse when there is none."""
    if wanted is not None:
        if wanted not in plain:
            raise Refuse("sheet")
        return book.get_sheet_by_name(wanted)
    for name in plain:
        sheet = book.get_sheet_by_name(name)
        if sheet.end is not None:
            return sheet
    raise Refuse("empty" if plain else "sheet")


def whole(value: int) -> str:
    """Write a whole number with its mark."""
    return f"{NUMBER}{value}"


def number(value: float) -> str:
    """Write a number with its mark and at most the 15 digits that spreadsheets keep."""
    text = f"{NUMBER}{value:.15g}"
    if "e" not in text:
        return text
    return f"{NUMBER}{value:.20f}".rstrip("0") if "e-" in text else f"{NUMBER}{value:.0f}"


def other(cell: Any) -> str:
    """Write a day or an hour; nothing for what a list does not hold."""
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else ""


WRITERS: defaultdict[type, Callable[[Any], str]] = defaultdict(
    lambda: other, {int: whole, float: number, bool: yes_or_no}
)


def check_formulas(formulas: dict[int, list[int]], rows: int, limits: dict[str, Any]) -> None:
    """Refuse formulas further right than cells may stand."""
    if any(max(formulas[row]) >= limits["columns"] for row in formulas if row < rows):
        raise Refuse("columns")


def formula_cells(part: bytes) -> dict[int, list[int]]:
    """Return where formulas stand, by row and column from 0; Refuse where that cannot be told."""
    found: dict[int, list[int]] = {}
    for match in _FORMULA_TAG.finditer(part):
        row, column = cell_before(part, match.start() - 1)
        found.setdefault(row, []).append(column)
    return found


def cell_before(part: bytes, end: int) -> tuple[int, int]:
    """Return the place of the cell in which a formula stands."""
    begun = _CELL_START.finditer(part, max(0, end - 2_000), end)
    start = max((match.start() for match in begun), default=-1)
    match = _CELL_TAG.match(part, start) if start >= 0 else None
    if match is None:
        raise Refuse("formulas")
    column = 0
    for letter in match[1].decode():
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def sheet_part(parts: dict[str, bytes], sheet: str) -> bytes:
    """Return the XML of a sheet, found as the workbook names it."""
    if max(len(parts[WORKBOOK]), len(parts[RELATIONS])) > SMALL_PART:
        raise Refuse("too_large")
    with contextlib.suppress(ElementTree.ParseError, KeyError):
        relations = {
            one.attrib["Id"]: one.attrib["Target"]
            for one in elements(parts[RELATIONS], "Relationship")
        }
        for one in elements(parts[WORKBOOK], "sheet"):
            if one.attrib.get("name") == sheet:
                key = next(value for name, value in one.attrib.items() if name.endswith("}id"))
                target = relations[key]
                name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                return parts[name]
    raise Refuse("damaged")


def elements(part: bytes, name: str) -> Iterator[ElementTree.Element]:
    """List the elements of a name, whatever their namespace; entities were refused before."""
    root = ElementTree.fromstring(part)  # noqa: S314 - no part with a declaration comes this far
    return (one for one in root.iter() if one.tag.rpartition("}")[2] == name)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
