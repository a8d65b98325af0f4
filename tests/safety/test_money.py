"""T8: what orders come to, against fractions, in both databases; and numbers that are none."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from portal import transactions
from portal.credit.models import Entry
from portal.errors import Invalid
from portal.orders.models import Order, OrderLine
from portal.orders.rules import Wanted, WantedLine
from portal.orders.services import place_order
from tests.factories import NOON
from tests.orders.factories import make_shop
from tests.safety.arithmetic import Case, by_fractions, by_the_portal, draw, half_up

ORDERS_PER_DRAW = 200
DRAWS = 250
SHARES = 2
LARGEST = 2**63
LARGEST_PRICE = Fraction("99999999.9999")


def disagreement(case: Case) -> str | None:
    """Say where the portal and fractions part, if they do."""
    exact = by_fractions(case)
    try:
        portal = by_the_portal(case)
    except Invalid:  # a typed total that makes a piece dearer than prices can be
        return None if max(line[2] for line in exact.lines) > LARGEST_PRICE else f"{case}: refused"
    told = [
        (
            Fraction(line.acquisition.unit_price),
            Fraction(line.acquisition.amount),
            Fraction(line.sale.unit_price),
            Fraction(line.sale.amount),
        )
        for line in portal.lines
    ]
    totals = (Fraction(portal.totals.acquisition), Fraction(portal.totals.sale))
    if told != list(exact.lines) or totals != (exact.acquisition, exact.sale):
        return f"{case}: {told} {totals}, not {exact}"
    if case.final_total is not None and totals[1] * 100 != case.final_total:
        return f"{case}: the shares do not add up to the total"
    return None if max(totals) * 100 < LARGEST else f"{case}: too large for the database"


@pytest.mark.parametrize("share", range(SHARES))
@settings(
    max_examples=DRAWS,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**62))
def test_a_hundred_thousand_orders_come_to_what_fractions_say(share: int, seed: int) -> None:
    random = Random(seed * SHARES + share)  # noqa: S311 - cases, no secrets

    found = [disagreement(draw(random)) for _ in range(ORDERS_PER_DRAW)]

    assert not any(found), next(filter(None, found))


@pytest.mark.parametrize(
    ("place", "name", "fault"),
    [
        (
            "portal.pricing.rules.line", "amount_of",
            lambda price, quantity: (price * quantity).quantize(
                Decimal("0.01"), rounding=ROUND_HALF_EVEN
            ),
        ),
        (
            "portal.orders.rules.sale", "amount_of",
            lambda price, quantity: Decimal(str(round(float(price) * float(quantity), 2))),
        ),
        ("portal.pricing.rules.calculation", "divide_half_up", lambda up, down: up // down),
    ],
)  # fmt: skip
def test_planted_faults_of_rounding_are_found(
    monkeypatch: pytest.MonkeyPatch, place: str, name: str, fault: Callable[..., Any]
) -> None:
    monkeypatch.setattr(f"{place}.{name}", fault)
    random = Random(7)  # noqa: S311 - cases, no secrets

    assert any(disagreement(draw(random)) for _ in range(2000))


# Both databases


def stored_after(url: str, cases: list[list[tuple[int, int, int]]]) -> list[tuple[Any, ...]]:
    """Place the orders in a database; return every figure that it then holds."""
    engine = create_engine(url, **transactions.engine_options(url))
    transactions.tune(engine)
    with Session(engine.execution_options(writes=True)) as session:
        shop = make_shop(session, prices=("80.0050", "33.3335", "0.6250"), credit_of="9000000000")
        for product in shop.products:
            product.fractional = True
        session.flush()
        for lines in cases:
            asked = [
                WantedLine(
                    shop.products[at].sku, Decimal(pieces).scaleb(-3), Decimal(price).scaleb(-4)
                )
                for at, pieces, price in lines
            ]
            place_order(session, Wanted(shop.point.code, "api", asked), by=shop.owner, at=NOON)
        columns = (
            OrderLine.acquisition_unit_price, OrderLine.acquisition_amount,
            OrderLine.sale_unit_price, OrderLine.sale_amount, OrderLine.quantity,
        )  # fmt: skip
        rows: list[tuple[Any, ...]] = [
            tuple(row)
            for row in session.execute(
                select(*columns).order_by(OrderLine.order_id, OrderLine.position)
            )
        ]
        totals = select(Order.acquisition_total, Order.sale_total).order_by(Order.id)
        rows += [tuple(row) for row in session.execute(totals)]
        rows += [
            tuple(row)
            for row in session.execute(select(Entry.qty, Entry.value).order_by(Entry.seq))
        ]
        rows += [tuple(session.execute(text("SELECT balance FROM accounts ORDER BY id")).all()[-1])]
        session.rollback()
    engine.dispose()
    return rows


def test_both_databases_hold_the_same_to_the_cent(make_database: Callable[[str], str]) -> None:
    random = Random(11)  # noqa: S311 - cases, no secrets
    cases = [
        [
            (random.randrange(3), random.randrange(1, 20_000), random.randrange(1_000_000, 10**7))
            for _ in range(random.randrange(1, 6))
        ]
        for _ in range(150)
    ]

    sqlite, mariadb = (stored_after(make_database(name), cases) for name in ("sqlite", "mariadb"))

    assert sqlite == mariadb
    prices = (Fraction("80.0050"), Fraction("33.3335"), Fraction("0.6250"))
    wanted = [half_up(prices[at] * Fraction(n, 1000), 100) for case in cases for at, n, _ in case]
    assert [Fraction(row[1]) for row in sqlite[: len(wanted)]] == wanted
