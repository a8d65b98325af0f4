"""Orders of shops on screen and through the API: where they stand, who buys, what waits and why."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.orders.jobs import lapse_orders, place_waiting_orders
from tests.factories import bearer, make_user, sign_in
from tests.orders.conftest import Caller
from tests.orders.factories import grant
from tests.orders.web_shops import WebShop, later, make_web_shop
from tests.visitors import MovableClock

REACHED = ("529.982.247-25", "52998224725", "lia@example.com", "+5511912345678")


@pytest.fixture
def shop(app: Flask, session: Session, engine: Engine) -> WebShop:
    """A shop on the application's database."""
    return make_web_shop(session, engine)


@pytest.fixture
def calls(app: Flask, session: Session, shop: WebShop) -> Callable[..., Caller]:
    """Let someone of the shop's service point call, or of headquarters."""

    def make(profile: str, *, here: bool = True) -> Caller:
        user = make_user(session, profile, *([shop.shop.point] if here else []))
        return Caller(app.test_client(), bearer(session, user))

    return make


def test_an_order_tells_where_it_stands_and_who_buys(
    shop: WebShop, session: Session, calls: Callable[..., Caller]
) -> None:
    made = shop.order(session)
    session.commit()

    body = calls("owner").get(f"/orders/{made.order_id}").json

    assert body["status"] == "awaiting_payment"
    assert (body["channel"], body["pay_until"]) == ("site", "2026-12-02T12:00:00Z")
    assert body["buyer"] == {
        "kind": "person",
        "name": "Lia Prado",
        "tax_id": "52998224725",
        "email": "lia@example.com",
        "phone": "+5511912345678",
        "language": "pt_BR",
    }
    assert body["charge"] == made.charge_id
    assert body["totals"] == {"sale": "300.00"}
    assert "acquisition" not in body["lines"][0]
    assert body["lines"][0]["sale"]["list_price"] == "150.0000"
    assert made.link not in str(body)


def test_who_only_reads_sees_the_name_alone(
    shop: WebShop, session: Session, calls: Callable[..., Caller]
) -> None:
    made = shop.order(session)
    auditor = calls("auditor", here=False)

    one = auditor.get(f"/orders/{made.order_id}").json
    (listed,) = auditor.get("/orders").json["items"]

    for body in (one, listed):
        assert body["buyer"] == {"kind": "person", "name": "Lia Prado", "language": "pt_BR"}


def test_a_paid_order_that_waits_says_why(
    shop: WebShop, session: Session, calls: Callable[..., Caller]
) -> None:
    made = shop.order(session, (0, 13))
    shop.pay(session, made)

    (body,) = calls("seller").get("/orders?status=awaiting_credit").json["items"]

    assert (body["number"], body["waiting_reason"]) == (str(made.order_id), "insufficient_credit")
    assert "1040" not in str(body)


def test_what_nobody_paid_is_listed_as_lapsed_before_any_job(
    shop: WebShop, session: Session, calls: Callable[..., Caller], clock: MovableClock
) -> None:
    made = shop.order(session)
    owner = calls("owner")
    clock.move_to("2026-12-02T12:00:00+00:00")

    assert owner.get("/orders?status=awaiting_payment").json["items"] == []
    (listed,) = owner.get("/orders?status=lapsed").json["items"]
    assert listed["status"] == "lapsed"
    assert owner.get(f"/orders/{made.order_id}").json["status"] == "lapsed"


def test_prices_and_payment_of_a_visitor_s_order_stay(
    shop: WebShop, session: Session, calls: Callable[..., Caller]
) -> None:
    made = shop.order(session)
    shop.pay(session, made)
    boss = calls("administrator", here=False)
    path = f"/orders/{made.order_id}"

    for change in (
        {"lines": [{"position": 1, "unit_price": "1"}]},
        {"payments": [{"method": "cash", "amount": "300.00"}]},
    ):
        refused = boss.patch(path, change)
        assert (refused.status_code, refused.json["code"]) == (409, "site_price_kept")
    assert boss.patch(path, {"external_reference": "NF-1"}).status_code == 200


def test_cancelling_through_the_api_gives_the_money_back(
    shop: WebShop, session: Session, calls: Callable[..., Caller]
) -> None:
    made = shop.order(session)
    shop.pay(session, made)

    done = calls("owner").post(f"/orders/{made.order_id}/cancel", {"reason": "broken"})

    assert (done.status_code, done.json["status"]) == (200, "cancelled")
    assert shop.charge(session, made).status == "refund_pending"


def test_credit_granted_through_the_api_places_what_waits_at_once(
    shop: WebShop, session: Session, calls: Callable[..., Caller]
) -> None:
    made = shop.order(session, (0, 13))
    shop.pay(session, made)
    code = shop.shop.point.code

    granted = calls("finance", here=False).post(
        f"/service-points/{code}/accounts/BRL/grants",
        {"amount": "40", "paid": "40", "kind": "paid", "reason": "topped up"},
    )

    assert granted.status_code == 201
    assert shop.seen(session, made).status == "placed"


