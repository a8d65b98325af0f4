"""Cells of workbooks arrive as they are and where they are, however many and whatever they hold."""

import io
from typing import Any

import pytest
import xlsxwriter

from portal.sheets.reading import open_sheet
from portal.sheets.records import FORMULA, NUMBER, Record
from portal.sheets.refusals import TooManyColumns
from tests.sheets.hostile import cell, sheet, workbook

CHUNK = 5_000


def written(rows: list[list[Any]], sheets: tuple[str, ...] = ("Preços",)) -> bytes:
    """A workbook with these rows in its first sheet."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    first, *_ = [book.add_worksheet(name) for name in sheets]
    for at, row in enumerate(rows):
        first.write_row(at, 0, row)
    book.close()
    return file.getvalue()


def read(content: bytes, wanted: str | None = None) -> list[Record]:
    chunks = open_sheet("lista.xlsx", content, sheet=wanted).chunks()
    return [record for chunk in chunks for record in chunk]


@pytest.mark.parametrize("rows", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 1])
def test_every_row_arrives_once_and_in_order(rows: int) -> None:
    content = written([[f"A{at}", at] for at in range(rows)])

    assert read(content) == [[f"A{at}", f"{NUMBER}{at}"] for at in range(rows)]
    assert open_sheet("lista.xlsx", content).size == rows


def test_a_column_of_numbers_is_written_as_one_number_is() -> None:
    values = [(at * 7_919_003 % 10**8 - 10**7) / 10 ** (at % 7) for at in range(2_000)]
    alone = [0.1 + 0.2, 1e-5, 1e15, 1e17, -0.25, 19.74]

    plain = read(written([[value] for value in values]))
    among = read(written([[value] for value in values + alone]))
    beside_texts = read(written([["Preço"], *[[value] for value in values + alone]]))

    assert plain == [[f"{NUMBER}{value:.15g}"] for value in values]
    assert among[: len(values)] == plain
    assert [row[0][1:] for row in among[len(values) :]] == [
        "0.3", "0.00001", "1000000000000000", "100000000000000000", "-0.25", "19.74",
    ]  # fmt: skip
    assert beside_texts[1:] == among


def test_cells_keep_their_place_where_the_list_begins_further_on() -> None:
    content = written([[], [None, None, "SKU", "Preço"], [None, None, "A", 1.5], [], ["x"]])

    assert read(content) == [
        ["", "", "", ""],
        ["", "", "SKU", "Preço"],
        ["", "", "A", f"{NUMBER}1.5"],
        ["", "", "", ""],
        ["x", "", "", ""],
    ]
    moved = sheet(f'<row r="2">{cell("C2", "SKU")}</row><row r="3">{cell("D3")}</row>')
    assert read(workbook(sheet=moved)) == [[""] * 4, ["", "", "SKU", ""], ["", "", "", "x"]]


def test_formulas_are_marked_left_and_right_of_all_other_cells() -> None:
    rows = (
        f'<row r="1">{cell("B1")}</row><row r="2"><c r="A2"><f>1</f></c>{cell("B2")}'
        '<c r="D2"><f>1+1</f><v>2</v></c><c r="F2"><x:f xmlns:x="y">1</x:f></c></row>'
        '<row r="9"><c r="A9"><f>1</f></c></row>'
    )

    found = read(workbook(sheet=sheet(rows)))

    assert found == [["", "x", "", "", "", ""], [FORMULA, "x", "", FORMULA, "", FORMULA]]


@pytest.mark.parametrize("place", ["GS1", "ZZZ1"])
def test_a_formula_stands_no_further_right_than_other_cells(place: str) -> None:
    rows = f'<row r="1">{cell("A1")}<c r="{place}"><f>1</f></c></row>'

    with pytest.raises(TooManyColumns):
        read(workbook(sheet=sheet(rows)))


@pytest.mark.parametrize("text", ["A&#16;B&#17;C&#18;D", "A_x0010_B_x0011_C_x0012_D"])
def test_a_text_cannot_pass_for_several_cells(text: str) -> None:
    rows = f'<row r="1">{cell("A1", text)}{cell("B1", "1")}</row><row r="2">{cell("A2", "z")}</row>'

    assert read(workbook(sheet=sheet(rows))) == [["A\x1aB\x1aC\x1aD", "1"], ["z", ""]]


def test_an_empty_sheet_that_is_asked_for_has_no_rows() -> None:
    content = written([["SKU"]], sheets=("Preços", "Vazia"))

    assert read(content, "Vazia") == []
    assert open_sheet("lista.xlsx", content, sheet="Vazia").size == 0
