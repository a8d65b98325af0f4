"""Numbers of lists: the column tells which mark the decimals have; nothing is rounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.money import from_minor
from portal.price_imports.rules.columns import Column
from portal.price_imports.rules.settings import decimal_marks
from portal.sheets.figures import COMMA, POINT, Fault, Says, read_figure, says, weigh
from portal.sheets.records import FORMULA, NUMBER

HIGHEST = 10**13
LETTERS, NEGATIVE = Fault.LETTERS, Fault.NEGATIVE


def read(text: str, mark: str = COMMA) -> int | Fault | None:
    return read_figure(text, mark, 4, HIGHEST)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.228,49", Says.COMMA), ("1,228.49", Says.POINT), ("1228.49", Says.POINT),
        ("12,5", Says.COMMA), ("0,001", Says.COMMA), ("1.234.567", Says.COMMA),
        ("1,234,567", Says.POINT), ("1.234", Says.EITHER), ("123,456", Says.EITHER),
        ("1234.567", Says.POINT), ("0.123", Says.POINT), ("12", Says.NOTHING),
        ("abc", Says.NOTHING), ("R$ 1.228,49", Says.COMMA), ("-12,5", Says.COMMA),
        (f"{NUMBER}1.234", Says.NOTHING), ("1.234,", Says.COMMA), ("..,", Says.COMMA),
    ],
)  # fmt: skip
def test_a_figure_says_which_mark_its_decimals_have(text: str, said: Says) -> None:
    assert says(text) == said


@pytest.mark.parametrize(
    ("column", "separator", "mark", "undecided"),
    [
        (["1.234", "12,50"], ";", COMMA, False),
        (["1.234", "12.50"], ";", POINT, False),
        (["1.234", "5"], ";", COMMA, True),
        (["1.234", "5"], ",", POINT, False),
        (["10", "20"], ";", COMMA, False),
        (["1,5", "2,5", "3.5"], ";", COMMA, False),
        (["1,5", "2.5", "1.234"], ";", COMMA, True),
    ],
)
def test_the_columns_other_values_decide(
    column: list[str], separator: str, mark: str, undecided: bool
) -> None:
    marks, open_ = decimal_marks({Column.PRICE: weigh(column)}, None, separator)

    assert marks[Column.PRICE] == mark
    assert (Column.PRICE in open_) is undecided


def test_another_column_decides_where_the_own_values_do_not() -> None:
    weighed = {Column.PRICE: weigh(["1.234"]), Column.MIN_QUANTITY: weigh(["2.5"])}

    marks, undecided = decimal_marks(weighed, None, ";")

    assert (marks[Column.PRICE], undecided) == (POINT, set())


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.228,49", COMMA, 12_284_900), ("1,228.49", POINT, 12_284_900), ("80", COMMA, 800_000),
        ("0,0001", COMMA, 1), (",5", COMMA, 5_000), ("1,50000000", COMMA, 15_000),
        ("R$ 10,00", COMMA, 100_000), ("10,00 R$", COMMA, 100_000), ("12,5 %", COMMA, 125_000),
        ("US$ 1,5", COMMA, 15_000), ("1\u00a0228,49", COMMA, 12_284_900), (" 7 ", COMMA, 70_000),
        ("+7", COMMA, 70_000), ("-0", COMMA, 0), ("", COMMA, None), ("   ", COMMA, None),
        (f"{NUMBER}80.5", COMMA, 805_000), (f"{NUMBER}1.234", COMMA, 12_340),
        ("abc", COMMA, LETTERS), ("12a", COMMA, LETTERS), ("R$", COMMA, LETTERS),
        ("1,228.49", COMMA, LETTERS), ("12.5", COMMA, LETTERS),
        ("0.123", COMMA, LETTERS), ("1.23.456", COMMA, LETTERS),
        ("1,2,3", COMMA, LETTERS), ("1e5", COMMA, LETTERS), ("NaN", COMMA, LETTERS),
        ("Infinity", COMMA, LETTERS), ("0x10", COMMA, LETTERS), ("--1", COMMA, LETTERS),
        ("١٢", COMMA, LETTERS), ("１２", COMMA, LETTERS), ("½", COMMA, LETTERS),
        ("-5", COMMA, NEGATIVE), ("(5,00)", COMMA, NEGATIVE), ("5-", COMMA, NEGATIVE),
        ("\u22125", COMMA, NEGATIVE), (f"{NUMBER}-5", COMMA, NEGATIVE),
        ("1,23456", COMMA, Fault.DECIMALS), (f"{NUMBER}0.33333", COMMA, Fault.DECIMALS),
        ("9" * 30, COMMA, Fault.TOO_LARGE), ("1000000000", COMMA, 10**13),
        ("1000000000,0001", COMMA, Fault.TOO_LARGE),
        ("=1+1", COMMA, Fault.FORMULA), (FORMULA, COMMA, Fault.FORMULA),
    ],
)  # fmt: skip
def test_a_figure_is_read_exactly_or_refused(
    text: str, mark: str, value: int | Fault | None
) -> None:
    assert read(text, mark) == value


@given(st.decimals(min_value=0, max_value=Decimal(999999999), places=4), st.sampled_from(",."))
def test_every_figure_written_in_a_style_comes_back_in_it(figure: Decimal, mark: str) -> None:
    grouped = f"{figure:,.4f}"
    text = grouped if mark == POINT else grouped.translate(str.maketrans(",.", ".,"))

    value = read(text, mark)

    assert isinstance(value, int)
    assert from_minor(value, 4) == figure


@given(st.text(max_size=12), st.sampled_from(",."))
def test_no_text_breaks_the_reading(text: str, mark: str) -> None:
    value = read(text, mark)

    assert value is None or isinstance(value, Fault) or 0 <= value <= HIGHEST
