"""Opening a file: what it is, by its name and by its first bytes, which must agree."""

from pathlib import PurePosixPath

from portal.sheets.delimited import check_lines, chunks_of, separator_of
from portal.sheets.encodings import decoded
from portal.sheets.limits import MAX_BYTES
from portal.sheets.records import FORMULA, NUMBER, Sheet
from portal.sheets.refusals import (
    EmptyFile,
    FileTooLarge,
    NotAWorkbook,
    NotText,
    OldWorkbook,
    UnknownKind,
    WebPage,
)
from portal.sheets.workbook import read_workbook

TEXTS = frozenset({".csv", ".txt", ".tsv", ".tab"})
WORKBOOKS = frozenset({".xlsx"})
_ZIP = b"PK"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_PAGE = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta")
_MARK = b"\xef\xbb\xbf"
_NO_MARKS = str.maketrans("", "", NUMBER + FORMULA)


def open_sheet(
    file_name: str, content: bytes, *, separator: str | None = None, sheet: str | None = None
) -> Sheet:
    """Open a file. `separator` and `sheet` overrule what is found out.

    UnreadableFile, or one of its kind, says why it is not read.
    """
    if len(content) > MAX_BYTES:
        raise FileTooLarge(limit=MAX_BYTES // 1_000_000)
    ending = PurePosixPath(file_name.lower().strip()).suffix
    _check_start(content, ending)
    if content.startswith(_ZIP):
        return read_workbook(content, sheet)
    if ending in WORKBOOKS:
        raise NotAWorkbook
    return _text_sheet(content, separator)


def _check_start(content: bytes, ending: str) -> None:
    """Refuse what its name or its first bytes say is no list."""
    start = content[:512].removeprefix(_MARK).lstrip().lower()
    if not start:
        raise EmptyFile
    if start.startswith(_OLD_WORKBOOK):
        raise OldWorkbook
    if start.startswith(_PAGE):
        raise WebPage
    if ending and ending not in TEXTS | WORKBOOKS:
        raise UnknownKind(ending=ending[:20])
    if content.startswith(_ZIP) and ending in TEXTS and b"\x00" in content[:64]:
        raise NotText


def _text_sheet(content: bytes, separator: str | None) -> Sheet:
    text, encoding = decoded(content)
    if NUMBER in text or FORMULA in text:
        text = text.translate(_NO_MARKS)
    if not text.strip():
        raise EmptyFile
    check_lines(text)
    mark = separator or separator_of(text)
    return Sheet(
        "csv",
        lambda: chunks_of(text, mark),
        size=text.count("\n") + 1,
        separator=mark,
        encoding=encoding,
    )
