"""Exact numbers: rounding half up, splits that add up, integers of the minor unit."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import money

SPLITS = json.loads((Path(__file__).parent / "golden" / "splits.json").read_text(encoding="utf-8"))
AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
PRICES = st.decimals(min_value=0, max_value=10**9, places=4)
QUANTITIES = st.decimals(min_value=Decimal("0.001"), max_value=10**6, places=3)
WEIGHTS = st.lists(
    st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=20
).filter(any)


def exactly_half_up(value: Fraction, scale: int) -> Fraction:
    """Round by whole numbers alone: another way than the portal's own."""
    shifted = abs(value) * 10**scale
    whole = (2 * shifted.numerator + shifted.denominator) // (2 * shifted.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**scale)


@pytest.mark.parametrize(
    ("value", "scale", "rounded"),
    [
        ("0.625", 2, "0.63"),
        ("39.495", 2, "39.50"),
        ("-0.625", 2, "-0.63"),
        ("0.624999999999999999999999999", 2, "0.62"),
        ("80.00005", 4, "80.0001"),
        ("2.5", 0, "3"),
        ("1", 4, "1.0000"),
        ("9999999999999999999999999999999999.995", 2, "10000000000000000000000000000000000.00"),
    ],
)
def test_halves_go_away_from_zero(value: str, scale: int, rounded: str) -> None:
    assert str(money.round_half_up(Decimal(value), scale)) == rounded


def test_a_line_is_rounded_once_after_multiplying() -> None:
    assert money.amount_of(Decimal("0.3333"), Decimal("1.5")) == Decimal("0.50")
    assert money.amount_of(Decimal("8.925"), Decimal(1)) == Decimal("8.93")


@given(PRICES, QUANTITIES)
def test_a_line_agrees_with_whole_numbers(price: Decimal, quantity: Decimal) -> None:
    exact = exactly_half_up(Fraction(price) * Fraction(quantity), 2)

    assert Fraction(money.amount_of(price, quantity)) == exact


@pytest.mark.parametrize(
    ("price", "percent", "left"),
    [("10.50", "15", "8.9250"), ("100", "-10", "110.0000"), ("0.0001", "50", "0.0001")],
)
def test_a_percentage_comes_off_to_four_decimals(price: str, percent: str, left: str) -> None:
    assert str(money.percent_off(Decimal(price), Decimal(percent))) == left


@given(PRICES, st.decimals(min_value=-1000, max_value=100, places=4))
def test_a_percentage_agrees_with_whole_numbers(price: Decimal, percent: Decimal) -> None:
    exact = exactly_half_up(Fraction(price) * (100 - Fraction(percent)) / 100, 4)

    assert Fraction(money.percent_off(price, percent)) == exact


@given(AMOUNTS)
def test_what_is_stored_as_cents_comes_back_as_it_was(amount: Decimal) -> None:
    assert money.from_minor(money.to_minor(amount, 2), 2) == amount


@pytest.mark.parametrize("value", ["0.001", "1E-3", "NaN", "Infinity", "-Infinity"])
def test_nothing_is_stored_that_would_lose_a_digit(value: str) -> None:
    with pytest.raises(ValueError, match="decimals"):
        money.to_minor(Decimal(value), 2)


@pytest.mark.parametrize(
    ("dividend", "divisor", "result"), [(1, 2, 1), (1, 3, 0), (2, 3, 1), (0, 7, 0), (5, 2, 3)]
)
def test_whole_numbers_are_divided_half_up(dividend: int, divisor: int, result: int) -> None:
    assert money.divide_half_up(dividend, divisor) == result


# Splits


@pytest.mark.parametrize("case", SPLITS, ids=lambda case: f"{case['total']}/{len(case['weights'])}")
def test_a_worked_split_comes_out_to_the_cent(case: dict[str, Any]) -> None:
    parts = money.split(Decimal(case["total"]), [Decimal(weight) for weight in case["weights"]])

    assert [str(part) for part in parts] == case["parts"]


def test_of_equal_remainders_the_earlier_part_takes_the_cent() -> None:
    ones = [Decimal(1)] * 3

    assert money.split(Decimal("5.47"), ones) == [Decimal("1.83"), Decimal("1.82"), Decimal("1.82")]
    assert money.split(Decimal("-0.01"), ones) == [Decimal("-0.01"), Decimal(0), Decimal(0)]


@given(AMOUNTS, WEIGHTS)
def test_the_parts_of_a_split_always_add_up(total: Decimal, weights: list[Decimal]) -> None:
    parts = money.split(total, weights)

    assert sum(parts) == total
    assert len(parts) == len(weights)


@given(AMOUNTS, WEIGHTS)
def test_no_part_is_a_cent_away_from_its_share(total: Decimal, weights: list[Decimal]) -> None:
    whole = sum(map(Fraction, weights))
    shares = [Fraction(total) * Fraction(weight) / whole for weight in weights]

    parts = money.split(total, weights)

    for part, share in zip(parts, shares, strict=True):
        assert abs(Fraction(part) - share) < Fraction(1, 100)


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(1), Decimal(-1)]])
def test_a_split_needs_weights(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.split(Decimal(1), weights)


def test_a_total_finer_than_a_cent_is_not_split() -> None:
    with pytest.raises(ValueError, match="decimals"):
        money.split(Decimal("0.005"), [Decimal(1)])


# Writing


@pytest.mark.parametrize(
    ("value", "scale", "text"), [("80", 4, "80.0000"), ("1E+3", 2, "1000.00"), ("0", 2, "0.00")]
)
def test_amounts_are_written_with_all_their_decimals(value: str, scale: int, text: str) -> None:
    assert money.text_of(Decimal(value), scale) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("12.5000", "12.5"), ("100", "100"), ("0.000", "0"), ("1E+2", "100"), ("1E-3", "0.001")],
)
def test_quantities_are_written_without_what_says_nothing(value: str, text: str) -> None:
    assert money.plain(Decimal(value)) == text
