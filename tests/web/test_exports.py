"""Lists as files: read back as they were meant, and never a formula."""

import csv
import io
import itertools
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from portal.web import exports
from portal.web.exports import csv_cell, csv_lines, plain_text, safe_text, xlsx_file

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COMMANDS = ("cmd|' /C calc'!A0", 'HYPERLINK("http://x")', "1+1", "SUM(A1)", "x", "")
PAYLOADS = [
    *(start + command for start in STARTS for command in COMMANDS),
    *(f"a{mark}{start}1+1" for mark in (";", '"', ",", "\n", "\t") for start in "=+-@"),
    ' =1+1', '"=1+1"', ";=1+1", "x;-2+3;y", "=" * 40,
]  # fmt: skip


def read_csv(text: str, delimiter: str = ";") -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    )


def written(head: list[str], rows: list[list[exports.Cell]]) -> bytes:
    with xlsx_file(head, rows) as file:
        return file.read()


def read_xlsx(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def is_formula(cell: str) -> bool:
    return bool(cell.strip()) and cell.lstrip(" ").startswith(STARTS)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_no_text_becomes_a_formula_in_csv(payload: str, delimiter: str) -> None:
    text = "".join(csv_lines([payload], [[payload, Decimal(1)], ["x", payload]]))

    for row in read_csv(text, delimiter):
        assert not any(is_formula(cell) for cell in row), row


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_a_formula_in_xlsx(payload: str) -> None:
    data = written(["head"], [[payload, Decimal(1)]])
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    rows = read_xlsx(data)

    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not payload.strip() or rows[1][0] == payload.replace("\r", "\n") or "\r" in payload


def test_numbers_stay_numbers() -> None:
    cells = [Decimal("-1234.50"), -7, 0, Decimal("0.0001"), True, None]

    assert [csv_cell(cell) for cell in cells] == ["-1234,50", "-7", "0", "0,0001", "1", ""]
    rows = read_xlsx(written(["a"] * 6, [cells]))
    assert rows[1][:5] == [-1234.5, -7, 0, 0.0001, True]


def test_days_are_written_as_people_read_them() -> None:
    late = datetime(2026, 12, 2, 2, 30, tzinfo=UTC)

    assert csv_cell(date(2026, 12, 31)) == "31/12/2026"
    assert csv_cell(late) == "01/12/2026 23:30"
    rows = read_xlsx(written(["a", "b"], [[date(2026, 12, 31), late]]))
    assert rows[1] == [date(2026, 12, 31), datetime(2026, 12, 1, 23, 30)]  # noqa: DTZ001 - sheets have none


@given(st.text(max_size=30))
def test_an_escaped_text_at_the_start_of_a_cell_comes_back(text: str) -> None:
    escaped = safe_text(text)

    assert not is_formula(escaped)
    if safe_text(text[1:]) == text[1:] and not any(mark in text for mark in ';,"\t\r\n '):
        assert plain_text(escaped) == text or text.startswith("'")


@pytest.mark.parametrize("text", ["-A1", "=SKU", "+55 11", "@casa"])
def test_a_sku_that_looks_like_a_formula_survives_export_and_import(text: str) -> None:
    assert plain_text(safe_text(text)) == text


@given(st.lists(st.lists(st.text(alphabet="ab;\"',=\n é", max_size=6), min_size=2, max_size=2)))
def test_csv_keeps_its_cells_apart(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(["a", "b"], rows))

    assert read_csv(text)[1:] == [[safe_text(cell) for cell in row] for row in rows]


def test_csv_of_many_rows_takes_little_memory() -> None:
    rows: Iterator[list[exports.Cell]] = (["x" * 50, Decimal("1.50"), at] for at in range(50_000))
    tracemalloc.start()

    size = sum(len(line) for line in csv_lines(["a", "b", "c"], rows))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 3_000_000
    assert peak < 1_000_000


def test_xlsx_has_room_for_so_many_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_XLSX_ROWS", 3)

    xlsx_file(["a"], [[at] for at in range(3)]).close()
    with pytest.raises(exports.TooManyRows):
        xlsx_file(["a"], ([at] for at in itertools.count()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", "orders"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\r\nb", "a-b"),
        ("Execuções e Créditos", "execucoes-e-creditos"),
        ("日本", "export"),
    ],
)
def test_a_file_has_a_plain_name(name: str, expected: str) -> None:
    assert exports.file_name(name, "csv") == f"{expected}-2026-12-01.csv"
