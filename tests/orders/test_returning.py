"""Money of a visitor's order goes back by itself: the order stands, and the books are in order."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.orders import services as orders
from portal.orders.errors import MoneyIsNeeded
from portal.orders.services.site import SiteOrder
from portal.payments import services as payments
from portal.payments.models import Refund
from tests.credit.ledger import faults
from tests.factories import make_actor
from tests.orders.web_shops import WebShop, later, make_web_shop


def give_back(session: Session, made: SiteOrder, amount: str) -> Refund:
    facts: dict[str, Any] = {"by": make_actor(), "at": later(minutes=5)}
    refund = payments.refund_charge(
        session, made.charge_id, amount=Decimal(amount), reason="Desconto", **facts
    )
    session.commit()
    return refund


@pytest.mark.parametrize(("amount", "charge"), [("20.00", "paid"), ("300.00", "refund_pending")])
def test_a_placed_order_stands_whatever_of_its_money_goes_back(
    web_shop: WebShop, session: Session, engine: Engine, amount: str, charge: str
) -> None:
    made = web_shop.order(session)
    web_shop.pay(session, made)

    give_back(session, made, amount)

    assert web_shop.seen(session, made).status == "placed"
    assert web_shop.charge(session, made).status == charge
    assert web_shop.account(session).balance == 84_000
    assert faults(engine) == []


def test_cancelling_afterwards_returns_what_is_left(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    made = web_shop.order(session)
    web_shop.pay(session, made)
    give_back(session, made, "20.00")

    orders.cancel(session, made.order_id, reason="broken", by=make_actor(), at=later(minutes=9))
    session.commit()

    parts = session.scalars(select(Refund.amount).order_by(Refund.id)).all()
    assert parts == [Decimal("20.00"), Decimal("280.00")]
    assert web_shop.charge(session, made).status == "refund_pending"
    assert faults(engine) == []


def test_an_order_whose_money_is_all_back_may_still_be_cancelled(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    made = web_shop.order(session)
    web_shop.pay(session, made)
    give_back(session, made, "300.00")

    orders.cancel(session, made.order_id, reason="broken", by=make_actor(), at=later(minutes=9))
    session.commit()

    assert session.scalars(select(Refund.amount)).all() == [Decimal("300.00")]
    assert web_shop.account(session).balance == 100_000
    assert faults(engine) == []


def test_what_headquarters_collected_stays_credited_until_the_order_is_cancelled(
    session: Session, engine: Engine, introduced: None
) -> None:
    shop = make_web_shop(session, engine, collects="headquarters")
    made = shop.order(session)
    shop.pay(session, made)
    balance = shop.account(session).balance

    give_back(session, made, "20.00")

    assert shop.account(session).balance == balance
    assert faults(engine) == []


def test_an_order_that_waits_keeps_its_money(web_shop: WebShop, session: Session) -> None:
    made = web_shop.order(session, (0, 13))
    assert web_shop.pay(session, made).status == "awaiting_credit"

    with pytest.raises(MoneyIsNeeded):
        give_back(session, made, "20.00")

    session.rollback()
    assert session.scalars(select(Refund)).all() == []


def test_money_that_left_without_anybody_asking_is_found(
    web_shop: WebShop, session: Session, engine: Engine
) -> None:
    made = web_shop.order(session)
    web_shop.pay(session, made)
    refund = give_back(session, made, "300.00")
    refund.requested_by = None
    session.commit()
    lost = faults(engine)

    refund.requested_by, refund.amount = 1, Decimal("300.01")
    session.commit()
    too_much = faults(engine)

    assert [f"order {made.order_id}: placed" in one for one in lost] == [True]
    assert [f"order {made.order_id}: 30000 was paid, 30001" in one for one in too_much] == [True]