def test_a_higher_limit_places_what_waits_at_once(
    shop: WebShop, session: Session, calls: Callable[..., Caller]
) -> None:
    made = shop.order(session, (0, 13))
    shop.pay(session, made)
    boss = calls("administrator", here=False)
    boss.post("/credit-policies", {"code": "MORE", "name": "More", "money": "40"})

    changed = boss.patch(f"/service-points/{shop.shop.point.code}", {"credit_policy": "MORE"})

    assert changed.status_code == 200
    assert shop.seen(session, made).status == "placed"


def test_jobs_do_their_work_once(
    app: Flask, shop: WebShop, session: Session, clock: MovableClock
) -> None:
    unpaid, waiting = shop.order(session), shop.order(session, (0, 13))
    shop.pay(session, waiting)
    grant(session, shop.shop.account_id, "40")
    session.commit()
    clock.move_to("2026-12-03T12:00:00+00:00")

    with app.app_context():
        told = [lapse_orders(), lapse_orders(), place_waiting_orders(), place_waiting_orders()]

    assert told == [
        "1 orders lapsed",
        "0 orders lapsed",
        "1 waiting orders placed at 1 service points",
        "0 waiting orders placed at 0 service points",
    ]
    assert shop.seen(session, unpaid).status == "lapsed"
    assert shop.seen(session, waiting).status == "placed"


# Pages


@pytest.fixture
def signed_in(app: Flask, session: Session, shop: WebShop) -> Callable[..., Any]:
    """Sign someone in, of the service point or of headquarters."""

    def make(profile: str, *, here: bool = True) -> Any:
        user = make_user(session, profile, *([shop.shop.point] if here else []))
        client = app.test_client()
        sign_in(client, user)
        return client

    return make


def page(client: Any, path: str) -> str:
    """A page's text."""
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.text)


def test_the_page_shows_state_buyer_and_payment(
    shop: WebShop, session: Session, signed_in: Callable[..., Any]
) -> None:
    made = shop.order(session)
    path = f"/orders/{made.order_id}"

    text = page(signed_in("owner"), path)

    assert "Aguarda o pagamento do cliente" in text
    assert "Lia Prado" in text
    assert "529.982.247-25" in text
    assert made.link not in text
    assert "Corrigir a venda" not in text


def test_the_page_of_a_lapsed_order_asks_nobody_to_pay(
    shop: WebShop, session: Session, signed_in: Callable[..., Any], clock: MovableClock
) -> None:
    made = shop.order(session)
    path = f"/orders/{made.order_id}"
    assert "a pagar" in page(signed_in("owner"), path)
    clock.move_to("2026-12-02T12:00:00+00:00")

    text = page(signed_in("owner"), path)

    assert "não pago no prazo" in text
    assert "a pagar" not in text


def test_the_page_hides_how_to_reach_the_buyer_from_who_only_reads(
    shop: WebShop, session: Session, signed_in: Callable[..., Any]
) -> None:
    made = shop.order(session)

    text = page(signed_in("auditor", here=False), f"/orders/{made.order_id}")

    assert "Lia Prado" in text
    assert not any(figure in text for figure in REACHED)


def test_the_page_of_a_waiting_order_says_what_is_missing_to_who_may_know(
    shop: WebShop, session: Session, signed_in: Callable[..., Any]
) -> None:
    made = shop.order(session, (0, 13))
    shop.pay(session, made)
    behind = shop.order(session)
    shop.at = later(minutes=1)
    shop.pay(session, behind, later(minutes=1))
    path = f"/orders/{made.order_id}"

    told, plain = page(signed_in("owner"), path), page(signed_in("seller"), path)

    assert "40,00" in told
    assert "1.040,00" in told
    assert "40,00" not in plain
    assert "Falta crédito" in plain
    assert f'href="{path}"' in page(signed_in("seller"), f"/orders/{behind.order_id}")


def test_a_late_payment_is_told_in_words(
    shop: WebShop, session: Session, signed_in: Callable[..., Any]
) -> None:
    made = shop.order(session)
    shop.at = later(hours=30)
    shop.sell_at(session, "151", "60", None)
    shop.pay(session, made, later(hours=30))

    text = page(signed_in("owner"), f"/orders/{made.order_id}")

    assert "paid_too_late" not in text
    assert "Pago depois do prazo" in text


def test_orders_are_found_by_who_bought(
    shop: WebShop, session: Session, signed_in: Callable[..., Any]
) -> None:
    made = shop.order(session)
    owner = signed_in("owner")

    for words in ("Lia", "lia@example.com", "529.982.247-25"):
        assert f"/orders/{made.order_id}" in page(owner, f"/orders?q={words}")
    assert f"/orders/{made.order_id}" not in page(owner, "/orders?q=Bruno")
    assert f"/orders/{made.order_id}" in page(owner, "/orders?status=awaiting_payment")


def test_sums_below_the_list_count_only_what_was_placed(
    shop: WebShop, session: Session, signed_in: Callable[..., Any]
) -> None:
    paid = shop.order(session)
    shop.order(session, (1, 1))
    shop.pay(session, paid)

    text = page(signed_in("owner"), "/orders")

    assert ">300,00<" in text.partition("<tfoot>")[2]
