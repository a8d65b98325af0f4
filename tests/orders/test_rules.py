from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.orders.errors import (
    DiscountAbovePolicy,
    DiscountWithTypedPrice,
    FinalPriceNotAllowed,
    FinalTotalNotAllowed,
    SalePriceMissing,
    SurchargeAbovePolicy,
)
from portal.orders.models import MOVES, OrderState
from portal.orders.rules import SalePolicy, WantedLine, sale_prices
from portal.orders.rules.answers import without_costs
from portal.orders.rules.sale import against_policy, sale_price, total_against_policy

STRICT = SalePolicy(Decimal(10), Decimal(5), may_edit_final_price=False)
LOOSE = SalePolicy(Decimal(10), Decimal(5), may_edit_final_price=True)


def line(quantity: str = "1", price: str | None = None, discount: str | None = None) -> WantedLine:
    return WantedLine(
        "ECPF-A1",
        Decimal(quantity),
        None if price is None else Decimal(price),
        None if discount is None else Decimal(discount),
    )


def half_up(value: Fraction, scale: int) -> Fraction:
    return Fraction(floor(value * 10**scale + Fraction(1, 2)), 10**scale)


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("1", "0.625", "0.63"), ("3", "13.165", "39.50"), ("1.5", "0.01", "0.02"), ("2", "0", "0.00")],
)
def test_a_typed_price_makes_the_amount_rounded_once(
    quantity: str, price: str, amount: str
) -> None:
    sale = sale_price(line(quantity, price))

    assert sale.unit_price == Decimal(price)
    assert sale.amount == Decimal(amount)
    assert [step.step for step in sale.because] == ["typed"]


@pytest.mark.parametrize(
    ("discount", "price"), [("15", "8.9250"), ("0", "10.5000"), ("-10", "11.5500")]
)
def test_a_discount_comes_off_the_list_price_and_a_surcharge_on_top(
    discount: str, price: str
) -> None:
    assert sale_price(line(discount=discount), Decimal("10.50")).unit_price == Decimal(price)


def test_without_a_typed_price_a_line_has_no_sale_price() -> None:
    with pytest.raises(SalePriceMissing):
        sale_price(line(discount="5"))


def test_a_discount_beside_a_typed_price_is_refused_because_it_would_do_nothing() -> None:
    with pytest.raises(DiscountWithTypedPrice):
        sale_price(line(price="10", discount="5"))


def test_a_discount_of_zero_beside_a_typed_price_says_nothing() -> None:
    assert sale_price(line(price="10", discount="0")).amount == Decimal("10.00")


@pytest.mark.parametrize(
    ("wanted", "policy", "refusal"),
    [
        (line(price="10"), STRICT, FinalPriceNotAllowed),
        (line(price="10"), LOOSE, None),
        (line(discount="10"), STRICT, None),
        (line(discount="10.0001"), STRICT, DiscountAbovePolicy),
        (line(discount="-5"), STRICT, None),
        (line(discount="-5.0001"), STRICT, SurchargeAbovePolicy),
        (line(), STRICT, None),
    ],
)
def test_the_sale_policy_limits_discounts_and_typed_prices(
    wanted: WantedLine, policy: SalePolicy, refusal: type[Exception] | None
) -> None:
    found = against_policy(wanted, policy)

    assert found is None if refusal is None else isinstance(found, refusal)


def test_a_typed_total_needs_the_same_leave_as_a_typed_price() -> None:
    assert isinstance(total_against_policy(Decimal(10), STRICT), FinalTotalNotAllowed)
    assert total_against_policy(Decimal(10), LOOSE) is None
    assert total_against_policy(None, STRICT) is None


def test_a_typed_total_is_split_by_amounts_where_all_lines_have_a_price() -> None:
    lines = [line("1", "10"), line("2", "10")]

    shares = sale_prices(lines, Decimal("20.00"))

    assert [share.amount for share in shares] == [Decimal("6.67"), Decimal("13.33")]
    assert [share.unit_price for share in shares] == [Decimal("6.6700"), Decimal("6.6650")]


def test_a_typed_total_is_split_by_quantity_where_a_line_has_no_price() -> None:
    shares = sale_prices([line("1"), line("2", "10")], Decimal("10.00"))

    assert [share.amount for share in shares] == [Decimal("3.33"), Decimal("6.67")]


@given(
    total=st.integers(0, 10**9),
    quantities=st.lists(st.integers(1, 10**6), min_size=1, max_size=50),
)
def test_the_shares_of_a_typed_total_always_add_up_to_it(total: int, quantities: list[int]) -> None:
    wanted = Decimal(total).scaleb(-2)
    lines = [line(str(Decimal(quantity).scaleb(-3))) for quantity in quantities]

    shares = sale_prices(lines, wanted)

    assert sum(share.amount for share in shares) == wanted
    for share, each in zip(shares, lines, strict=True):
        exact = Fraction(share.amount) / Fraction(each.quantity)
        assert Fraction(share.unit_price) == half_up(exact, 4)


@given(st.integers(0, 10**8), st.integers(1, 10**6))
def test_a_line_amount_is_what_fractions_say(price: int, quantity: int) -> None:
    unit_price, pieces = Decimal(price).scaleb(-4), Decimal(quantity).scaleb(-3)

    sale = sale_price(line(str(pieces), str(unit_price)))

    assert Fraction(sale.amount) == half_up(Fraction(price, 10**4) * Fraction(quantity, 10**3), 2)


def test_a_cancelled_order_goes_nowhere_and_only_drafts_and_waiting_orders_are_placed() -> None:
    placeable = {state for state in OrderState if state.may_become(OrderState.PLACED)}

    assert MOVES[OrderState.CANCELLED] == set()
    assert placeable == {
        OrderState.DRAFT,
        OrderState.AWAITING_APPROVAL,
        OrderState.AWAITING_PAYMENT,
        OrderState.AWAITING_CREDIT,
        OrderState.LAPSED,
    }
    assert not OrderState.PLACED.may_become(OrderState.DRAFT)


def test_what_tells_costs_is_taken_out_of_an_answer() -> None:
    body = {
        "totals": {"acquisition": "77.31", "sale": "100.00", "margin": "22.69"},
        "lines": [{"sku": "A", "acquisition": {"amount": "77.31"}, "sale": {"amount": "100.00"}}],
        "credit": {"balance": "922.69"},
    }

    shown = without_costs({"items": [body], "next": None})

    assert shown["items"] == [
        {"totals": {"sale": "100.00"}, "lines": [{"sku": "A", "sale": {"amount": "100.00"}}]}
    ]
    assert "credit" in body
