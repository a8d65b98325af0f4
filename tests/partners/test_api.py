from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import bearer, make_credit_policy, make_service_point, make_user
from tests.visitors import PortalClient

CENTRE = {
    "code": "SP-0007",
    "name": "Centro",
    "tax_id": "12.ABC.345/01DE-35",
    "sale_policy": {
        "max_discount_percent": "10",
        "max_surcharge_percent": "12.5",
        "may_edit_final_price": True,
    },
    "debt_enabled": False,
    "collects": "service_point",
    "shop": {"slug": "centro", "enabled": True},
    "low_balance_threshold": "100.00",
    "credit_policy": "GOLD",
}
PATH = "/api/v1/service-points"


@pytest.fixture
def admin(session: Session) -> dict[str, str]:
    make_credit_policy(session, "GOLD", money=Decimal(500))
    return bearer(session, make_user(session))


@pytest.mark.engines("sqlite", "mariadb")
def test_a_service_point_answers_with_what_it_was_given(
    client: PortalClient, admin: dict[str, str]
) -> None:
    made = client.post(PATH, json=CENTRE, headers=admin)
    read = client.get(f"{PATH}/SP-0007", headers=admin)
    listed = client.get(f"{PATH}?q=12abc34501de35", headers=admin)

    assert made.status_code == 201
    assert made.json == CENTRE | {
        "id": made.json["id"],
        "tax_id": "12ABC34501DE35",
        "active": True,
        "created_at": "2026-12-01T12:00:00Z",
    }
    assert read.json == made.json
    assert listed.json == {"items": [made.json], "next": None}


def test_what_is_left_out_is_null_or_off(client: PortalClient, admin: dict[str, str]) -> None:
    made = client.post(PATH, json={"code": "SP", "name": "Norte"}, headers=admin)

    assert made.json == {
        "id": made.json["id"],
        "code": "SP",
        "name": "Norte",
        "tax_id": None,
        "sale_policy": {
            "max_discount_percent": "0",
            "max_surcharge_percent": "0",
            "may_edit_final_price": False,
        },
        "debt_enabled": False,
        "collects": "service_point",
        "shop": None,
        "active": True,
        "created_at": "2026-12-01T12:00:00Z",
        "low_balance_threshold": None,
        "credit_policy": None,
    }


def test_a_change_touches_only_what_is_sent(client: PortalClient, admin: dict[str, str]) -> None:
    made = client.post(PATH, json=CENTRE, headers=admin)
    changed = client.patch(
        f"{PATH}/SP-0007",
        json={"sale_policy": {"max_discount_percent": "5"}, "shop": {"enabled": False}},
        headers=admin | {"If-Match": made.headers["ETag"]},
    )
    ended = client.patch(
        f"{PATH}/SP-0007",
        json={"shop": None, "tax_id": None, "credit_policy": None, "low_balance_threshold": None},
        headers=admin,
    )
    late = client.patch(
        f"{PATH}/SP-0007", json={"name": "x"}, headers=admin | {"If-Match": made.headers["ETag"]}
    )

    assert changed.json == made.json | {
        "sale_policy": {**CENTRE["sale_policy"], "max_discount_percent": "5"},  # type: ignore[dict-item] # a dict of strings
        "shop": {"slug": "centro", "enabled": False},
    }
    nothing = dict.fromkeys(("shop", "tax_id", "credit_policy", "low_balance_threshold"))
    assert ended.json == changed.json | nothing
    assert late.status_code == 412


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"tax_id": "12.ABC.345/01DE-36"}, "invalid_tax_id", "tax_id"),
        ({"tax_id": "111.111.111-11"}, "invalid_tax_id", "tax_id"),
        ({"credit_policy": "NONE"}, "unknown_credit_policy", "credit_policy"),
        ({"shop": {"slug": "A B"}}, "invalid", "shop.slug"),
        ({"shop": {"enabled": True}}, "invalid", "shop.slug"),
        ({"shop": {"slug": "a", "colour": "red"}}, "unknown_field", "shop.colour"),
        ({"sale_policy": {"max_discount_percent": "101"}}, "invalid",
         "sale_policy.max_discount_percent"),
        ({"sale_policy": {"max_discount_percent": "-1"}}, "invalid",
         "sale_policy.max_discount_percent"),
        ({"sale_policy": {"max_surcharge_percent": "1,5"}}, "invalid",
         "sale_policy.max_surcharge_percent"),
        ({"sale_policy": None}, "invalid", "sale_policy"),
        ({"collects": "me"}, "invalid", "collects"),
        ({"low_balance_threshold": "-1"}, "invalid", "low_balance_threshold"),
        ({"low_balance_threshold": "1.001"}, "invalid", "low_balance_threshold"),
        ({"balance": "1"}, "unknown_field", "balance"),
    ],
)  # fmt: skip
def test_a_bad_value_is_422_on_creation_and_on_change(
    client: PortalClient, admin: dict[str, str], change: dict[str, Any], code: str, field: str
) -> None:
    client.post(PATH, json={"code": "SP", "name": "Norte"}, headers=admin)

    created = client.post(PATH, json=CENTRE | change, headers=admin)
    changed = client.patch(f"{PATH}/SP", json=change, headers=admin)

    for answer in (created, changed):
        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert field in [error["field"] for error in answer.json["errors"]]
    assert client.get(f"{PATH}/SP-0007", headers=admin).status_code == 404


