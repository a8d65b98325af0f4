"""Cancelling the order of a shop's visitor, in every state: credit and money go back, once."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.orders import services as orders
from portal.orders.errors import AlreadyCancelled
from tests.credit.ledger import faults
from tests.factories import make_actor
from tests.orders.web_shops import WebShop, later

Moves = list[tuple[int, str, str]]


def test_cancelling_before_the_money_stops_asking_for_it(
    web_shop: WebShop, session: Session, moves: Moves
) -> None:
    made = web_shop.order(session)

    orders.cancel(session, made.order_id, reason="changed", by=make_actor(), at=later(minutes=1))
    session.commit()

    assert web_shop.seen(session, made).status == "cancelled"
    assert web_shop.charge(session, made).status == "cancelled"
    assert moves == [(made.order_id, "awaiting_payment", "cancelled")]


def test_money_for_a_cancelled_order_goes_back(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    made = web_shop.order(session)
    orders.cancel(session, made.order_id, reason="changed", by=make_actor(), at=later(minutes=1))
    session.commit()

    order = web_shop.pay(session, made, later(minutes=2))

    assert order.status == "cancelled"
    assert web_shop.charge(session, made).status == "refund_pending"
    assert web_shop.account(session).balance == 100_000
    assert faults(engine) == []


@pytest.mark.parametrize(("pieces", "state"), [(2, "placed"), (13, "awaiting_credit")])
def test_cancelling_a_paid_order_gives_credit_and_money_back(
    web_shop: WebShop, session: Session, engine: Engine, pieces: int, state: str
) -> None:
    made = web_shop.order(session, (0, pieces))
    assert web_shop.pay(session, made).status == state

    orders.cancel(session, made.order_id, reason="broken", by=make_actor(), at=later(minutes=1))
    session.commit()

    assert web_shop.seen(session, made).status == "cancelled"
    assert web_shop.charge(session, made).status == "refund_pending"
    assert web_shop.account(session).balance == 100_000
    assert faults(engine) == []
    with pytest.raises(AlreadyCancelled):
        orders.cancel(session, made.order_id, reason="again", by=make_actor(), at=later(hours=1))


def test_a_fulfilled_order_is_cancelled_with_its_money(
    web_shop: WebShop, session: Session, moves: Moves
) -> None:
    made = web_shop.order(session)
    web_shop.pay(session, made)
    orders.fulfill(session, made.order_id, by=make_actor(), at=later(minutes=1))
    session.commit()

    orders.cancel(session, made.order_id, reason="broken", by=make_actor(), at=later(minutes=2))
    session.commit()

    assert web_shop.charge(session, made).status == "refund_pending"
    assert [(before, now) for _, before, now in moves] == [
        ("awaiting_payment", "placed"),
        ("placed", "fulfilled"),
        ("fulfilled", "cancelled"),
    ]
