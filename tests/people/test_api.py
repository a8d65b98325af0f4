"""People over HTTP."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.people.models import ApiToken, User
from tests.factories import bearer, make_service_point, make_user
from tests.visitors import PortalClient

NEW = {"email": "novo@example.com", "name": "Novo", "profile": "auditor"}


def fields_of(answer: Any) -> list[str]:
    return [one["field"] for one in answer.json["errors"]]


def test_a_token_says_whose_it_is(client: PortalClient, session: Session) -> None:
    point = make_service_point(session, "SP-A", name="Ponto A")
    user = make_user(session, "seller", point)

    body = client.get("/api/v1/me", headers=bearer(session, user)).json

    assert body["user"] == {
        "id": user.id, "email": user.email, "name": user.name, "profile": "seller",
    }  # fmt: skip
    assert body["permissions"] == [
        "catalogue.view", "orders.place", "orders.view", "partners.view", "payments.view",
        "sale_prices.view",
    ]  # fmt: skip
    assert body["service_points"] == [{"code": "SP-A", "name": "Ponto A"}]
    assert body["headquarters"] is False


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 5000]
)
def test_without_a_good_token_nothing_is_told(client: PortalClient, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}

    answer = client.get("/api/v1/me", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_signed_in_browser_is_nobody_to_the_interface(app: Flask, session: Session) -> None:
    client = app.test_client()
    user = make_user(session)
    client.submit("/sign-in", {"email": user.email, "password": "uma-senha-de-teste"})

    assert client.get("/api/v1/me").status_code == 401


def test_a_user_is_created_read_and_changed(client: PortalClient, session: Session) -> None:
    headers = bearer(session, make_user(session))

    made = client.post("/api/v1/users", json=NEW, headers=headers)
    path = f"/api/v1/users/{made.json['id']}"
    read = client.get(path, headers=headers)
    changed = client.patch(
        path,
        json={"name": "Ana", "active": False},
        headers=headers | {"If-Match": read.headers["ETag"]},
    )
    late = client.patch(
        path, json={"name": "Bia"}, headers=headers | {"If-Match": read.headers["ETag"]}
    )

    assert made.status_code == 201
    assert made.json["initial_password"]
    assert "initial_password" not in read.json
    assert (changed.status_code, changed.json["name"], changed.json["active"]) == (
        200,
        "Ana",
        False,
    )
    assert late.status_code == 412


def test_an_email_that_is_there_already_is_a_conflict(
    client: PortalClient, session: Session
) -> None:
    headers = bearer(session, make_user(session))
    client.post("/api/v1/users", json=NEW, headers=headers)

    answer = client.post("/api/v1/users", json=NEW | {"email": "NOVO@example.com"}, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (409, "already_exists")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"profile": "root"}, "profile"),
        ({"password": "curta"}, "password"),
        ({"service_points": ["SP-X"]}, "service_points"),
        ({"profile": "seller"}, "service_points"),
        ({"profile": "seller", "service_points": ["SP-X"]}, "service_points[0]"),
        ({"name": ""}, "name"),
        ({"password_hash": "x"}, "password_hash"),
        ({"id": 1}, "id"),
        ({"active": False}, "active"),
        ({"headquarters": True}, "headquarters"),
    ],
)
def test_bad_input_names_its_field_and_stores_nothing(
    client: PortalClient, session: Session, change: dict[str, Any], field: str
) -> None:
    headers = bearer(session, make_user(session))

    answer = client.post("/api/v1/users", json=NEW | change, headers=headers)

    assert answer.status_code == 422
    assert fields_of(answer) == [field]
    assert session.scalars(select(User).where(User.email == "novo@example.com")).all() == []


def test_nobody_grants_more_than_he_has(client: PortalClient, session: Session) -> None:
    point = make_service_point(session, "SP-A")
    headers = bearer(session, make_user(session, "owner", point))

    wide = client.post("/api/v1/users", json=NEW, headers=headers)
    narrow = bearer(session, make_user(session), "users.edit", "users.view")
    by_scope = client.post("/api/v1/users", json=NEW, headers=narrow)

    assert (wide.status_code, wide.json["code"]) == (403, "grant_too_wide")
    assert by_scope.status_code == 403


def test_users_of_others_are_not_there(client: PortalClient, session: Session) -> None:
    mine, other = make_service_point(session, "SP-A"), make_service_point(session, "SP-B")
    stranger = make_user(session, "seller", other)
    shared = make_user(session, "seller", mine, other)
    owner = make_user(session, "owner", mine)
    headers = bearer(session, owner)

    seen = client.get("/api/v1/users", headers=headers).json["items"]

    assert {one["id"] for one in seen} == {shared.id, owner.id}
    assert {tuple(one["service_points"]) for one in seen} == {("SP-A",)}
    for method in (client.get, client.patch):
        answer = method(f"/api/v1/users/{stranger.id}", headers=headers, json={})
        assert answer.status_code == 404


def test_lists_go_on_where_they_stopped(client: PortalClient, session: Session) -> None:
    users = [make_user(session) for _ in range(5)]
    headers = bearer(session, users[0])

    first = client.get("/api/v1/users?limit=3", headers=headers).json
    second = client.get(f"/api/v1/users?limit=3&cursor={first['next']}", headers=headers).json

    found = [one["id"] for one in first["items"] + second["items"]]
    assert found == sorted(user.id for user in users)
    assert second["next"] is None


def test_service_points_learn_nothing_of_the_profiles_of_headquarters(
    client: PortalClient, session: Session
) -> None:
    owner = make_user(session, "owner", make_service_point(session))

    seen = client.get("/api/v1/profiles", headers=bearer(session, owner)).json["items"]
    all_of_them = client.get("/api/v1/profiles", headers=bearer(session, make_user(session))).json

    assert [one["code"] for one in seen] == ["owner", "seller"]
    assert len(all_of_them["items"]) == 6


def test_profiles_come_in_pages_too(client: PortalClient, session: Session) -> None:
    headers = bearer(session, make_user(session))
    seen, cursor = [], ""

    while cursor is not None:
        page = client.get(f"/api/v1/profiles?limit=4{cursor}", headers=headers).json
        seen.append([one["code"] for one in page["items"]])
        cursor = page["next"] and f"&cursor={page['next']}"

    assert [len(page) for page in seen] == [4, 2]
    assert len({code for page in seen for code in page}) == 6


def test_a_token_is_made_listed_and_revoked(client: PortalClient, session: Session) -> None:
    headers = bearer(session, make_user(session))
    sent = {"name": "ERP", "scopes": ["orders.view"], "expires_on": "2026-12-31"}

    made = client.post("/api/v1/tokens", json=sent, headers=headers)
    listed = client.get("/api/v1/tokens", headers=headers).json["items"]
    own = {"Authorization": f"Bearer {made.json['token']}"}
    works = client.get("/api/v1/me", headers=own)
    gone = client.delete(f"/api/v1/tokens/{made.json['id']}", headers=headers)

    assert made.status_code == 201
    assert made.json["expires_on"] == "2026-12-31"
    assert len(listed) == 2
    assert not any("token" in one for one in listed)
    assert works.json["permissions"] == ["orders.view"]
    assert gone.status_code == 204
    assert client.get("/api/v1/me", headers=own).status_code == 401


def test_scopes_are_checked_at_every_door(client: PortalClient, session: Session) -> None:
    headers = bearer(session, make_user(session), "orders.view")

    answers = [
        client.get(f"/api/v1/{name}", headers=headers).status_code
        for name in ("users", "profiles", "audit", "me")
    ]

    assert answers == [403, 403, 403, 200]


def test_someone_elses_token_is_not_there(client: PortalClient, session: Session) -> None:
    mine, other = make_user(session), make_user(session)
    headers = bearer(session, mine)
    bearer(session, other)
    token = session.scalars(select(ApiToken.id).where(ApiToken.user_id == other.id)).one()

    assert client.delete(f"/api/v1/tokens/{token}", headers=headers).status_code == 404
