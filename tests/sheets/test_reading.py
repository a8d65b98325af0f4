"""Lists as ERPs write them: encodings, separators, headers, quotes, workbooks."""

import io
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from portal.price_imports.rules.columns import Column, find_header, map_columns
from portal.sheets.encodings import encoding_of
from portal.sheets.formulas import plain_text, safe_text
from portal.sheets.reading import open_sheet
from portal.sheets.records import FORMULA, NUMBER, Sheet
from portal.sheets.refusals import NoSuchSheet

LIST = "Código;Descrição;Preço\r\nA1;Ação “ç” – 10 %;1.228,49\r\n"


def rows(sheet: Sheet) -> list[list[str]]:
    return sheet.head(100)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_a_list_is_read_in_whatever_encoding_it_comes(encoding: str, name: str) -> None:
    sheet = open_sheet("lista.csv", LIST.encode(encoding))

    assert sheet.encoding == name
    assert rows(sheet)[1] == ["A1", "Ação “ç” – 10 %", "1.228,49"]


def test_plain_ascii_is_utf_8() -> None:
    assert encoding_of(b"sku;price") == "utf-8"


@pytest.mark.parametrize(
    ("text", "separator", "second"),
    [
        ("sku;price\nA;1,50\n", ";", ["A", "1,50"]),
        ("sku,price\nA,1.50\n", ",", ["A", "1.50"]),
        ('sku,price\nA,"1,50"\nB,"2,50"\n', ",", ["A", "1,50"]),
        ("sku\tprice\nA\t1,50\n", "\t", ["A", "1,50"]),
        ("sku|price\nA|1,50\n", "|", ["A", "1,50"]),
        ("sep=|\nsku|price\nA|1\n", "|", ["sku", "price"]),
        ('sku;name;price\nA;"x; y, z";1,5\nB;"a, b, c";2,5\n', ";", ["A", "x; y, z", "1,5"]),
        ("sku;price\rA;1\rB;2\r", ";", ["A", "1"]),
        ('sku;name\nA;"two\nlines"\n', ";", ["A", "two\nlines"]),
        ('sku;name\nA;"an ""inch"""\n', ";", ["A", 'an "inch"']),
        ("sku\nA\n", ";", ["A"]),
    ],
)
def test_the_separator_is_found_out(text: str, separator: str, second: list[str]) -> None:
    sheet = open_sheet("lista.csv", text.encode())

    assert sheet.separator == separator
    assert rows(sheet)[1] == second


def test_a_separator_that_is_given_is_not_doubted() -> None:
    sheet = open_sheet("lista.txt", b"a;b|c\n", separator="|")

    assert rows(sheet) == [["a;b", "c"]]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("CÓDIGO;DESCRIÇÃO;LABORATÓRIO;CATEGORIA;PREÇO FÁBRICA", "sku name - category price"),
        ("Código;Descripción;Categoría;Precio", "sku name category price"),
        ("SKU;Name;Category;Price;Free", "sku name category price free"),
        ("sku;description;min_quantity;price", "sku name min_quantity price"),
        ("Cód. Produto;Nome do Produto;Qtde. mínima;Valor (R$)", "sku name min_quantity price"),
        ("Referência;Produto;A partir de;Percentual da venda;Grátis",
         "sku name min_quantity percent free"),
        ("Artículo código;SKU;% ;Cantidad mínima", "- sku percent min_quantity"),
        ("Preço antigo;SKU;Preço", "- sku price"),
        ("SKU;Valor de aquisição;Valor de venda", "sku price -"),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_names_in_three_languages(header: str, columns: str) -> None:
    names = columns.split()

    mapped = map_columns(header.split(";"))

    assert mapped == {Column(name): at for at, name in enumerate(names) if name != "-"}


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        (["SKU;Preço", "A;1"], 0),
        (["Tabela de preços 2027", "", "Emitida em 01/12/2026;por Helena", "SKU;Nome;Preço"], 3),
        (["Preço por SKU", "SKU;Preço"], 1),
        (["A;1", "B;2"], None),
        (["SKU;Nome", "A;x"], None),
    ],
)
def test_the_header_need_not_be_the_first_row(lines: list[str], at: int | None) -> None:
    assert find_header([line.split(";") for line in lines]) == at


def test_a_workbook_gives_numbers_texts_days_and_ticks_apart() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    hidden, page = book.add_worksheet("Oculta"), book.add_worksheet("Preços")
    hidden.hide()
    page.activate()
    page.set_first_sheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    page.write_row(0, 0, ["007", 7, 19.74, 0.1 + 0.2, 1e-5, 1e15, -3, True, "=x"[1:]])
    page.write_datetime(2, 1, datetime(2026, 12, 31), day)  # noqa: DTZ001 - sheets have no zone
    page.write_formula(2, 2, "=1+1", value=2)
    book.close()

    sheet = open_sheet("lista.xlsx", file.getvalue())

    figures = [NUMBER + text for text in ("7", "19.74", "0.3", "0.00001", "1000000000000000", "-3")]
    assert rows(sheet)[0] == ["007", *figures, "1", "x"]
    assert rows(sheet)[1] == [""] * 9
    assert rows(sheet)[2][1:3] == [date(2026, 12, 31).isoformat(), FORMULA]
    assert (sheet.name, sheet.names) == ("Preços", ("Preços",))
    with pytest.raises(NoSuchSheet):
        open_sheet("lista.xlsx", file.getvalue(), sheet="Oculta")


@given(st.text(alphabet="='+-@;, \t\n\"a1＝", max_size=12))
def test_what_is_escaped_for_spreadsheets_comes_back_as_it_was(text: str) -> None:
    assert plain_text(safe_text(text)) == text
