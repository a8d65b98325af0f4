"""Files that nobody should send: each with the reason for which it must be refused, in a moment."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from portal.sheets import refusals as why
from portal.sheets.limits import MAX_BYTES, MAX_COLUMNS, MAX_ENTRIES, MAX_ROWS

Hostile = tuple[str, str, Callable[[], bytes], type[why.UnreadableFile]]
"""What it is, its name, what makes it, and how it is refused."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types"/>'
WORKBOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
ROOT = (
    f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
SHEET = "xl/worksheets/sheet1.xml"
KB, MB = 1_000, 1_000_000


def sheet(rows: str, before: str = "") -> str:
    """The XML of a sheet."""
    inside = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return f'<?xml version="1.0"?>{before}{inside}'


def cell(place: str, text: str = "x") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


GOOD = sheet(f'<row r="1">{cell("A1", "SKU")}{cell("B1", "Preço")}</row>')


def parts(**changed: str | bytes | None) -> dict[str, str | bytes]:
    """The parts of a workbook; `sheet`, `workbook`, ... are replaced or left out."""
    usual: dict[str, tuple[str, str | bytes]] = {
        "types": ("[Content_Types].xml", TYPES),
        "root": ("_rels/.rels", ROOT),
        "workbook": ("xl/workbook.xml", WORKBOOK),
        "relations": ("xl/_rels/workbook.xml.rels", RELATIONS),
        "sheet": (SHEET, GOOD),
    }
    given = {key: changed.get(key, text) for key, (_name, text) in usual.items()}
    return {usual[key][0]: text for key, text in given.items() if text is not None}


def workbook(more: dict[str, str | bytes] | None = None, **changed: str | bytes | None) -> bytes:
    """A workbook of such parts, and others beside them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (parts(**changed) | (more or {})).items():
            archive.writestr(name, text)
    return file.getvalue()


def many_entries(number: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for at in range(number):
            archive.writestr(f"e{at}", b"")
    return file.getvalue()


def patched(content: bytes, name: str, offset: int, form: str, value: int) -> bytes:
    """Change a field of an entry in the table of contents: what it says may be a lie."""
    found = bytearray(content)
    at = found.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", found, at + 28)[0]
        if found[at + 46 : at + 46 + length] == name.encode():
            struct.pack_into(form, found, at + offset, value)
            return bytes(found)
        at = found.find(b"PK\x01\x02", at + 4)
    raise LookupError(name)


def nested_bomb() -> bytes:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"0" * 50 * MB)
    return workbook({"xl/media/a.zip": inner.getvalue() * 5, "xl/media/b.xml": b"0" * 100 * MB})


def duplicate_entries() -> bytes:
    import warnings

    file = io.BytesIO(workbook())
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(SHEET, GOOD)
    return file.getvalue()


def overlapping_entries() -> bytes:
    """Every entry points at the same packed bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first.xml", b"0" * MB)
    content = file.getvalue()
    start = content.find(b"PK\x01\x02")
    end = content.find(b"PK\x05\x06")
    entry = content[start:end]
    entries = b"".join(entry.replace(b"first.xml", b"%05d.xml" % at) for at in range(900))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 900, 900, len(entries), start, 0)
    return content[:start] + entries + tail


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
FAR_CELLS = {
    "a cell in the last row": ("A1048576",),
    "a cell in the last column": ("A1", "XFD1"),
    "both corners": ("A1", "XFD1048576"),
    "only the last cell": ("XFD1048576",),
    "forty million cells that are not there": ("A1", "GR200001"),
    "a place beyond all sheets": ("A1", "ZZZZ99999999999"),
    "a row beyond all numbers": ("A99999999999999999999",),
}


def rows_with(*places: str) -> str:
    """Rows with a cell in each place."""
    return "".join(f'<row r="{place.lstrip("ABCDFGRXZ")}">{cell(place)}</row>' for place in places)


