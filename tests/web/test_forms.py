"""Forms: numbers as people type them, days, and what comes back when something is wrong."""

import html
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.errors import Conflict, NotFound, Refused, invalid
from portal.web.forms import (
    AmountField,
    DayField,
    FormKeyField,
    PercentField,
    PortalForm,
    PriceField,
    QuantityField,
)
from portal.web.numbers import number_text, parse_number

LOCALES = ("pt_BR", "en", "es", "nl")


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=4),
    st.sampled_from(LOCALES),
    st.booleans(),
)
def test_a_number_written_in_a_field_is_read_back(value: Decimal, locale: str, fixed: bool) -> None:
    written = number_text(value, 4, fixed=fixed, locale=locale)

    assert parse_number(written, 4, locale) == value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("R$ 1.234,50", "1234.50"),
        ("12,5 %", "12.5"),
        ("-3,10", "-3.10"),
        ("\u22123,10", "-3.10"),
        ("0", "0"),
        (" 7\u00a0", "7"),
        ("1.500", "1500"),
    ],
)
def test_numbers_are_read_as_brazilians_type_them(text: str, number: str) -> None:
    assert parse_number(text, 2) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "", "1.5", "1,234.56", "1.23", "12.34,5", "1,2,3", "1e5", "NaN", "Infinity", "١٢", "½",
        "--1", "1-", "1,", ",5", "1.2345", "1..234", "1234.567", "+1", "0x1", "1_0",
        "9" * 50, "1,234",
    ],
)  # fmt: skip
def test_what_is_ambiguous_or_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_number(text, 2)


def test_a_point_is_the_decimal_mark_where_the_language_has_it_so() -> None:
    assert parse_number("1,234.5", 2, "en") == Decimal("1234.5")
    with pytest.raises(ValueError, match="not a number"):
        parse_number("1.234,5", 2, "en")


class Sale(PortalForm):
    amount = AmountField("Amount")
    price = PriceField("Price")
    percent = PercentField("Percent", low=Decimal(-100))
    quantity = QuantityField("Quantity")
    day = DayField("Day")
    name = StringField("Nome", [InputRequired()])
    kind = SelectField("Kind", choices=[SelectChoice("a", "Previous"), SelectChoice("b", "Next")])
    form_key = FormKeyField()


@pytest.fixture
def page(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context("/", method="POST"):
        yield


def sent(**fields: str) -> Any:
    return Sale(MultiDict(fields), meta={"csrf": False})


def shown(field: Any) -> str:
    """Return what stands in the control of a field."""
    return html.unescape(str(field()).split('value="')[1].split('"')[0])


def test_fields_hold_exact_values(page: None) -> None:
    numbers = {"amount": "R$ 1.234,50", "price": "0,0001", "percent": "-10", "quantity": "1,5"}
    form = sent(**numbers, day="31/12/2026", name="x", kind="a")

    assert form.validate(), form.errors
    values = (form.amount.data, form.price.data, form.percent.data, form.quantity.data)
    assert values == (Decimal("1234.50"), Decimal("0.0001"), Decimal(-10), Decimal("1.5"))
    assert form.day.data == date(2026, 12, 31)


def test_the_browsers_own_date_is_read_too(page: None) -> None:
    assert sent(day="2026-12-31").day.data == date(2026, 12, 31)


def test_nothing_typed_is_none(page: None) -> None:
    form = sent(name="x", kind="a", amount="", day=" ")

    assert form.validate(), form.errors
    assert (form.amount.data, form.day.data) == (None, None)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("amount", "1.5"),
        ("amount", "-1"),
        ("amount", "1,005"),
        ("amount", "99999999999999"),
        ("price", "1,00001"),
        ("percent", "-100,1"),
        ("quantity", "1,0001"),
        ("day", "31/02/2026"),
        ("day", "2026-13-01"),
        ("day", "1/2/2026"),
        ("day", "amanhã"),
    ],
)
def test_what_was_typed_wrong_is_kept_beside_its_error(field: str, text: str, page: None) -> None:
    form = sent(name="x", kind="a", **{field: text})

    assert not form.validate()
    assert form[field].errors
    assert shown(form[field]) == text


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("amount", Decimal("1234.5"), "1234,50"),
        ("price", Decimal("80.0000"), "80,00"),
        ("price", Decimal("80.1250"), "80,125"),
        ("percent", Decimal("5.0000"), "5"),
        ("quantity", Decimal("10.000"), "10"),
        ("day", date(2026, 12, 31), "2026-12-31"),
    ],
)
def test_a_stored_value_is_shown_as_it_would_be_typed(
    field: str, value: Any, text: str, app: Flask
) -> None:
    with app.test_request_context("/"):
        form = Sale(meta={"csrf": False}, **{field: value})

        assert shown(form[field]) == text


def test_words_of_a_form_are_in_the_readers_language(page: None) -> None:
    form = sent(kind="a")
    form.validate()

    assert [choice.label for choice in form.kind.choices] == ["Anteriores", "Próximos"]
    assert form.name.errors == ["Campo obrigatório."]


def test_a_refusal_stands_at_its_field_or_on_top(page: None) -> None:
    form = sent(name="x", kind="a")
    form.validate()

    form.refuse("amount", "too much")
    form.refuse("nowhere", "no")

    assert (form.amount.errors, form.form_errors) == (["too much"], ["no"])


def test_a_form_takes_refusals_of_the_families_it_expects(page: None) -> None:
    form = sent(name="x", kind="a")
    form.validate()

    with form.taking(Refused, Conflict, shop_amount="amount"):
        raise invalid("shop_amount", "Too much.")
    with pytest.raises(NotFound), form.taking(Refused, Conflict):
        raise NotFound

    assert (form.amount.errors, form.form_errors) == (["Too much."], [])


def test_a_form_is_not_submitted_by_looking_at_it(app: Flask) -> None:
    with app.test_request_context("/"):
        assert not Sale(meta={"csrf": False}).submitted()
