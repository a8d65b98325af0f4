"""A visitor has paid: placed, waiting for credit, or given back (DESIGN 5.2, 7.3)."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.orders import services as orders
from portal.orders.services.waiting import lapse_order, place_waiting
from portal.payments import services as payments
from portal.payments.errors import AlreadyConfirmed
from tests.credit.ledger import faults
from tests.factories import NOON, make_actor
from tests.orders.factories import grant
from tests.orders.web_shops import MIDNIGHT, WebShop, follow, later

Moves = list[tuple[int, str, str]]


def give(shop: WebShop, session: Session, amount: str) -> None:
    """Grant credit, and do what follows."""
    grant(session, shop.shop.account_id, amount, point=shop.shop.point.id)
    session.commit()
    follow(session)


def test_a_paid_order_is_placed_and_debited(
    web_shop: WebShop, session: Session, engine: Engine, moves: Moves
) -> None:
    made = web_shop.order(session)

    order = web_shop.pay(session, made, later(minutes=5))

    assert order.status == "placed"
    assert order.placed_at == later(minutes=5)
    assert (order.acquisition_total, order.sale_total) == (Decimal("160.00"), Decimal("300.00"))
    line = order.lines[0]
    assert (line.acquisition_unit_price, line.acquisition_amount) == (
        Decimal("80.0000"),
        Decimal("160.00"),
    )
    assert line.edition_id == web_shop.shop.edition.id
    assert line.acquisition_because
    assert web_shop.account(session).balance == 84_000
    assert moves == [(made.order_id, "awaiting_payment", "placed")]
    assert faults(engine) == []


def test_it_takes_the_acquisition_price_of_the_day_even_above_the_sale(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    made = web_shop.order(session)
    web_shop.cost(session, "170", "5", "5", begin="2026-12-02")

    order = web_shop.pay(session, made, MIDNIGHT)

    assert order.status == "placed"
    assert (order.acquisition_total, order.sale_total) == (Decimal("340.00"), Decimal("300.00"))
    assert web_shop.account(session).balance == 66_000
    assert faults(engine) == []


def test_a_second_payment_places_nothing_again(
    web_shop: WebShop, session: Session, moves: Moves
) -> None:
    made = web_shop.order(session)
    web_shop.pay(session, made)

    with pytest.raises(AlreadyConfirmed):
        web_shop.pay(session, made)

    session.rollback()
    assert web_shop.account(session).balance == 84_000
    assert len(moves) == 1


def test_without_credit_it_waits_and_says_why(
    web_shop: WebShop, session: Session, engine: Engine, moves: Moves
) -> None:
    made = web_shop.order(session, (0, 13))

    order = web_shop.pay(session, made)

    assert (order.status, order.waiting_reason) == ("awaiting_credit", "insufficient_credit")
    assert order.waiting_since == NOON
    assert order.acquisition_total is None
    assert web_shop.account(session).balance == 100_000
    assert moves == [(made.order_id, "awaiting_payment", "awaiting_credit")]
    assert faults(engine) == []


def test_credit_that_arrives_places_it(
    web_shop: WebShop, session: Session, engine: Engine, moves: Moves
) -> None:
    made = web_shop.order(session, (0, 13))
    web_shop.pay(session, made)

    give(web_shop, session, "39.99")
    assert web_shop.seen(session, made).status == "awaiting_credit"
    give(web_shop, session, "0.01")

    order = web_shop.seen(session, made)
    assert (order.status, order.waiting_reason) == ("placed", None)
    assert web_shop.account(session).balance == 0
    assert moves[-1] == (made.order_id, "awaiting_credit", "placed")
    assert faults(engine) == []


def test_the_oldest_comes_first_even_where_a_later_one_would_fit(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    large, small = web_shop.order(session, (0, 13)), web_shop.order(session, (0, 1))
    web_shop.pay(session, large)

    order = web_shop.pay(session, small, later(minutes=1))
    assert (order.status, order.waiting_reason) == ("awaiting_credit", "behind_others")
    give(web_shop, session, "40")
    assert web_shop.seen(session, large).status == "placed"
    order = web_shop.seen(session, small)
    assert (order.status, order.waiting_reason) == ("awaiting_credit", "insufficient_credit")

    give(web_shop, session, "80")
    assert web_shop.seen(session, small).status == "placed"
    assert faults(engine) == []


def test_orders_at_the_counter_do_not_wait_for_it(web_shop: WebShop, session: Session) -> None:
    web_shop.pay(session, web_shop.order(session, (0, 13)))

    placed = orders.place_order(
        session, web_shop.shop.wanted(), by=web_shop.shop.owner, at=web_shop.at
    )

    assert placed.body["status"] == "placed"


def test_cancelling_the_one_in_front_lets_the_next_be_placed(
    web_shop: WebShop, session: Session
) -> None:
    large, small = web_shop.order(session, (0, 13)), web_shop.order(session, (0, 1))
    web_shop.pay(session, large)
    web_shop.pay(session, small, later(minutes=1))

    orders.cancel(session, large.order_id, reason="no", by=make_actor(), at=later(minutes=2))
    session.commit()
    follow(session)

    assert web_shop.seen(session, small).status == "placed"


def test_an_order_cancelled_at_the_counter_brings_credit_too(
    web_shop: WebShop, session: Session
) -> None:
    placed = orders.place_order(
        session, web_shop.shop.wanted((0, "12", "150")), by=web_shop.shop.owner, at=web_shop.at
    )
    session.commit()
    made = web_shop.order(session)
    assert web_shop.pay(session, made).status == "awaiting_credit"

    orders.cancel(session, placed.number, reason="no", by=make_actor(), at=later(minutes=2))
    session.commit()
    follow(session)

    assert web_shop.seen(session, made).status == "placed"


def test_without_a_price_it_waits_with_that_reason(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    made = web_shop.order(session)
    web_shop.cost(session, None, "5", "5")

    order = web_shop.pay(session, made)
    assert (order.status, order.waiting_reason) == ("awaiting_credit", "no_price")

    web_shop.cost(session, "80", "5", "5")
    assert place_waiting(session, web_shop.shop.point.id, later(minutes=1))
    session.commit()
    assert web_shop.seen(session, made).status == "placed"
    assert faults(engine) == []


def test_nobody_waits_for_nothing(web_shop: WebShop, session: Session) -> None:
    assert not place_waiting(session, web_shop.shop.point.id, NOON)


# Lapsed


def test_what_nobody_paid_lapses_once(web_shop: WebShop, session: Session, moves: Moves) -> None:
    made = web_shop.order(session)

    assert not lapse_order(session, made.order_id, at=later(hours=23))
    assert lapse_order(session, made.order_id, at=later(hours=24))
    assert not lapse_order(session, made.order_id, at=later(hours=25))
    session.commit()

    assert web_shop.seen(session, made).status == "lapsed"
    assert moves == [(made.order_id, "awaiting_payment", "lapsed")]


@pytest.mark.parametrize("job_ran", [True, False])
def test_money_that_comes_late_places_what_is_still_sold_so(
    web_shop: WebShop, session: Session, engine: Engine, job_ran: bool
) -> None:
    made = web_shop.order(session)
    late = later(hours=30)
    if job_ran:
        lapse_order(session, made.order_id, at=late)
    web_shop.at = late
    web_shop.sell_at(session, "149", "60", None)

    order = web_shop.pay(session, made, late)

    assert (order.status, order.sale_total) == ("placed", Decimal("300.00"))
    assert faults(engine) == []


@pytest.mark.parametrize("job_ran", [True, False])
@pytest.mark.parametrize("price", ["150.01", None])
def test_money_that_comes_late_goes_back_when_it_is_no_longer_sold_so(
    web_shop: WebShop,
    session: Session,
    engine: Engine,
    moves: Moves,
    job_ran: bool,
    price: str | None,
) -> None:
    made = web_shop.order(session)
    late = later(hours=30)
    if job_ran:
        lapse_order(session, made.order_id, at=late)
    web_shop.at = late
    web_shop.sell_at(session, price, "60", None)

    order = web_shop.pay(session, made, late)

    assert (order.status, order.cancel_reason) == ("cancelled", "paid_too_late")
    assert web_shop.charge(session, made).status == "refund_pending"
    assert web_shop.account(session).balance == 100_000
    assert moves[-1][2] == "cancelled"
    assert faults(engine) == []


def test_what_was_paid_the_day_before_was_in_time_though_it_is_confirmed_late(
    web_shop: WebShop, session: Session
) -> None:
    made = web_shop.order(session)
    web_shop.at = later(hours=30)
    web_shop.sell_at(session, "200", "60", None)

    payments.confirm_charge(
        session, made.charge_id, paid_on=NOON.date(), method="pix", by=make_actor(),
        at=later(hours=30),
    )  # fmt: skip
    session.commit()

    assert web_shop.seen(session, made).status == "placed"


def test_a_late_order_waits_for_credit_like_any_other(web_shop: WebShop, session: Session) -> None:
    made = web_shop.order(session, (0, 13))

    order = web_shop.pay(session, made, later(hours=30))

    assert (order.status, order.waiting_reason) == ("awaiting_credit", "insufficient_credit")
