from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import bearer, make_issuer, make_product, make_service_point, make_user
from tests.visitors import PortalClient

ECPF = {"sku": "ECPF-A1", "name": "e-CPF A1", "kind": "service", "category": "Certificates"}


@pytest.fixture
def admin(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session))


@pytest.mark.engines("sqlite", "mariadb")
def test_a_product_is_created_read_changed_and_listed(
    client: PortalClient, admin: dict[str, str]
) -> None:
    made = client.post("/api/v1/products", json=ECPF, headers=admin)
    read = client.get("/api/v1/products/ECPF-A1", headers=admin)
    changed = client.patch(
        "/api/v1/products/ECPF-A1",
        json={"name": "e-CPF A1 12 months", "credit_type": "BRL", "credit_units": "2.5"},
        headers=admin | {"If-Match": made.headers["ETag"]},
    )
    listed = client.get("/api/v1/products?q=12+MONTHS&kind=service", headers=admin)

    assert made.status_code == 201
    assert made.json == read.json
    assert made.json == {
        "id": made.json["id"],
        "active": True,
        "fractional": False,
        "credit_type": None,
        "credit_units": None,
        "created_at": "2026-12-01T12:00:00Z",
        "updated_at": "2026-12-01T12:00:00Z",
        **ECPF,
    }
    assert (made.headers["ETag"], changed.headers["ETag"]) == ('"1"', '"2"')
    assert (changed.status_code, changed.json["credit_units"]) == (200, "2.5")
    assert changed.json["category"] == "Certificates"
    assert listed.json == {"items": [changed.json], "next": None}


def test_a_taken_sku_is_409_and_names_the_field(
    client: PortalClient, admin: dict[str, str]
) -> None:
    client.post("/api/v1/products", json=ECPF, headers=admin)

    answer = client.post("/api/v1/products", json=ECPF | {"sku": " ECPF-A1 "}, headers=admin)

    assert (answer.status_code, answer.json["code"]) == (409, "already_exists")
    assert answer.json["errors"][0]["field"] == "sku"


@pytest.mark.engines("mariadb", "sqlite")
def test_of_creations_at_the_same_instant_one_is_201_and_the_others_409(
    app: Flask, client: PortalClient, admin: dict[str, str]
) -> None:
    client.get("/api/v1/products", headers=admin)
    app.config["OPEN_SESSIONS"].clear()

    def create(_number: int) -> int:
        visitor = app.test_client()
        return visitor.post("/api/v1/products", json=ECPF, headers=admin).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))

    assert sorted(answers) == [201] + [409] * 7


@pytest.mark.engines("mariadb", "sqlite")
def test_products_created_at_the_same_instant_share_their_new_category(
    app: Flask, client: PortalClient, admin: dict[str, str]
) -> None:
    client.get("/api/v1/products", headers=admin)
    app.config["OPEN_SESSIONS"].clear()

    def create(number: int) -> int:
        body = ECPF | {"sku": f"P-{number}"}
        return app.test_client().post("/api/v1/products", json=body, headers=admin).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))
    categories = client.get("/api/v1/categories", headers=admin).json["items"]

    assert answers == [201] * 8
    assert [category["name"] for category in categories] == ["Certificates"]


@pytest.mark.parametrize("sku", ["a b", "100%", "ç?&=#", "x;y", "+1", "A..B", "😀"])
def test_any_sku_that_is_taken_can_be_addressed(
    client: PortalClient, admin: dict[str, str], sku: str
) -> None:
    made = client.post("/api/v1/products", json=ECPF | {"sku": sku}, headers=admin)
    read = client.get(f"/api/v1/products/{quote(sku, safe='')}", headers=admin)

    assert (made.status_code, read.status_code) == (201, 200)
    assert read.json["sku"] == sku


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"sku": "a/b"}, "invalid", "sku"),
        ({"sku": ""}, "invalid", "sku"),
        ({"sku": ".."}, "invalid", "sku"),
        ({"sku": "a\u200bb"}, "invalid", "sku"),
        ({"sku": "x" * 65}, "invalid", "sku"),
        ({"sku": 5}, "invalid", "sku"),
        ({"name": "\t"}, "invalid", "name"),
        ({"name": "x" * 201}, "invalid", "name"),
        ({"kind": "thing"}, "invalid", "kind"),
        ({"category": "x" * 81}, "invalid", "category"),
        ({"active": "yes"}, "invalid", "active"),
        ({"active": None}, "invalid", "active"),
        ({"price": "1.00"}, "unknown_field", "price"),
        ({"id": 5}, "unknown_field", "id"),
        ({"credit_type": "HOURS", "credit_units": "1"}, "unknown_credit_type", "credit_type"),
        ({"credit_type": "BRL"}, "invalid", "credit_units"),
        ({"credit_units": "1"}, "invalid", "credit_type"),
        ({"credit_type": "BRL", "credit_units": "0"}, "invalid", "credit_units"),
        ({"credit_type": "BRL", "credit_units": "1e3"}, "invalid", "credit_units"),
    ],
)
def test_a_bad_value_is_422_with_its_code_and_field_and_stores_nothing(
    client: PortalClient, admin: dict[str, str], change: dict[str, Any], code: str, field: str
) -> None:
    answer = client.post("/api/v1/products", json=ECPF | change, headers=admin)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert field in [error["field"] for error in answer.json["errors"]]
    assert client.get("/api/v1/products", headers=admin).json["items"] == []


