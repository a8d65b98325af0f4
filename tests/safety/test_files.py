"""T9 and T10: what goes out as a file is no formula; what comes in as one does no harm."""

import csv
import gc
import io
import re
import sqlite3
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from portal.web import exports
from tests.safety.stage import API, Form, Stage
from tests.sheets.hostile import HOSTILE

BY = "administrator"
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COMMANDS = ("cmd|' /C calc'!A0", 'HYPERLINK("http://x")', "1+1", "SUM(A1)", "x")
PAYLOADS = [
    *(start + command for start in STARTS for command in COMMANDS),
    *(f"{mark}{start}1+1" for mark in (";", '"', ",", " ") for start in "=+-@"),
]
TEXTS = {
    "products": ("name", "sku"),
    "issuers": ("name", "code"),
    "service_points": ("name", "code"),
    "users": ("name", "email"),
    "price_tables": ("name", ""),
    "orders": ("external_reference", ""),
    "deeds": ("reason", ""),
    "credit_policies": ("name", "code"),
}
"""Text that people typed and files hold, by table; the second is unique and gets a number."""
FILES = (
    "/products", "/issuers", "/service-points", "/users", "/price-tables", "/orders", "/audit",
    "/credit", "/credit/SP-A/BRL", "/credit/SP-A/BRL/lots", "/price-tables/1/editions/1/file",
)  # fmt: skip
EMPTY = {"service_points": ("tax_id", "shop_slug"), "price_tables": ("own_key",),
         "deeds": ("idem_hash", "account_id")}  # fmt: skip


def sow(stage: Stage) -> None:
    """Copy a row of each table once per payload, with the payload as its text."""
    with sqlite3.connect(stage.copy) as database:
        for table, (column, unique) in TEXTS.items():
            _copy(database, table, column, unique)
        database.execute("UPDATE products SET name = ? WHERE id = 1", [PAYLOADS[1]])
    database.close()


def _copy(database: sqlite3.Connection, table: str, column: str, unique: str) -> None:
    names = [row[1] for row in database.execute(f"PRAGMA table_xinfo({table})") if not row[6]]
    wanted = f"SELECT {', '.join(names)} FROM {table} ORDER BY id LIMIT 1"  # noqa: S608 - our own names
    first = database.execute(wanted).fetchone()
    for number, payload in enumerate(PAYLOADS, 5000):
        row = dict(zip(names, first, strict=True)) | {"id": number, column: payload}
        row |= dict.fromkeys(EMPTY.get(table, ()))
        if unique:
            row[unique] = f"x{number}"
        marks = ", ".join("?" * len(row))
        into = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608 - our own names
        database.execute(into, [*row.values()])


def formulas_in(answer: Any) -> list[str]:
    """Return the cells of a file that a spreadsheet would reckon."""
    if answer.data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if "sheet" in name]
        return [part for part in sheets for _ in re.findall(r"<f[ >]|hyperlink", part)]
    rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""), delimiter=";")
    return [cell for row in rows for cell in row if is_formula(cell)]


def is_formula(cell: str) -> bool:
    number = re.fullmatch(r"-[0-9]+(,[0-9]+)?", cell)
    return bool(cell.strip()) and cell.lstrip(" ").startswith(STARTS) and not number


def exported(stage: Stage, path: str, kind: str) -> Any:
    answer = stage.get(BY, path, query_string={"format": kind})
    assert answer.status_code == 200, path
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_file_holds_a_formula(stage: Stage, kind: str) -> None:
    sow(stage)
    held = 0

    for path in FILES:
        with exported(stage, path, kind) as answer:
            assert formulas_in(answer) == [], path
            held += sum(1 for payload in PAYLOADS if payload.encode() in answer.data)

    assert len(PAYLOADS) >= 60
    assert kind == "xlsx" or held > len(PAYLOADS)


def test_texts_come_back_and_negative_numbers_are_numbers(stage: Stage) -> None:
    sow(stage)

    with exported(stage, "/products", "xlsx") as answer:
        rows = read(answer.data)
    with exported(stage, "/credit/SP-A/BRL", "xlsx") as answer:
        statement = read(answer.data)
    with exported(stage, "/credit/SP-A/BRL", "csv") as answer:
        lines = answer.text

    told = {cell for row in rows for cell in row if isinstance(cell, str)}
    plain = [one for one in PAYLOADS if "\r" not in one and one == one.strip()]
    assert set(plain) <= told
    assert any(isinstance(cell, float) and cell < 0 for row in statement for cell in row)
    assert re.search(r";-[0-9]+,[0-9]{2};", lines)


def read(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_an_export_that_forgets_to_escape_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sow(stage)
    monkeypatch.setattr(exports, "safe_text", lambda text: text)

    with exported(stage, "/products", "csv") as answer:
        assert len(formulas_in(answer)) > 40


# T10


SECONDS = 2.0


@pytest.mark.filterwarnings(  # the test's own client leaves the files that it sends open
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("by_page", [False, True], ids=["api", "page"])
def test_hostile_files_are_refused_in_a_moment_and_the_portal_goes_on(
    stage: Stage, *, by_page: bool
) -> None:
    slow, taken = [], []
    chosen = HOSTILE[:: 3 if by_page else 1]
    with stage.nothing_stored("deeds", "price_imports"):
        for title, name, make, _ in chosen:
            content = make()
            started = time.perf_counter()
            answer = send(stage, name, content, by_page=by_page)
            if time.perf_counter() - started > SECONDS:
                slow.append(title)
            if answer.status_code >= 500 or (answer.status_code < 400 and not by_page):
                taken.append(f"{title}: {answer.status_code}")
            assert stage.get(BY, "/health/live").status_code == 200

    gc.collect()
    assert not taken
    assert not slow


def send(stage: Stage, name: str, content: bytes, *, by_page: bool) -> Any:
    sent = {"valid_from": "2028-01-01", "file": (io.BytesIO(content), name)}
    if by_page:
        path = "/price-tables/1/import"
        return stage.submit(BY, path, sent, content_type="multipart/form-data")
    return stage.ask(BY, "POST", f"{API}/price-tables/1/editions/import", Form(sent))


class Endless(io.RawIOBase):
    """A body of so many bytes that are made while they are read."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.given = 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill what there is room for."""
        size = min(len(buffer), self.left)
        buffer[:size] = b"x" * size
        self.left -= size
        self.given += size
        return size


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{API}/price-tables/1/editions/import", "multipart/form-data; boundary=x"),
        (f"{API}/orders", "application/json"),
        ("/price-tables/1/import", "multipart/form-data; boundary=x"),
        ("/sign-in", "application/x-www-form-urlencoded"),
    ],
)
def test_two_hundred_megabytes_are_not_even_read(stage: Stage, path: str, kind: str) -> None:
    body = Endless(200_000_000)
    person = stage.person(BY)
    headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": "two-hundred"}
    started = time.perf_counter()

    with stage.nothing_stored():
        answer = stage.client(person).post(
            path, content_type=kind, headers=headers,
            environ_overrides={"CONTENT_LENGTH": str(body.left), "wsgi.input": body},
        )  # fmt: skip

    assert answer.status_code in {413, 403} if not path.startswith(API) else {413}
    assert answer.status_code in {413, 403}
    assert body.given < 40_000_000
    assert time.perf_counter() - started < SECONDS
    assert stage.get(BY, "/orders").status_code == 200


def test_there_is_a_maker_for_every_hostile_file() -> None:
    makers: list[Callable[[], bytes]] = [make for _, _, make, _ in HOSTILE]

    assert len(makers) >= 60
