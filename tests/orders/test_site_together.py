"""Two deeds on one visitor's order at the same instant: whoever comes second finds what is true."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations_with_replacement
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.clock import day_of
from portal.errors import PortalError
from portal.orders import services as orders
from portal.orders.services.waiting import lapse_order, place_waiting
from portal.payments import services as payments
from portal.payments.models import Refund
from portal.transactions import transact
from tests.credit.ledger import faults
from tests.factories import NOON, make_actor
from tests.orders.factories import grant
from tests.orders.web_shops import SiteOrder, WebShop, later, make_web_shop

pytestmark = pytest.mark.engines("sqlite", "mariadb")
LATE = later(hours=25)
Deed = Callable[[WebShop, SiteOrder], object]
BOSS = make_actor()


def pay(shop: WebShop, made: SiteOrder) -> object:
    how = {"paid_on": day_of(LATE), "method": "pix", "by": BOSS, "at": LATE}
    return transact(payments.confirm_charge, made.charge_id, **how)  # type: ignore[arg-type] # as named


def cancel(shop: WebShop, made: SiteOrder) -> object:
    return transact(orders.cancel, made.order_id, reason="test", by=BOSS, at=LATE)


def fulfill(shop: WebShop, made: SiteOrder) -> object:
    return transact(orders.fulfill, made.order_id, by=BOSS, at=LATE)


def lapse(shop: WebShop, made: SiteOrder) -> object:
    return transact(lapse_order, made.order_id, at=LATE)


def place(shop: WebShop, made: SiteOrder) -> object:
    return transact(place_waiting, shop.point_id, LATE)


def give(shop: WebShop, made: SiteOrder) -> object:
    return transact(grant, shop.shop.account_id, "160", point=shop.point_id)


def bound(deed: Deed, shop: WebShop, made: SiteOrder) -> Callable[[], object]:
    """Return the deed on one order."""
    return lambda: deed(shop, made)


DEEDS: tuple[Deed, ...] = (pay, cancel, fulfill, lapse, place, give)
LAWFUL = {"awaiting_payment", "lapsed", "awaiting_credit", "placed", "fulfilled", "cancelled"}


def at_once(app: Flask, session: Session, *deeds: Callable[[], object]) -> list[object]:
    """Do all at the same instant; a refusal is an outcome too. The session lets go of its locks."""
    session.commit()
    gate = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> object:
        with app.app_context():
            gate.wait()
            try:
                return deed()
            except PortalError as refusal:
                return refusal.code

    with ThreadPoolExecutor(len(deeds)) as crowd:
        return list(crowd.map(one, deeds))


@pytest.fixture
def shops(app: Flask, session: Session, engine: Engine) -> list[WebShop]:
    """Two shops without credit: one receives the money itself, for one headquarters does."""
    return [
        make_web_shop(session, engine, credit_of=None),
        make_web_shop(session, engine, credit_of=None, collects="headquarters"),
    ]


@pytest.mark.parametrize("paid", [False, True], ids=["unpaid", "paid"])
def test_every_two_deeds_at_once_leave_order_money_and_credit_agreeing(
    app: Flask, shops: list[WebShop], session: Session, engine: Engine, paid: bool
) -> None:
    for one, other in combinations_with_replacement(DEEDS, 2):
        for shop in shops:
            made = shop.order(session)
            if paid:
                shop.pay(session, made)

            at_once(app, session, bound(one, shop, made), bound(other, shop, made))

            names = f"{one.__name__} and {other.__name__}"
            assert shop.seen(session, made).status in LAWFUL, names
            session.commit()
    assert faults(engine) == []


def test_money_told_by_many_counts_once(
    app: Flask, shops: list[WebShop], session: Session, engine: Engine
) -> None:
    for shop in shops:
        made = shop.order(session)
        grant(session, shop.shop.account_id, "1000", point=shop.point_id)
        session.commit()

        answers = at_once(app, session, *[bound(pay, shop, made)] * 6)

        assert answers.count("already_confirmed") == 5
        assert shop.seen(session, made).status == "placed"
        session.commit()
    assert shops[0].account(session).balance == 84_000
    assert shops[1].account(session).balance == 114_000
    assert faults(engine) == []


def test_credit_that_arrives_while_it_is_paid_is_not_missed(
    app: Flask, shops: list[WebShop], session: Session, engine: Engine
) -> None:
    shop = shops[0]
    for _ in range(8):
        made = shop.order(session)
        session.commit()

        at_once(app, session, bound(pay, shop, made), bound(give, shop, made))

        assert shop.seen(session, made).status == "placed"
        session.commit()
    assert shop.account(session).balance == 0
    assert faults(engine) == []


def test_two_schedulers_place_each_waiting_order_once_and_the_oldest_first(
    app: Flask, shops: list[WebShop], session: Session, engine: Engine
) -> None:
    shop = shops[0]
    waiting = [shop.order(session) for _ in range(6)]
    for minutes, made in enumerate(waiting):
        shop.pay(session, made, NOON + timedelta(minutes=minutes))
    grant(session, shop.shop.account_id, "640", point=shop.point_id)
    session.commit()

    def schedule() -> int:
        placed = 0
        while transact(place_waiting, shop.point_id, LATE):
            placed += 1
        return placed

    at_once(app, session, schedule, schedule, schedule)

    states = [shop.seen(session, made).status for made in waiting]
    assert states == ["placed"] * 4 + ["awaiting_credit"] * 2
    assert shop.account(session).balance == 0
    assert faults(engine) == []


def test_an_order_cancelled_while_its_money_comes_gives_it_back_once(
    app: Flask, shops: list[WebShop], session: Session, engine: Engine
) -> None:
    for shop in shops:
        for _ in range(5):
            made = shop.order(session)
            session.commit()

            at_once(app, session, bound(pay, shop, made), bound(cancel, shop, made))

            assert shop.seen(session, made).status == "cancelled"
            refunds = session.query(Refund).where(Refund.charge_id == made.charge_id).count()
            assert refunds == (shop.charge(session, made).status == "refund_pending") == 1
            session.commit()
        assert shop.account(session).balance == 0
    assert faults(engine) == []