def test_a_taken_code_and_a_taken_shop_are_409(client: PortalClient, admin: dict[str, str]) -> None:
    client.post(PATH, json=CENTRE, headers=admin)

    code = client.post(PATH, json=CENTRE | {"shop": None}, headers=admin)
    shop = client.post(PATH, json=CENTRE | {"code": "OTHER"}, headers=admin)

    assert [answer.status_code for answer in (code, shop)] == [409, 409]
    assert code.json["errors"][0]["field"] == "code"
    assert shop.json["errors"][0]["field"] == "shop.slug"


def test_people_of_a_service_point_see_their_own_alone(
    client: PortalClient, session: Session
) -> None:
    own, other = make_service_point(session, "OWN"), make_service_point(session, "OTHER")
    owner = bearer(session, make_user(session, "owner", own))

    listed = client.get(PATH, headers=owner).json
    strange = client.get(f"{PATH}/{other.code}", headers=owner)
    absent = client.get(f"{PATH}/NOTHING", headers=owner)

    assert [item["code"] for item in listed["items"]] == ["OWN"]
    assert (strange.status_code, absent.status_code) == (404, 404)
    assert strange.json["code"] == absent.json["code"]


def test_who_sees_no_balances_learns_neither_threshold_nor_limit(
    client: PortalClient, session: Session
) -> None:
    make_credit_policy(session, "GOLD")
    own = make_service_point(
        session, "OWN", credit_policy="GOLD", low_balance_threshold=Decimal("123.45")
    )
    seller = bearer(session, make_user(session, "seller", own))
    owner = bearer(session, make_user(session, "owner", own))

    seen = client.get(f"{PATH}/OWN", headers=seller)
    known = client.get(f"{PATH}/OWN", headers=owner).json

    assert not {"low_balance_threshold", "credit_policy"} & set(seen.json)
    assert (known["low_balance_threshold"], known["credit_policy"]) == ("123.45", "GOLD")
    assert client.get("/api/v1/credit-policies", headers=seller).status_code == 403


@pytest.mark.engines("sqlite", "mariadb")
def test_a_credit_policy_is_created_read_changed_and_listed(
    client: PortalClient, admin: dict[str, str]
) -> None:
    path = "/api/v1/credit-policies"
    body = {"code": "SILVER", "name": "Prata", "money": "100.00", "documents": 1}
    made = client.post(path, json=body, headers=admin)
    twice = client.post(path, json=body, headers=admin)
    changed = client.patch(
        f"{path}/SILVER",
        json={"money": None, "age_days": 0},
        headers=admin | {"If-Match": made.headers["ETag"]},
    )
    listed = client.get(path, headers=admin).json["items"]

    assert made.json == {"id": made.json["id"], "age_days": None, **body}
    assert (made.status_code, twice.status_code) == (201, 409)
    assert changed.json == made.json | {"money": None, "age_days": 0}
    assert [item["code"] for item in listed] == ["GOLD", "SILVER"]
    assert client.get(f"{path}/SILVER", headers=admin).json == changed.json
    assert client.get(f"{path}/NONE", headers=admin).status_code == 404


@pytest.mark.parametrize(
    "change", [{"money": "-1"}, {"documents": -1}, {"documents": "1"}, {"age_days": 1.5}, {"x": 1}]
)
def test_limits_are_zero_or_more(
    client: PortalClient, admin: dict[str, str], change: dict[str, Any]
) -> None:
    body = {"code": "SILVER", "name": "Prata"} | change

    answer = client.post("/api/v1/credit-policies", json=body, headers=admin)

    assert answer.status_code == 422


def test_an_owner_sees_the_limit_of_the_own_service_point_alone(
    client: PortalClient, session: Session
) -> None:
    make_credit_policy(session, "GOLD")
    make_credit_policy(session, "SECRET")
    own = make_service_point(session, "OWN", credit_policy="GOLD")
    owner = bearer(session, make_user(session, "owner", own))

    listed = client.get("/api/v1/credit-policies", headers=owner).json["items"]

    assert [item["code"] for item in listed] == ["GOLD"]
    assert client.get("/api/v1/credit-policies/SECRET", headers=owner).status_code == 404


@pytest.mark.engines("mariadb", "sqlite")
@pytest.mark.parametrize("shared", [{"code": "SP"}, {"shop": {"slug": "centro"}}])
def test_of_service_points_at_the_same_instant_one_gets_the_key(
    app: Flask, client: PortalClient, admin: dict[str, str], shared: dict[str, Any]
) -> None:
    client.get(PATH, headers=admin)
    app.config["OPEN_SESSIONS"].clear()

    def create(number: int) -> int:
        body = {"code": f"SP-{number}", "name": "Norte"} | shared
        return app.test_client().post(PATH, json=body, headers=admin).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(create, range(6)))

    assert sorted(answers) == [201] + [409] * 5
