"""Adjusting and rounding, against an independent calculation with fractions."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.money import PERCENT_SCALE, PRICE_SCALE, from_minor, to_minor
from portal.pricing.rules.calculation import ENDING_UNIT, Adjustment, share_of_sale

prices = st.integers(0, 10**13)
percents = st.integers(-999_999, 10_000_000)
steps = st.integers(1, 10**8)
endings = st.integers(0, 99)


def adjusted(
    price: str, percent: str, step: str | None = None, ending: str | None = None
) -> Decimal:
    adjustment = Adjustment(
        to_minor(Decimal(percent), PERCENT_SCALE),
        to_minor(Decimal(step), PRICE_SCALE) if step else None,
        to_minor(Decimal(ending), 2) * ENDING_UNIT if ending else None,
    )
    return from_minor(adjustment.apply(to_minor(Decimal(price), PRICE_SCALE)), PRICE_SCALE)


@pytest.mark.parametrize(
    ("price", "percent", "step", "ending", "result"),
    [
        ("69.80", "-2", "0.05", None, "68.40"),
        ("100", "12.5", "0.01", None, "112.50"),
        ("10.50", "-15", "0.01", None, "8.93"),
        ("0.025", "0", "0.05", None, "0.05"),
        ("0.0249", "0", "0.05", None, "0"),
        ("10", "0", "1.00", None, "10"),
        ("10.50", "0", "1.00", None, "11"),
        ("10.4999", "0", "1.00", None, "10"),
        ("10.40", "0", None, "0.90", "10.90"),
        ("10.3999", "0", None, "0.90", "9.90"),
        ("0.10", "0", None, "0.90", "0.90"),
        ("0", "0", None, "0.90", "0.90"),
        ("0.49", "0", None, "0.00", "0"),
        ("0.50", "0", None, "0.00", "1"),
        ("33.3333", "10", None, None, "36.6666"),
        ("0.0001", "50", None, None, "0.0002"),
    ],
)
def test_a_table_rounds_once_and_half_up(
    price: str, percent: str, step: str | None, ending: str | None, result: str
) -> None:
    assert adjusted(price, percent, step, ending) == Decimal(result)


@given(prices, percents, steps)
def test_a_step_gives_the_nearest_multiple_and_of_two_the_higher(
    price: int, percent: int, step: int
) -> None:
    exact = Fraction(price) * (1_000_000 + percent) / 1_000_000

    rounded = Adjustment(percent, step=step).apply(price)

    assert rounded == floor(exact / step + Fraction(1, 2)) * step


@given(prices, percents, endings)
def test_an_ending_gives_the_nearest_price_that_ends_so_and_of_two_the_higher(
    price: int, percent: int, ending: int
) -> None:
    exact = Fraction(price) * (1_000_000 + percent) / 1_000_000
    near = [max(floor(exact / 10_000) + shift, 0) * 10_000 + ending * 100 for shift in (-1, 0, 1)]

    rounded = Adjustment(percent, ending=ending * 100).apply(price)

    assert rounded == min(near, key=lambda one: (abs(one - exact), -one))


@given(prices, percents)
def test_without_a_rounding_four_decimals_stay(price: int, percent: int) -> None:
    exact = Fraction(price) * (1_000_000 + percent) / 1_000_000

    assert Adjustment(percent).apply(price) == floor(exact + Fraction(1, 2))


@given(prices, st.integers(0, 100_000_000))
def test_a_share_of_the_sale_price_has_two_decimals(sale: int, percent: int) -> None:
    exact = Fraction(sale) * percent / 1_000_000

    share = share_of_sale(sale, percent)

    assert share == floor(exact / 100 + Fraction(1, 2)) * 100
