"""Orders moved on by other systems: drafts, fulfilment, cancelling, corrections."""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from tests.orders.conftest import Caller
from tests.orders.factories import Shop, balance


@pytest.mark.engines("sqlite", "mariadb")
def test_a_draft_keeps_no_price_and_takes_those_of_the_day_it_is_placed(
    owner: Caller, shop: Shop, session: Session
) -> None:
    draft = owner.post("/orders", shop.json(draft=True))
    number = draft.json["number"]
    assert (draft.status_code, draft.json["status"]) == (201, "draft")
    assert "totals" not in draft.json
    assert "acquisition" not in draft.json["lines"][0]
    assert balance(session, shop.account_id) == Decimal("1000.00")

    placed = owner.post(f"/orders/{number}/place")

    assert (placed.status_code, placed.json["status"]) == (200, "placed")
    assert placed.json["totals"]["acquisition"] == "160.00"
    assert owner.get(f"/orders/{number}").json == placed.json
    assert balance(session, shop.account_id) == Decimal("840.00")
    again = owner.post(f"/orders/{number}/place")
    assert (again.status_code, again.json["code"]) == (409, "not_a_draft")


def test_an_order_is_fulfilled_once(owner: Caller, shop: Shop) -> None:
    number = owner.post("/orders", shop.json()).json["number"]

    done = owner.post(f"/orders/{number}/fulfill")
    again = owner.post(f"/orders/{number}/fulfill")

    assert (done.status_code, done.json["status"]) == (200, "fulfilled")
    assert (again.status_code, again.json["code"]) == (409, "not_placed")


@pytest.mark.engines("sqlite", "mariadb")
def test_cancelling_puts_the_credit_back_once(owner: Caller, shop: Shop, session: Session) -> None:
    number = owner.post("/orders", shop.json()).json["number"]

    done = owner.post(f"/orders/{number}/cancel", {"reason": "wrong customer"})
    again = owner.post(f"/orders/{number}/cancel", {"reason": "wrong customer"})

    assert (done.status_code, done.json["status"]) == (200, "cancelled")
    assert done.json["cancel_reason"] == "wrong customer"
    assert done.json["credit"]["reversal"] > done.json["credit"]["transaction"]
    assert (again.status_code, again.json["code"]) == (409, "already_cancelled")
    assert balance(session, shop.account_id) == Decimal("1000.00")


def test_cancelling_needs_a_reason(owner: Caller, shop: Shop) -> None:
    number = owner.post("/orders", shop.json()).json["number"]

    answers = [owner.post(f"/orders/{number}/cancel", body) for body in ({}, {"reason": "  "})]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json["errors"][0]["field"] == "reason"


def test_what_is_fulfilled_is_cancelled_only_with_its_own_permission(
    caller: Callable[..., Caller], seller: Caller, shop: Shop
) -> None:
    boss = caller("administrator", None)
    number = boss.post("/orders", shop.json()).json["number"]
    boss.post(f"/orders/{number}/fulfill")

    refused = seller.post(f"/orders/{number}/cancel", {"reason": "late"})
    done = boss.post(f"/orders/{number}/cancel", {"reason": "late"})

    assert refused.status_code == 403
    assert (done.status_code, done.json["status"]) == (200, "cancelled")


def test_correcting_the_sale_never_touches_the_acquisition(
    caller: Callable[..., Caller], shop: Shop, session: Session
) -> None:
    boss = caller("administrator", None)
    placed = boss.post("/orders", shop.json()).json
    path = f"/orders/{placed['number']}"

    changed = boss.patch(
        path,
        {"lines": [{"position": 1, "unit_price": "100"}], "external_reference": "NF-1"},
        headers={"If-Match": '"1"'},
    )
    stale = boss.patch(path, {"external_reference": "NF-2"}, headers={"If-Match": '"1"'})

    assert changed.status_code == 200
    assert changed.json["totals"] == {"acquisition": "160.00", "sale": "200.00", "margin": "40.00"}
    assert changed.json["lines"][0]["acquisition"] == placed["lines"][0]["acquisition"]
    assert changed.json["credit"] == placed["credit"]
    assert stale.status_code == 412
    deed = session.scalars(select(Deed).where(Deed.action == "order.sale_changed")).one()
    assert json.loads(deed.before or "")["sale"] == "300.00"
    assert json.loads(deed.after or "")["sale"] == "200.00"


def test_a_correction_keeps_to_payments_and_to_lines_there_are(
    caller: Callable[..., Caller], shop: Shop
) -> None:
    boss = caller("administrator", None)
    paid = [{"method": "cash", "amount": "300.00"}]
    path = f"/orders/{boss.post('/orders', shop.json(payments=paid)).json['number']}"

    unbalanced = boss.patch(path, {"lines": [{"position": 1, "unit_price": "100"}]})
    unknown = boss.patch(path, {"lines": [{"position": 9, "unit_price": "100"}]})

    assert unbalanced.json["code"] == "balance_not_allowed"
    assert unknown.json["code"] == "unknown_line"
