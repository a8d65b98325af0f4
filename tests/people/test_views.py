"""The pages about users and profiles, and the doors they all have in common."""

import csv
import io
import re

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.people.models import User
from portal.people.services.users import Changes, update_user
from tests.factories import (
    NOON,
    PASSWORD,
    bearer,
    make_actor,
    make_service_point,
    make_user,
    sign_in,
)
from tests.people.test_account import signed_in
from tests.visitors import PortalClient

UNSAFE = (
    "/sign-out",
    "/account",
    "/account/password",
    "/account/sessions/1/end",
    "/account/sessions/end-others",
    "/account/tokens",
    "/account/tokens/1/revoke",
    "/users/new",
    "/users/1",
    "/users/1/password",
    "/users/1/disable",
    "/users/1/enable",
    "/profiles/new",
    "/profiles/seller",
)
PAGES = (
    "/",
    "/account",
    "/account/password",
    "/account/sessions",
    "/account/tokens",
    "/users",
    "/users/new",
    "/users/1",
    "/profiles",
    "/profiles/new",
    "/profiles/seller",
    "/audit",
)
API = ("/api/v1/me", "/api/v1/users", "/api/v1/users/1", "/api/v1/profiles", "/api/v1/tokens",
       "/api/v1/audit")  # fmt: skip


def test_every_unsafe_route_of_people_is_in_the_list(app: Flask) -> None:
    rules = {
        re.sub("<int:[a-z_]+>", "1", rule.rule).replace("<code>", "seller")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("people.") and "POST" in (rule.methods or ())
    }

    assert rules == {*UNSAFE, "/sign-in"}


@pytest.mark.parametrize("path", UNSAFE)
def test_no_form_is_taken_without_its_token(app: Flask, session: Session, path: str) -> None:
    client = signed_in(app, make_user(session))

    answers = [client.post(path, data={}), client.post(path, data={"csrf_token": "forged"})]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_a_disabled_user_is_out_everywhere_at_once(app: Flask, session: Session) -> None:
    user = make_user(session)
    client, headers = signed_in(app, user), bearer(session, user)
    before = [client.get(path).status_code for path in PAGES]
    before += [client.get(path, headers=headers).status_code for path in API]
    assert set(before) == {200}

    update_user(session, user.id, Changes(active=False), by=make_actor(), at=NOON)

    pages = {client.get(path).headers.get("Location", "").partition("?")[0] for path in PAGES}
    answers = {client.get(path, headers=headers).status_code for path in API}
    posts = {client.submit(path).headers.get("Location", "") for path in UNSAFE}
    assert pages == {"/sign-in"}
    assert posts == {"/sign-in"}
    assert answers == {401}


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, "GET") for path in ("/users", "/users/1", "/profiles", "/profiles/seller", "/audit")]
    + [(path, "POST") for path in UNSAFE if path.startswith(("/users", "/profiles"))],
)
def test_a_seller_opens_none_of_the_settings(
    app: Flask, session: Session, path: str, method: str
) -> None:
    make_user(session)
    client = signed_in(app, make_user(session, "seller", make_service_point(session)))

    answer = client.get(path) if method == "GET" else client.submit(path)

    assert answer.status_code == 403


def test_an_owner_sees_people_of_the_own_service_points_alone(app: Flask, session: Session) -> None:
    mine, other = make_service_point(session, "SP-MINE"), make_service_point(session, "SP-OTHER")
    make_user(session, name="Chefe da Central")
    stranger = make_user(session, "seller", other, name="Pessoa de Fora")
    make_user(session, "seller", mine, other, name="Pessoa dos Dois")
    client = signed_in(app, make_user(session, "owner", mine))

    page = client.get("/users").text

    assert "Pessoa dos Dois" in page
    assert "Chefe da Central" not in page
    assert "Pessoa de Fora" not in page
    assert "SP-OTHER" not in page
    assert client.get(f"/users/{stranger.id}").status_code == 404
    assert client.submit(f"/users/{stranger.id}/disable").status_code == 404
    assert client.get("/users/999999").status_code == 404


def test_an_owner_is_offered_own_service_points_and_profiles_within_reach(
    app: Flask, session: Session
) -> None:
    mine = make_service_point(session, "SP-MINE")
    make_service_point(session, "SP-OTHER")
    client = signed_in(app, make_user(session, "owner", mine))

    page = client.get("/users/new").text

    assert set(re.findall(r'<option value="([a-z]+)"', page)) == {"owner", "seller"}
    assert "SP-MINE" in page
    assert "SP-OTHER" not in page


@pytest.mark.parametrize(
    "smuggled",
    [{"profile": "administrator"}, {"profile": "pricing"}, {"service_points": "SP-OTHER"}],
)
def test_what_was_not_offered_is_not_taken(
    app: Flask, session: Session, smuggled: dict[str, str]
) -> None:
    mine = make_service_point(session, "SP-MINE")
    make_service_point(session, "SP-OTHER")
    client = signed_in(app, make_user(session, "owner", mine))
    form = {"name": "Novo", "email": "novo@example.com", "profile": "seller",
            "service_points": "SP-MINE"}  # fmt: skip

    answer = client.submit("/users/new", form | smuggled)

    assert answer.status_code == 422
    assert session.scalars(select(User).where(User.email == "novo@example.com")).all() == []


