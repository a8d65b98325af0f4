"""Numbers, texts and days as other systems send them: exact, or refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from portal.web import shapes
from portal.web.answers import json_bytes
from portal.web.shapes import (
    AmountIn,
    AmountOut,
    CodeText,
    Day,
    DiscountIn,
    Moment,
    PercentIn,
    PercentOut,
    PositiveAmountIn,
    PriceIn,
    PriceOut,
    QuantityIn,
    QuantityOrZeroIn,
    QuantityOut,
    Shape,
    Text,
)


def taken(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (AmountIn, "1234.50", "1234.50"),
        (AmountIn, "0", "0"),
        (AmountIn, 12, "12"),
        (AmountIn, Decimal("0.10"), "0.10"),
        (AmountIn, "1.500", "1.5"),
        (PriceIn, "0.0001", "0.0001"),
        (PercentIn, "-12.5", "-12.5"),
        (DiscountIn, "100", "100"),
        (DiscountIn, "-1000", "-1000"),
        (QuantityIn, "0.001", "0.001"),
        (QuantityOrZeroIn, "0", "0"),
        (PositiveAmountIn, "0.01", "0.01"),
        (AmountIn, str(shapes.MAX_AMOUNT), str(shapes.MAX_AMOUNT)),
    ],
)
def test_an_exact_number_is_taken(kind: Any, value: Any, expected: str) -> None:
    assert taken(kind, value) == Decimal(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (AmountIn, value)
        for value in (
            "1,5", "1.234,50", "1e3", "NaN", "Infinity", "-1", "+1", " 1", "1 ", "", ".5", "5.",
            "01",
            "1.005",
            "R$ 1", "١", "½", "1_000", "0x1", True, None, [], {}, 1.5, float("nan"),
            Decimal("NaN"), Decimal("1E+30"), Decimal("0.001"), 10**30, "9" * 400, "1\n",
        )
    ]
    + [
        (AmountIn, "10000000000000.00"),
        (PriceIn, "0.00001"),
        (PriceIn, "100000000"),
        (QuantityIn, "0"),
        (QuantityIn, "-1"),
        (QuantityIn, "1.0001"),
        (QuantityIn, "1000000"),
        (PercentIn, "1000.0001"),
        (DiscountIn, "100.0001"),
        (DiscountIn, "-1000.0001"),
        (PositiveAmountIn, "0.00"),
    ],
)  # fmt: skip
def test_what_is_no_exact_number_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        taken(kind, value)


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_an_amount_survives_the_way_out_and_in(value: Decimal) -> None:
    written = TypeAdapter(AmountOut).dump_python(value)

    assert written == f"{value:.2f}"
    assert taken(AmountIn, written) == value


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (AmountOut, "160", "160.00"),
        (PriceOut, "80", "80.0000"),
        (PercentOut, "5.0000", "5"),
        (QuantityOut, "10.000", "10"),
        (QuantityOut, "100", "100"),
        (PercentOut, "-0.5000", "-0.5"),
    ],
)
def test_numbers_go_out_as_text(kind: Any, value: str, expected: str) -> None:
    assert TypeAdapter(kind).dump_python(Decimal(value)) == expected


def test_a_decimal_that_was_not_written_as_text_never_leaves() -> None:
    with pytest.raises(TypeError):
        json_bytes({"amount": Decimal("1.10")})


@pytest.mark.parametrize("value", ["2026-02-28", date(2026, 2, 28)])
def test_a_day_is_a_civil_date(value: Any) -> None:
    assert taken(Day, value) == date(2026, 2, 28)


@pytest.mark.parametrize(
    "value",
    ["2026-02-29", "28/02/2026", "20260228", "2026-2-8", "2026-02-28T00:00:00Z", 1, None, ""],
)
def test_another_day_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        taken(Day, value)


@pytest.mark.parametrize("value", ["2026-12-01T12:00:00Z", "2026-12-01T09:00:00-03:00"])
def test_an_instant_has_an_offset_and_becomes_utc(value: str) -> None:
    assert taken(Moment, value) == datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["2026-12-01T12:00:00", "2026-12-01", "0001-01-01T00:00:00+14:00", "now", 1, None]
)
def test_another_instant_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        taken(Moment, value)


@pytest.mark.parametrize("value", ["A", "ECPF-A1", "e-CNPJ A3 (36m)", "ação", "x" * 64, "a.b_c%"])
def test_a_code_may_stand_in_an_address(value: str) -> None:
    assert taken(CodeText, value) == value


@pytest.mark.parametrize(
    "value", ["", " A", "A ", "a/b", "a\\b", "a\nb", "a\x00", "x" * 65, 1, None]
)
def test_another_code_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        taken(CodeText, value)


Name = Annotated[str, Text(5)]


def test_a_text_is_trimmed_and_kept_to_its_length() -> None:
    assert taken(Name, "  abcde ") == "abcde"
    for value in ("", "   ", "abcdef", "a\x00b", "a\x1b", "\ud800", 1, None):
        with pytest.raises(ValidationError):
            taken(Name, value)


def test_fields_that_were_never_set_are_absent() -> None:
    class Seen(Shape):
        number: str
        cost: AmountOut | None = None

    assert json_bytes(Seen(number="1")) == b'{"number":"1"}'
    assert json_bytes([Seen(number="1", cost=None)]) == b'[{"number":"1","cost":null}]'
    assert (
        json_bytes({"a": Seen(number="1", cost=Decimal(2))})
        == b'{"a":{"number":"1","cost":"2.00"}}'
    )
