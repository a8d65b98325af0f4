"""The start page: figures that matter, each as far as the reader may see it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal.credit.models import LotKind
from portal.credit.services import accounts, grants
from portal.home.queries import (
    DayFigure,
    Wallet,
    edition_changes,
    expiring_credit,
    figures_by_day,
    latest_orders,
    wallets,
)
from portal.home.views import growth
from portal.orders.models import Order
from portal.partners.models import ServicePoint
from tests.factories import NOON, make_actor, make_service_point, make_user
from tests.people.test_account import signed_in
from tests.pricing.factories import make_edition, make_product, make_table

TODAY = date(2026, 12, 1)


def place(
    session: Session, point: ServicePoint, day: date, cost: str, state: str = "placed"
) -> Order:
    order = Order(
        service_point_id=point.id,
        channel="api",
        status=state,
        day=day,
        acquisition_total=Decimal(cost),
        sale_total=Decimal(cost) * 2,
        created_at=NOON,
        placed_at=NOON,
    )
    session.add(order)
    session.flush()
    return order


def give(
    session: Session, point: ServicePoint, amount: str, expires_on: date | None = None
) -> None:
    account = accounts.open_account(session, service_point_id=point.id, at=NOON)
    minor = int(Decimal(amount) * 100)
    grants.grant(
        session,
        account_id=account.id,
        service_point_id=point.id,
        terms=grants.Terms(minor, minor, LotKind.PAID, expires_on),
        reason="test",
        by=make_actor(),
        at=NOON,
    )


def test_orders_count_on_the_day_they_were_placed(session: Session) -> None:
    point = make_service_point(session)
    place(session, point, TODAY, "10.50")
    place(session, point, TODAY, "0.25", "fulfilled")
    place(session, point, TODAY, "99", "cancelled")
    place(session, point, TODAY - timedelta(days=1), "3")

    found = figures_by_day(session, make_actor(), TODAY, TODAY)

    assert found == {TODAY: DayFigure(2, Decimal("10.75"))}


def test_who_may_not_see_costs_sees_orders_without_debits(session: Session) -> None:
    place(session, make_service_point(session), TODAY, "10.50")

    found = figures_by_day(session, make_actor("orders.view"), TODAY, TODAY)

    assert found[TODAY] == DayFigure(1, Decimal(0))


def test_service_points_see_their_own_figures_alone(session: Session) -> None:
    mine, other = make_service_point(session), make_service_point(session)
    give(session, mine, "100", TODAY + timedelta(days=5))
    give(session, other, "200", TODAY + timedelta(days=5))
    own = place(session, mine, TODAY, "1")
    place(session, other, TODAY, "2")
    by = make_actor(points=(mine,))

    assert figures_by_day(session, by, TODAY, TODAY)[TODAY].orders == 1
    assert [order.id for order in latest_orders(session, by)] == [own.id]
    assert [wallet.code for wallet in wallets(session, by, NOON)] == [mine.code]
    assert [lot.code for lot in expiring_credit(session, by, NOON)] == [mine.code]


def test_credit_past_its_day_is_not_in_the_balance(session: Session) -> None:
    point = make_service_point(session)
    give(session, point, "100", TODAY + timedelta(days=3))
    give(session, point, "40")
    later = NOON + timedelta(days=4)

    (before,) = wallets(session, make_actor(), NOON)
    (after,) = wallets(session, make_actor(), later)

    assert (before.balance, before.expiring) == (Decimal(140), Decimal(100))
    assert (after.balance, after.available, after.expiring) == (
        Decimal(40),
        Decimal(40),
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("available", "per_day", "threshold", "days", "short"),
    [
        ("100", "10", None, 10, False),
        ("69.99", "10", None, 6, True),
        ("70", "10", None, 7, False),
        ("0", "10", None, 0, True),
        ("-5", "10", None, 0, True),
        ("0", "0", None, None, False),
        ("100", "0", "100.01", None, True),
        ("100", "0", "100", None, False),
    ],
)
def test_credit_is_short_when_it_ends_within_a_week_or_below_the_threshold(
    available: str, per_day: str, threshold: str | None, days: int | None, short: bool
) -> None:
    wallet = Wallet(
        code="SP", name="Ponto", balance=Decimal(available), available=Decimal(available),
        per_day=Decimal(per_day), expiring=Decimal(0),
        threshold=None if threshold is None else Decimal(threshold),
    )  # fmt: skip

    assert (wallet.days, wallet.is_short) == (days, short)


def test_the_pace_is_what_thirty_days_before_today_used(session: Session) -> None:
    point = make_service_point(session)
    give(session, point, "100")
    place(session, point, TODAY, "999")
    place(session, point, TODAY - timedelta(days=1), "60")
    place(session, point, TODAY - timedelta(days=30), "30")
    place(session, point, TODAY - timedelta(days=31), "999")

    (wallet,) = wallets(session, make_actor(), NOON)

    assert wallet.per_day == 3


def test_editions_that_begin_or_end_without_another_are_told(session: Session) -> None:
    product = make_product(session)
    followed, ending, far = (make_table(session, name=name) for name in ("A", "B", "C"))
    make_edition(session, followed, "2026-01-01", "2026-12-10", items=[(product, "1")])
    make_edition(session, followed, "2026-12-11", items=[(product, "2")])
    make_edition(session, ending, "2026-01-01", "2026-12-15", items=[(product, "1")])
    make_edition(session, far, "2026-01-01", "2026-12-16", items=[(product, "1")])

    found = [
        (one.day.isoformat(), one.table, one.begins) for one in edition_changes(session, TODAY)
    ]

    assert found == [("2026-12-11", "A", True), ("2026-12-15", "B", False)]


def test_an_edition_that_follows_just_past_the_horizon_is_no_gap(session: Session) -> None:
    product, table = make_product(session), make_table(session)
    make_edition(session, table, "2026-01-01", "2026-12-15", items=[(product, "1")])
    make_edition(session, table, "2026-12-16", items=[(product, "2")])

    assert edition_changes(session, TODAY) == []


@pytest.mark.parametrize(
    ("now", "before", "grown"), [(110, 100, Decimal(10)), (50, 100, Decimal(-50)), (5, 0, None)]
)
def test_growth_is_against_last_month(now: int, before: int, grown: Decimal | None) -> None:
    assert growth(now, before) == grown


def test_the_page_costs_the_same_statements_for_any_number_of_service_points(
    session: Session, engine: Engine
) -> None:
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: sent.append(args[2]))

    def statements() -> int:
        sent.clear()
        by = make_actor()
        wallets(session, by, NOON)
        expiring_credit(session, by, NOON)
        figures_by_day(session, by, TODAY - timedelta(days=40), TODAY)
        for order in latest_orders(session, by):
            assert order.service_point.name
        edition_changes(session, TODAY)
        return len(sent)

    def grow(number: int) -> None:
        for _ in range(number):
            point = make_service_point(session)
            give(session, point, "100", TODAY + timedelta(days=5))
            place(session, point, TODAY, "5")
        session.flush()
        session.expire_all()

    grow(1)
    few = statements()
    grow(7)

    assert statements() == few == 5


def test_headquarters_sees_the_day_of_everyone(app: Flask, session: Session) -> None:
    point = make_service_point(session, name="Ponto Fraco")
    give(session, point, "10", TODAY + timedelta(days=2))
    place(session, point, TODAY - timedelta(days=1), "300")

    page = signed_in(app, make_user(session)).get("/").text

    assert "Terça-feira, 1 de dezembro de 2026" in page
    assert "1 ponto de atendimento está com pouco crédito." in page
    assert "Ponto Fraco" in page


def test_a_service_point_sees_its_balance_first(app: Flask, session: Session) -> None:
    point = make_service_point(session, name="Ponto Feliz")
    give(session, point, "1234.56")
    place(session, point, TODAY, "77.31")

    page = signed_in(app, make_user(session, "owner", point)).get("/").text

    assert "Ponto Feliz" in page
    assert "1.234,56" in page
    assert "77,31" in page


def test_a_seller_sees_orders_and_no_figure_of_credit(app: Flask, session: Session) -> None:
    point = make_service_point(session)
    give(session, point, "8888.88", TODAY + timedelta(days=2))
    place(session, point, TODAY, "77.31")

    page = signed_in(app, make_user(session, "seller", point)).get("/").text

    assert "154,62" in page
    for figure in ("8.888,88", "77,31", "8888.88", "77.31"):
        assert figure not in page


def test_every_profile_comes_home(app: Flask, session: Session) -> None:
    point, second = make_service_point(session), make_service_point(session)
    give(session, point, "50")
    people = [
        make_user(session, code) for code in ("administrator", "pricing", "finance", "auditor")
    ]
    people += [make_user(session, "owner", point, second), make_user(session, "seller", point)]

    answers = [signed_in(app, user).get("/").status_code for user in people]

    assert answers == [200] * 6