@pytest.mark.parametrize("sent", [{"name": None}, {"kind": None}, {"active": None}, {"sku": "B"}])
def test_what_a_product_must_have_is_not_taken_off(
    client: PortalClient, admin: dict[str, str], sent: dict[str, Any]
) -> None:
    client.post("/api/v1/products", json=ECPF, headers=admin)

    answer = client.patch("/api/v1/products/ECPF-A1", json=sent, headers=admin)

    assert answer.status_code == 422


def test_an_empty_change_answers_the_product_as_it_is(
    client: PortalClient, admin: dict[str, str]
) -> None:
    made = client.post("/api/v1/products", json=ECPF, headers=admin)

    answer = client.patch("/api/v1/products/ECPF-A1", json={}, headers=admin)

    assert (answer.status_code, answer.json, answer.headers["ETag"]) == (200, made.json, '"1"')


def test_who_read_an_older_version_gets_412(client: PortalClient, admin: dict[str, str]) -> None:
    client.post("/api/v1/products", json=ECPF, headers=admin)
    client.patch("/api/v1/products/ECPF-A1", json={"name": "New"}, headers=admin)

    answer = client.patch(
        "/api/v1/products/ECPF-A1", json={"name": "Mine"}, headers=admin | {"If-Match": '"1"'}
    )

    assert answer.status_code == 412
    assert client.get("/api/v1/products/ECPF-A1", headers=admin).json["name"] == "New"


def test_what_is_not_there_is_404(client: PortalClient, admin: dict[str, str]) -> None:
    for path in ("/api/v1/products/NOTHING", "/api/v1/issuers/NOTHING"):
        assert client.get(path, headers=admin).status_code == 404
        assert client.patch(path, json={"active": False}, headers=admin).status_code == 404


def test_pages_of_products_follow_each_other(
    client: PortalClient, session: Session, admin: dict[str, str]
) -> None:
    skus = [make_product(session).sku for _ in range(5)]

    first = client.get("/api/v1/products?limit=2", headers=admin).json
    second = client.get(f"/api/v1/products?limit=2&cursor={first['next']}", headers=admin).json
    third = client.get(f"/api/v1/products?limit=2&cursor={second['next']}", headers=admin).json

    found = [item["sku"] for page in (first, second, third) for item in page["items"]]
    assert (found, third["next"]) == (skus, None)


def test_an_issuer_is_created_read_changed_and_listed(
    client: PortalClient, admin: dict[str, str]
) -> None:
    body = {"code": "AC-ONE", "name": "AC One"}
    made = client.post("/api/v1/issuers", json=body, headers=admin)
    twice = client.post("/api/v1/issuers", json=body, headers=admin)
    changed = client.patch("/api/v1/issuers/AC-ONE", json={"active": False}, headers=admin)
    listed = client.get("/api/v1/issuers?active=true", headers=admin)

    assert (made.status_code, twice.status_code, changed.status_code) == (201, 409, 200)
    assert made.json == {"id": made.json["id"], "active": True, **body}
    assert changed.json["active"] is False
    assert listed.json["items"] == []


def test_a_seller_reads_the_catalogue_but_does_not_change_it(
    client: PortalClient, session: Session
) -> None:
    make_product(session, "ECPF-A1")
    make_issuer(session, "AC-ONE")
    seller = bearer(session, make_user(session, "seller", make_service_point(session)))

    assert client.get("/api/v1/products/ECPF-A1", headers=seller).status_code == 200
    assert client.get("/api/v1/issuers/AC-ONE", headers=seller).status_code == 200
    for path, body in (("products", ECPF), ("issuers", {"code": "X", "name": "X"})):
        assert client.post(f"/api/v1/{path}", json=body, headers=seller).status_code == 403
    answer = client.patch("/api/v1/products/ECPF-A1", json={"name": "x"}, headers=seller)
    assert answer.status_code == 403


def test_nobody_reads_nothing(client: PortalClient) -> None:
    for path in ("products", "products/X", "issuers", "issuers/X", "categories"):
        assert client.get(f"/api/v1/{path}").status_code == 401
