"""Orders as other systems see them."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.orders.models import Order
from portal.people.models import Profile
from tests.orders.conftest import Caller
from tests.orders.factories import Shop, balance, make_shop


@pytest.mark.engines("sqlite", "mariadb")
def test_an_order_is_placed_and_read_back_the_same(owner: Caller, shop: Shop) -> None:
    placed = owner.post("/orders", shop.json((0, "2", "150"), external_reference="ERP-7"))

    read = owner.get(f"/orders/{placed.json['number']}")
    assert placed.status_code == 201
    assert placed.json["status"] == "placed"
    assert placed.json["on"] == "2026-12-01"
    assert placed.json["totals"] == {
        "acquisition": "160.00",
        "sale": "300.00",
        "margin": "140.00",
    }
    assert placed.json["credit"]["balance"] == "840.00"
    assert placed.json["settlement"]["paid"] == "300.00"
    assert read.json == placed.json
    assert read.headers["ETag"] == placed.headers["ETag"] == '"1"'


@pytest.mark.engines("sqlite", "mariadb")
def test_a_repeated_call_makes_one_order_and_gets_the_same_answer(
    owner: Caller, shop: Shop, session: Session
) -> None:
    key = {"Idempotency-Key": "once"}
    first = owner.post("/orders", shop.json(), headers=key)

    again = owner.post("/orders", shop.json(), headers=key)

    assert again.json == first.json
    assert first.json["credit"]["transaction"] > 0
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert session.scalar(select(func.count()).select_from(Order)) == 1
    assert balance(session, shop.account_id) == Decimal("840.00")


def test_the_same_key_for_another_order_is_refused(owner: Caller, shop: Shop) -> None:
    key = {"Idempotency-Key": "once"}
    owner.post("/orders", shop.json(), headers=key)

    other = owner.post("/orders", shop.json((0, "3", "150")), headers=key)

    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_is_an_answer_too_and_is_replayed(
    owner: Caller, shop: Shop, session: Session
) -> None:
    key = {"Idempotency-Key": "too-much"}
    refused = owner.post("/orders", shop.json((0, "20", "150")), headers=key)

    again = owner.post("/orders", shop.json((0, "20", "150")), headers=key)

    assert (refused.status_code, refused.json["code"]) == (422, "insufficient_credit")
    assert (refused.json["shortfall"], refused.json["available"]) == ("600.00", "1000.00")
    assert again.json == refused.json
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_replay_shows_no_costs_to_who_may_no_longer_see_them(
    app: Flask, owner: Caller, shop: Shop, session: Session
) -> None:
    key = {"Idempotency-Key": "once"}
    owner.post("/orders", shop.json(), headers=key)
    session.commit()
    profile = session.scalars(select(Profile).where(Profile.code == "owner")).one()
    profile.permissions = profile.permissions.replace("costs.view ", "")

    again = owner.post("/orders", shop.json(), headers=key)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert "credit" not in again.json
    assert "160" not in again.text


@pytest.mark.engines("mariadb")
def test_fifty_arrivals_of_one_key_make_one_order(
    app: Flask, owner: Caller, shop: Shop, session: Session
) -> None:
    body = shop.json((0, "10", "150"))
    headers = owner.headers | {"Idempotency-Key": "rush"}

    def send(_: int) -> Any:
        return app.test_client().post("/api/v1/orders", json=body, headers=headers)

    app.config["OPEN_SESSIONS"].clear()
    session.commit()

    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(send, range(50)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({json.dumps(answer.json, sort_keys=True) for answer in answers}) == 1
    assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_without_costs_no_answer_holds_an_acquisition_figure(
    app: Flask, session: Session, caller: Callable[..., Caller]
) -> None:
    shop = make_shop(session, credit_of="1234.56", prices=("77.3131", "33.3333", "0"))
    seller = caller("seller", shop)
    placed = seller.post("/orders", shop.json((0, "3", "150")))
    number = placed.json["number"]

    answers = [
        placed,
        seller.post("/quotes", shop.json((0, "3", "150"))),
        seller.get(f"/orders/{number}"),
        seller.get("/orders"),
        seller.post("/orders", shop.json((0, "300", "150"))),
        seller.post("/orders", shop.json((0, "1", "77.31"))),
        seller.post("/quotes", shop.json((0, "1", "77.31"))),
        seller.post(f"/orders/{number}/cancel", {"reason": "wrong"}),
    ]

    codes = [answer.status_code for answer in answers]
    assert codes == [201, 200, 200, 200, 422, 422, 200, 403]
    assert answers[4].json["code"] == "insufficient_credit"
    assert answers[5].json["code"] == "price_not_allowed"
    for answer in answers:
        for figure in (
            "77.3131",
            "231.94",
            "218.06",
            "1234.56",
            "1002.62",
            "acquisition",
            "margin",
        ):
            assert figure not in answer.text
        assert "credit" not in answer.json


def test_a_quote_warns_of_what_would_refuse_the_order(owner: Caller, shop: Shop) -> None:
    shop.products[0].active = False
    body = shop.json((0, "1.5", "1000"), (2, "1", "5"))
    del body["channel"]

    quoted = owner.post("/quotes", body | {"channel": "site"})

    assert quoted.status_code == 200
    assert [(one["code"], one["field"]) for one in quoted.json["warnings"]] == [
        ("product_inactive", "lines[0].sku"),
        ("quantity_not_whole", "lines[0].quantity"),
    ]
    assert quoted.json["totals"]["sale"] == "1505.00"
    assert "number" not in quoted.json


def test_a_quote_for_a_day_tells_the_prices_of_that_day(owner: Caller, shop: Shop) -> None:
    body = shop.json() | {"on": "2024-01-01"}

    before = owner.post("/quotes", body)
    later = owner.post("/quotes", body | {"on": "2027-05-05"})

    assert (before.status_code, before.json["code"]) == (422, "no_price")
    assert (later.json["on"], later.json["totals"]["acquisition"]) == ("2027-05-05", "160.00")


def test_a_quote_warns_of_missing_credit_with_figures_only_for_those_who_see_costs(
    owner: Caller, seller: Caller, shop: Shop
) -> None:
    body = shop.json((0, "20", "150"))

    told, hidden = owner.post("/quotes", body), seller.post("/quotes", body)

    assert [one["code"] for one in told.json["warnings"]] == ["insufficient_credit"]
    assert "600,00" in told.json["warnings"][0]["message"]
    assert [one["code"] for one in hidden.json["warnings"]] == ["insufficient_credit"]
    assert not any(sign.isdigit() for sign in hidden.json["warnings"][0]["message"])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"customer": 88}, "unknown_customer"),
        ({"referrer": 5}, "unknown_referrer"),
        ({"referrer": "LUME"}, "unknown_referrer"),
        ({"sales_condition": "NET30"}, "unknown_sales_condition"),
        ({"on": "2026-12-01"}, "on_not_allowed"),
        ({"payments": [{"method": "pix", "amount": "1.00"}]}, "balance_not_allowed"),
        ({"payments": [], "leave_balance": True}, "balance_not_allowed"),
        ({"channel": "phone"}, "invalid"),
        ({"document_type": "napkin"}, "invalid"),
        ({"colour": "red"}, "unknown_field"),
        ({"lines": []}, "invalid"),
        ({"issuer": "NOBODY"}, "unknown_issuer"),
    ],
)
def test_what_an_order_may_not_say_is_refused(
    owner: Caller, shop: Shop, fields: dict[str, Any], code: str
) -> None:
    answer = owner.post("/orders", shop.json() | fields)

    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_what_comes_later_is_kept_and_given_back(owner: Caller, shop: Shop) -> None:
    sent = {
        "channel": "site",
        "kind": "subscription",
        "document_type": "delivery_note",
        "external_reference": "ERP-9",
        "payments": [{"method": "pix", "amount": "300.00"}],
        "issuer": shop.issuer.code,
        "request_approval": True,
    }

    number = owner.post("/orders", shop.json() | sent).json["number"]

    read = owner.get(f"/orders/{number}").json
    del sent["request_approval"]
    assert {name: read[name] for name in sent} == sent


@pytest.mark.parametrize("path", ["/quotes", "/orders"])
def test_a_discount_of_more_than_the_price_would_make_it_negative(
    owner: Caller, shop: Shop, path: str
) -> None:
    line = {"sku": shop.products[0].sku, "quantity": "1", "discount_percent": "100.01"}
    body = {"service_point": shop.point.code, "channel": "back_office", "lines": [line]}

    answer = owner.post(path, body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert [one["field"] for one in answer.json["errors"]] == ["lines[0].discount_percent"]


def test_a_price_that_rose_is_a_conflict_with_old_and_new(owner: Caller, shop: Shop) -> None:
    answer = owner.post("/orders", shop.json(expected_total="299.99"))

    assert (answer.status_code, answer.json["code"]) == (409, "price_changed")
    assert (answer.json["old"], answer.json["new"]) == ("299.99", "300.00")


@pytest.mark.parametrize("sent", ["10", "10.0", 10])
def test_the_price_expected_is_told_as_an_amount_however_it_was_sent(
    owner: Caller, shop: Shop, sent: Any
) -> None:
    answer = owner.post("/orders", shop.json(expected_total=sent))

    assert (answer.json["old"], answer.json["new"]) == ("10.00", "300.00")
    assert "R$\u00a010,00" in answer.json["detail"]


@pytest.mark.engines("sqlite", "mariadb")
def test_a_reference_is_found_as_it_was_sent_and_no_other(owner: Caller, shop: Shop) -> None:
    references = ["Ref-É", "ref-é", "REF-E", "REF-E."]
    for reference in references:
        owner.post("/orders", shop.json((2, "1", "5"), external_reference=reference))

    found = [
        [item["external_reference"] for item in owner.get(f"/orders?{query}").json["items"]]
        for query in (urlencode({"external_reference": one}) for one in [*references, "Ref-E"])
    ]

    assert found == [["Ref-É"], ["ref-é"], ["REF-E"], ["REF-E."], []]


def test_the_list_filters_and_pages_with_cursors(owner: Caller, shop: Shop) -> None:
    numbers = [
        owner.post("/orders", shop.json((2, "1", "5"), external_reference=f"R-{at}")).json["number"]
        for at in range(5)
    ]
    owner.post("/orders", shop.json(draft=True))

    first = owner.get("/orders?limit=2&status=placed").json
    second = owner.get(f"/orders?limit=2&status=placed&cursor={first['next']}").json
    found = owner.get("/orders?external_reference=R-3").json
    today = owner.get("/orders?from=2026-12-01&to=2026-12-01").json
    yesterday = owner.get("/orders?to=2026-11-30").json
    dated = owner.get("/orders?limit=3&from=2026-12-01").json
    rest = owner.get(f"/orders?limit=3&from=2026-12-01&cursor={dated['next']}").json

    pages = [item["number"] for item in first["items"] + second["items"]]
    assert pages == numbers[:0:-1]
    assert [item["number"] for item in found["items"]] == [numbers[3]]
    assert len(today["items"]) == 5
    assert yesterday == {"items": [], "next": None}
    assert [item["number"] for item in dated["items"] + rest["items"]] == numbers[::-1]


def test_another_service_points_orders_are_not_there(
    app: Flask, session: Session, caller: Callable[..., Caller], owner: Caller, shop: Shop
) -> None:
    stranger = caller("owner", make_shop(session))
    number = owner.post("/orders", shop.json()).json["number"]

    answers = [
        stranger.get(f"/orders/{number}"),
        stranger.post("/orders", shop.json()),
        stranger.post("/quotes", shop.json()),
        stranger.post(f"/orders/{number}/cancel", {"reason": "mine"}),
        stranger.post(f"/orders/{number}/fulfill"),
        stranger.post(f"/orders/{number}/place"),
        stranger.patch(f"/orders/{number}", {"external_reference": "mine"}),
        stranger.get("/orders/999999"),
    ]

    assert [answer.status_code for answer in answers[:6]] == [404] * 6
    assert answers[6].status_code in {403, 404}
    assert answers[7].status_code == 404
    assert stranger.get("/orders").json["items"] == []


def test_prices_refused_by_guessing_are_written_down_and_limited(
    seller: Caller, shop: Shop, session: Session
) -> None:
    tries = [seller.post("/orders", shop.json((0, "1", str(price)))) for price in range(10, 16)]

    assert [answer.status_code for answer in tries] == [422] * 5 + [429]
    assert 0 < int(tries[5].headers["Retry-After"]) <= 3601
    noted = session.scalars(select(Deed).where(Deed.action == "order.price_refused")).all()
    assert len(noted) == 5


def test_correcting_a_sale_is_no_way_to_guess_either(
    app: Flask, session: Session, caller: Callable[..., Caller], shop: Shop
) -> None:
    profile = session.scalars(select(Profile).where(Profile.code == "seller")).one()
    profile.permissions += " orders.edit_sale"
    seller = caller("seller")
    path = f"/orders/{seller.post('/orders', shop.json()).json['number']}"

    tries = [
        seller.patch(path, {"lines": [{"position": 1, "unit_price": str(price)}]})
        for price in (10, 20, 30, 40, 50, 500)
    ]

    assert [answer.status_code for answer in tries] == [422] * 5 + [429]
    assert {answer.json["code"] for answer in tries[:5]} == {"price_not_allowed"}


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("lines", [1, 3, 50])
def test_an_order_takes_at_most_thirteen_round_trips_however_many_lines(
    owner: Caller, shop: Shop, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    from pymysql.connections import Connection

    body = shop.json(*[(1, "0.25", "150")] * lines)
    owner.post("/orders", body)
    sent: list[str] = []
    usual = Connection._execute_command  # noqa: SLF001 - whatever goes over the wire passes here

    def count(self: Any, command: int, sql: Any) -> Any:
        sent.append(sql if isinstance(sql, str) else bytes(sql).decode(errors="replace"))
        return usual(self, command, sql)

    monkeypatch.setattr(Connection, "_execute_command", count)
    answer = owner.post("/orders", body)
    monkeypatch.undo()

    assert answer.status_code == 201, answer.text
    assert len(sent) <= 13, "\n".join(text[:80] for text in sent)
