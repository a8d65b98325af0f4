"""Headquarters receives the visitors' money: the sale pays for its order (DESIGN 7.3)."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.orders import services as orders
from portal.orders.services.waiting import place_waiting
from tests.credit.ledger import faults
from tests.factories import make_actor
from tests.orders.factories import grant
from tests.orders.web_shops import MIDNIGHT, WebShop, later


def test_what_headquarters_collects_pays_for_its_own_order(
    collected: WebShop, session: Session, engine: Engine
) -> None:
    made = collected.order(session)

    order = collected.pay(session, made)

    assert order.status == "placed"
    assert collected.account(session).balance == 14_000
    (lot,) = collected.lots(session)
    assert (lot.origin, lot.kind, lot.face, lot.paid, lot.used) == (
        "site_sale",
        "paid",
        30_000,
        30_000,
        16_000,
    )
    assert faults(engine) == []


def test_a_sale_below_acquisition_needs_credit_for_the_rest(
    collected: WebShop, session: Session, engine: Engine
) -> None:
    made = collected.order(session)
    collected.cost(session, "170", "5", "5", begin="2026-12-02")

    order = collected.pay(session, made, MIDNIGHT)
    assert (order.status, order.waiting_reason) == ("awaiting_credit", "insufficient_credit")
    assert collected.account(session).balance == 0
    assert collected.lots(session) == []

    grant(session, collected.shop.account_id, "40", point=collected.shop.point.id)
    session.commit()
    assert place_waiting(session, collected.shop.point.id, MIDNIGHT + timedelta(minutes=1))
    session.commit()

    assert collected.account(session).balance == 0
    assert faults(engine) == []


def test_cancelling_takes_the_margin_back_as_well(
    collected: WebShop, session: Session, engine: Engine
) -> None:
    made = collected.order(session)
    collected.pay(session, made)

    orders.cancel(session, made.order_id, reason="broken", by=make_actor(), at=later(minutes=1))
    session.commit()

    account = collected.account(session)
    assert (account.balance, account.debt) == (0, 0)
    assert collected.charge(session, made).status == "refund_pending"
    assert faults(engine) == []


def test_a_margin_that_is_spent_becomes_debt(
    collected: WebShop, session: Session, engine: Engine
) -> None:
    made = collected.order(session)
    collected.pay(session, made)
    orders.place_order(
        session,
        collected.shop.wanted((0, "1", "150")),
        by=collected.shop.owner,
        at=later(minutes=1),
    )
    session.commit()

    orders.cancel(session, made.order_id, reason="broken", by=make_actor(), at=later(minutes=2))
    session.commit()

    account = collected.account(session)
    assert (account.balance, account.debt, account.floor) == (-8_000, 8_000, 0)
    assert faults(engine) == []


def test_a_sale_that_costs_nothing_stays_whole(
    collected: WebShop, session: Session, engine: Engine
) -> None:
    collected.sell_at(session, "150", "60", "10")
    session.commit()
    made = collected.order(session, (2, 1))

    order = collected.pay(session, made)

    assert (order.status, order.acquisition_total) == ("placed", Decimal("0.00"))
    assert collected.account(session).balance == 1_000
    orders.cancel(session, made.order_id, reason="broken", by=make_actor(), at=later(minutes=1))
    session.commit()
    assert collected.account(session).balance == 0
    assert faults(engine) == []


def test_who_receives_is_settled_when_it_is_ordered(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    made = web_shop.order(session)
    session.execute(text("UPDATE service_points SET collects = 'headquarters'"))
    session.commit()

    web_shop.pay(session, made)

    assert web_shop.account(session).balance == 84_000
    assert faults(engine) == []
