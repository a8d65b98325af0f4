"""Numbers, days and documents as people read them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from portal.web import filters

PORTAL = Path(filters.__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def portuguese() -> Iterator[None]:
    """Read as a Brazilian reads."""
    app = Flask(__name__)
    app.config["BABEL_DEFAULT_LOCALE"] = "pt_BR"
    Babel(app)
    filters.register_filters(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("1234.56", "1.234,56"),
        ("-1234.5", "\u22121.234,50"),
        ("0", "0,00"),
        ("-0.00", "0,00"),
        ("0.005", "0,01"),
        ("90071992547409.93", "90.071.992.547.409,93"),
    ],
)
def test_an_amount_has_two_decimals_and_a_true_minus(amount: str, written: str) -> None:
    assert filters.money(Decimal(amount)) == written


def test_the_currency_stands_before_the_amount_and_the_minus_before_both() -> None:
    assert filters.money_brl(Decimal("1234.5")) == "R$\u00a01.234,50"
    assert filters.money_brl(Decimal("-1234.5")) == "\u2212R$\u00a01.234,50"


def test_what_comes_in_has_a_plus() -> None:
    assert filters.signed(Decimal(12)) == "+12,00"
    assert filters.signed(Decimal(-12)) == "\u221212,00"
    assert filters.signed(Decimal(0)) == "0,00"


@pytest.mark.parametrize(
    ("price", "written"),
    [("42", "42,00"), ("42.5", "42,50"), ("0.1234", "0,1234"), ("7.125", "7,125")],
)
def test_a_unit_price_shows_up_to_four_decimals(price: str, written: str) -> None:
    assert filters.price(Decimal(price)) == written


@pytest.mark.parametrize(
    ("quantity", "written"),
    [("1.000", "1"), ("2.50", "2,5"), ("1000", "1.000"), ("0.001", "0,001")],
)
def test_a_quantity_has_no_trailing_zeros(quantity: str, written: str) -> None:
    assert filters.quantity(Decimal(quantity)) == written


def test_a_rate_can_say_that_it_rises() -> None:
    assert filters.percent(Decimal("4.50")) == "4,5\u00a0%"
    assert filters.percent(Decimal("4.5"), sign=True) == "+4,5\u00a0%"
    assert filters.percent(Decimal("-4.5"), sign=True) == "\u22124,5\u00a0%"


def test_zero_is_a_dash_in_wide_tables() -> None:
    assert filters.dash_zero(Decimal(0)) == "\u2013"
    assert filters.dash_zero(Decimal("0.5")) == "0,50"
    assert filters.dash_zero(1200, places=0) == "1.200"


def test_nothing_known_is_a_dash_everywhere() -> None:
    for write in (
        filters.money,
        filters.money_brl,
        filters.price,
        filters.quantity,
        filters.percent,
    ):
        assert write(None) == "\u2013"
    assert filters.day(None) == filters.moment(None) == filters.tax_id(None) == "\u2013"
    assert filters.phone(None) == "\u2013"


def test_a_moment_is_read_on_the_installations_clock() -> None:
    late = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)

    assert filters.moment(late) == "30/11/2026 22:30"
    assert filters.day(late) == "30/11/2026"
    assert filters.day(date(2026, 12, 1)) == "01/12/2026"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("12345678909", "123.456.789-09"),
        ("12345678000195", "12.345.678/0001-95"),
        ("12ABC34501DE35", "12.ABC.345/01DE-35"),
        ("unknown", "unknown"),
    ],
)
def test_tax_numbers_are_written_with_their_marks(number: str, written: str) -> None:
    assert filters.tax_id(number) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+5511991230001", "(11) 99123-0001"),
        ("+551130001111", "(11) 3000-1111"),
        ("+14155550100", "+14155550100"),
        ("+5501999990000", "+5501999990000"),
        ("(11) 3000-1234", "(11) 3000-1234"),
    ],
)
def test_a_brazilian_telephone_is_written_as_people_read_it(number: str, written: str) -> None:
    assert filters.phone(number) == written


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=2))
def test_an_amount_read_back_is_the_same(amount: Decimal) -> None:
    app = Flask(__name__)
    app.config["BABEL_DEFAULT_LOCALE"] = "pt_BR"
    Babel(app)
    with app.test_request_context():
        written = filters.money(amount)

    plain = written.replace(".", "").replace(",", ".").replace("\u2212", "-")
    assert Decimal(plain) == amount


def test_a_control_is_tied_to_its_error_and_its_help() -> None:
    field = SimpleNamespace(id="name", errors=["Write the name."])

    wires = filters.wired(field, "As on invoices", {"autofocus": True, "optional": True})

    assert wires == {
        "autofocus": True,
        "aria_describedby": "name-error name-help",
        "aria_invalid": "true",
    }


def test_errors_of_lines_are_read_as_one_list() -> None:
    assert filters.flat([{"sku": ["Unknown."]}, {}, {"quantity": ["Above zero."]}]) == [
        "Unknown.",
        "Above zero.",
    ]


def test_no_filter_of_templates_hides_one_of_another_feature() -> None:
    declared = re.compile(r'app_template_filter\((?:"(\w+)")?\)\ndef (\w+)')
    texts = [path.read_text(encoding="utf-8") for path in sorted(PORTAL.rglob("*.py"))]
    names = [given or own for text in texts for given, own in declared.findall(text)]

    assert len(names) > 8
    assert sorted(names) == sorted(set(names))