def texts() -> Iterator[Hostile]:
    """What calls itself CSV."""
    large, columns = why.FileTooLarge, "x;" * (MAX_COLUMNS + 1)
    yield "more bytes than allowed", "a.csv", lambda: b"x;1\n" * (MAX_BYTES // 4 + 1), large
    yield "200 MB", "a.csv", lambda: bytes(200 * MB), large
    yield "one endless line", "a.csv", lambda: b"x" * (19 * MB), why.LineTooLong
    yield "one endless quoted cell", "a.csv", lambda: b'"' + b"x\n" * 9 * MB, why.UnreadableFile
    yield "a million columns", "a.csv", lambda: b"sku;price\n" + b";" * MB + b"\n", why.LineTooLong
    yield (
        "some columns too many",
        "a.csv",
        lambda: f"sku;price\n{columns}\n".encode(),
        why.TooManyColumns,
    )
    yield "a million rows", "a.csv", lambda: b"sku;price\n" + b"A;1\n" * MB, why.TooManyRows
    yield "rows without end", "a.csv", lambda: b"a\n" * (MAX_ROWS + 100), why.TooManyRows
    yield "nothing", "a.csv", lambda: b"", why.EmptyFile
    yield "blanks", "a.csv", lambda: b" \r\n\t\r\n", why.EmptyFile
    yield "a mark and nothing", "a.csv", lambda: b"\xef\xbb\xbf", why.EmptyFile
    yield "zeros", "a.csv", lambda: bytes(MB), why.UnreadableFile
    yield "a zero inside", "a.csv", lambda: b"sku;price\nA\x00B;1\n" * 500, why.NotText
    yield (
        "half a UTF-16 letter",
        "a.csv",
        lambda: "\ufeffsku;price".encode("utf-16-le") + b"x",
        why.NotText,
    )
    yield "bytes of no encoding", "a.csv", lambda: b"\x81\x8d\x8f\x90\x9d;1\n", why.NotText
    yield "a torn surrogate", "a.csv", lambda: b"\xff\xfe\x00\xd8;\x00", why.NotText
    yield "a program", "a.csv", lambda: b"\x7fELF\x02\x01\x01" + bytes(64), why.NotText
    yield "a Windows program", "a.csv", lambda: b"MZ\x90\x00\x03\x00" + bytes(64), why.NotText
    yield "a picture", "a.csv", lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", why.NotText
    yield "a packed file", "a.csv", lambda: gzip.compress(b"sku;price\nA;1\n"), why.NotText
    yield "packed zeros", "a.csv", lambda: zlib.compress(bytes(MB)), why.NotText
    yield "a page", "a.csv", lambda: b"<html><table><tr><td>A</td></tr></table>", why.WebPage
    yield "a page as XLS", "a.xls", lambda: b"\r\n <!DOCTYPE html><table>", why.WebPage
    yield "a page with a mark", "a.csv", lambda: b"\xef\xbb\xbf<HTML>", why.WebPage
    yield "XML", "a.csv", lambda: f"<?xml version='1.0'?>{LAUGHS}<a>&j;</a>".encode(), why.WebPage
    yield "a quote without its pair", "a.csv", lambda: b'sku;price\n"A;1\nB;2\n', why.BrokenQuotes
    yield "a text after a quote", "a.csv", lambda: b'sku;price\n"A"B;1\n', why.BrokenQuotes
    yield "a workbook's name", "a.xlsx", lambda: b"sku;price\nA;1\n", why.NotAWorkbook
    yield "a program's name", "a.exe", lambda: b"sku;price\nA;1\n", why.UnknownKind
    yield "a macro's name", "a.xlsm", lambda: b"sku;price\nA;1\n", why.UnknownKind
    yield "two endings", "a.csv.scr", lambda: b"sku;price\nA;1\n", why.UnknownKind
    yield (
        "an old workbook",
        "a.xls",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        why.OldWorkbook,
    )
    yield (
        "a workbook under a password",
        "a.xlsx",
        lambda: b"\xd0\xcf\x11\xe0" + bytes(512),
        why.OldWorkbook,
    )
    yield "a document", "a.csv", lambda: b"%PDF-1.7\n\x00\x01", why.NotText


def archives() -> Iterator[Hostile]:
    """What calls itself XLSX, and is a strange archive."""
    damaged, bomb = why.NotAWorkbook, why.WorkbookTooLarge
    yield "only the first letters", "a.xlsx", lambda: b"PK\x03\x04", damaged
    yield "a cut archive", "a.xlsx", lambda: workbook()[:-30], damaged
    yield "an archive's end alone", "a.xlsx", lambda: b"PK\x05\x06" + bytes(18), damaged
    yield "noise", "a.xlsx", lambda: b"PK\x03\x04" + bytes(range(256)) * 4_000, damaged
    yield "an archive of something else", "a.xlsx", lambda: many_entries(3), damaged
    yield "a workbook called CSV", "a.csv", workbook, why.NotText
    yield "no workbook part", "a.xlsx", lambda: workbook(workbook=None), damaged
    yield "no relations", "a.xlsx", lambda: workbook(relations=None), damaged
    yield "no sheet", "a.xlsx", lambda: workbook(sheet=None), damaged
    yield "an empty sheet", "a.xlsx", lambda: workbook(sheet=sheet("")), why.EmptyFile
    yield "no sheets", "a.xlsx", lambda: workbook(
        workbook=f'<workbook xmlns="{MAIN}"><sheets/></workbook>'
    ), why.UnreadableFile  # fmt: skip
    yield (
        "broken XML",
        "a.xlsx",
        lambda: workbook(sheet="<worksheet><sheetData><row"),
        why.UnreadableFile,
    )
    yield "too many entries", "a.xlsx", lambda: many_entries(MAX_ENTRIES + 1), bomb
    yield "entries beyond counting", "a.xlsx", lambda: many_entries(60_000), bomb
    yield "a bomb", "a.xlsx", lambda: workbook(sheet=b" " * 300 * MB), bomb
    yield "a bomb of good manners", "a.xlsx", lambda: workbook(sheet=b" " * 100 * MB), bomb
    yield "a bomb beside the sheet", "a.xlsx", nested_bomb, bomb
    yield "many small bombs", "a.xlsx", lambda: workbook(
        {f"xl/media/{at}.xml": b"0" * MB for at in range(200)}
    ), bomb  # fmt: skip
    yield "a bomb that lies about its size", "a.xlsx", lambda: patched(
        workbook(sheet=b" " * 50 * MB), SHEET, 24, "<L", 500
    ), bomb  # fmt: skip
    yield (
        "a part smaller than it says",
        "a.xlsx",
        lambda: patched(workbook(), SHEET, 24, "<L", 5_000),
        damaged,
    )
    yield (
        "a part packed in another manner",
        "a.xlsx",
        lambda: patched(workbook(), SHEET, 10, "<H", 12),
        damaged,
    )
    yield (
        "a part under a password",
        "a.xlsx",
        lambda: patched(workbook(), SHEET, 8, "<H", 1),
        why.OldWorkbook,
    )
    yield (
        "a part that begins nowhere",
        "a.xlsx",
        lambda: patched(workbook(), SHEET, 42, "<L", 10**9),
        damaged,
    )
    yield "a part twice", "a.xlsx", duplicate_entries, damaged
    yield "parts over each other", "a.xlsx", overlapping_entries, why.UnreadableFile
    for path in ("../../etc/passwd", "/etc/passwd", "xl\\..\\..\\x.xml", "xl/../../x.xml"):
        yield f"a path to {path}", "a.xlsx", lambda path=path: workbook({path: "x"}), damaged


def contents() -> Iterator[Hostile]:
    """What is a workbook, and holds what none should."""
    damaged, macros, links = why.NotAWorkbook, why.WorkbookWithMacros, why.WorkbookWithLinks
    for name in ("xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/vbaData.xml", "xl/x.bin"):
        yield f"macros in {name}", "a.xlsx", lambda name=name: workbook({name: b"x"}), macros
    kind = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    yield "a macro workbook's kind", "a.xlsx", lambda: workbook(
        types=TYPES.replace("/>", f'><Override PartName="/xl/x" ContentType="{kind}"/></Types>')
    ), macros  # fmt: skip
    for name in (
        "xl/externalLinks/externalLink1.xml",
        "xl/embeddings/oleObject1.xml",
        "xl/activeX/activeX1.xml",
        "xl/connections.xml",
        "xl/queryTables/queryTable1.xml",
    ):
        yield f"links in {name}", "a.xlsx", lambda name=name: workbook({name: "<x/>"}), links
    yield "a reference to another file", "a.xlsx", lambda: workbook(
        workbook=WORKBOOK.replace("</workbook>", '<externalReference r:id="r2"/></workbook>')
    ), links  # fmt: skip
    yield "a billion laughs", "a.xlsx", lambda: workbook(
        sheet=sheet(f'<row r="1">{cell("A1", "&j;")}</row>', LAUGHS)
    ), damaged  # fmt: skip
    yield "laughs in the texts", "a.xlsx", lambda: workbook(
        {"xl/sharedStrings.xml": f"<?xml version='1.0'?>{LAUGHS}<sst><si><t>&j;</t></si></sst>"}
    ), damaged  # fmt: skip
    yield "laughs in the workbook", "a.xlsx", lambda: workbook(
        workbook=WORKBOOK.replace("<workbook", f"{LAUGHS}<workbook")
    ), damaged  # fmt: skip
    yield "an entity from outside", "a.xlsx", lambda: workbook(
        sheet=sheet(f'<row r="1">{cell("A1", "&e;")}</row>', OUTSIDE)
    ), damaged  # fmt: skip
    yield "entities in wide letters", "a.xlsx", lambda: workbook(
        sheet=sheet("", LAUGHS).replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")
    ), damaged  # fmt: skip
    for title, places in FAR_CELLS.items():
        yield title, "a.xlsx", lambda places=places: workbook(
            sheet=sheet(rows_with(*places))
        ), why.UnreadableFile  # fmt: skip
    yield "more texts than there are", "a.xlsx", lambda: workbook(
        {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="999999999" uniqueCount="9999999"/>'},
        sheet=sheet('<row r="1"><c r="A1" t="s"><v>4294967294</v></c></row>'),
    ), why.UnreadableFile  # fmt: skip
    yield "a formula in a cell without a place", "a.xlsx", lambda: workbook(
        sheet=sheet('<row r="1"><c><f>1+1</f><v>2</v></c></row>')
    ), why.WorkbookWithFormulas  # fmt: skip
    yield "depth", "a.xlsx", lambda: workbook(sheet=sheet("<a>" * 200 * KB)), why.UnreadableFile


HOSTILE = [*texts(), *archives(), *contents()]