def test_fields_that_no_form_has_change_nothing(app: Flask, session: Session) -> None:
    user = make_user(session, "auditor")
    client = signed_in(app, make_user(session))
    stored = user.password_hash

    client.submit(
        f"/users/{user.id}",
        {"name": "Ana", "profile": "auditor", "version": "1", "active": "", "id": "9",
         "password_hash": "x", "email": "evil@example.com", "profile_id": "1", "headquarters": "1"},
    )  # fmt: skip

    session.refresh(user)
    assert (user.name, user.active, user.password_hash) == ("Ana", True, stored)
    assert user.email != "evil@example.com"
    assert user.profile.code == "auditor"


def test_a_made_password_is_shown_once_and_opens(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))

    answer = client.submit(
        "/users/new", {"name": "Bia", "email": "Bia@Example.com", "profile": "pricing"}
    )

    shown = re.search(r'id="password">([^<]+)<', answer.text)
    assert shown is not None
    visitor: PortalClient = app.test_client()  # type: ignore[assignment] # the suite's own client
    data = {"email": "bia@example.com", "password": shown[1]}
    assert visitor.submit("/sign-in", data).status_code == 303
    with client.session_transaction() as cookie:
        assert shown[1] not in repr(dict(cookie))


def test_a_weak_password_is_named_at_its_field(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))

    answer = client.submit(
        "/users/new",
        {"name": "Bia", "email": "bia@example.com", "profile": "pricing", "password": "curta"},
    )

    assert answer.status_code == 422
    assert "No mínimo 10 caracteres." in answer.text
    assert 'href="#password"' in answer.text


def test_someone_disabled_and_enabled_again_signs_in_anew(app: Flask, session: Session) -> None:
    user = make_user(session, "auditor")
    client = signed_in(app, make_user(session))

    client.submit(f"/users/{user.id}/disable")
    shut_out = sign_in(app.test_client(), user).status_code
    client.submit(f"/users/{user.id}/enable")

    assert (shut_out, sign_in(app.test_client(), user).status_code) == (422, 303)


def test_nobody_shuts_himself_out(app: Flask, session: Session) -> None:
    user = make_user(session)
    client = signed_in(app, user)

    assert client.submit(f"/users/{user.id}/disable").status_code == 403
    assert client.get("/account").status_code == 200


def test_users_are_searched_filtered_sorted_and_exported(app: Flask, session: Session) -> None:
    for name in ("Ana", "Bruno", "Carla"):
        make_user(session, "auditor", name=name)
    client = signed_in(app, make_user(session, name="Zeca"))

    found = client.get("/users?q=R%C3%9AN").text
    sorted_down = client.get("/users?sort=-name&profile=auditor").text
    file = client.get("/users?profile=auditor&format=csv").data.decode("utf-8-sig")
    workbook = client.get("/users?format=xlsx", buffered=True)

    assert "Bruno" in found
    assert "Carla" not in found
    assert sorted_down.index("Carla") < sorted_down.index("Bruno") < sorted_down.index("Ana")
    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert [row[0] for row in rows[1:]] == ["Ana", "Bruno", "Carla"]
    assert workbook.data[:2] == b"PK"


def test_the_number_of_statements_of_the_list_does_not_grow_with_the_users(
    app: Flask, session: Session
) -> None:
    point = make_service_point(session)
    client = signed_in(app, make_user(session))
    client.get("/users")
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    client.get("/users")
    few = len(sent)
    for _ in range(20):
        make_user(session, "seller", point)
    session.commit()
    sent.clear()

    client.get("/users")

    assert len(sent) == few


def test_the_matrix_shows_every_profile_and_permission(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))

    page = client.get("/profiles").text

    assert page.count('href="/profiles/') >= 6
    assert "Ver valores de aquisição e saldos" in page


def test_a_profile_is_edited_as_a_set(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))
    form = {"name": "Vendas", "permissions": ["orders.view", "costs.view"], "version": "1"}

    answer = client.submit("/profiles/seller", form)
    again = client.submit("/profiles/seller", form)

    assert (answer.status_code, answer.location) == (303, "/profiles")
    assert again.status_code == 422
    seller = make_user(session, "seller", make_service_point(session))
    assert seller.profile.permissions == "costs.view orders.view"


def test_a_profile_is_created_after_another(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))

    page = client.get("/profiles/new?like=auditor").text
    answer = client.submit(
        "/profiles/new",
        {"name": "Suporte", "code": "support", "headquarters": "1", "permissions": "orders.view"},
    )

    assert len(re.findall(r'type="checkbox"[^>]* checked', page)) == 10
    assert answer.status_code == 303
    assert make_user(session, "support").profile.name == "Suporte"


def test_no_page_of_people_holds_a_secret(app: Flask, session: Session) -> None:
    user = make_user(session)
    client, headers = signed_in(app, user), bearer(session, user)

    written = " ".join(client.get(path).text for path in PAGES)
    written += " ".join(client.get(path, headers=headers).text for path in API)

    assert "argon2" not in written
    assert PASSWORD not in written
    assert headers["Authorization"].split()[1] not in written
