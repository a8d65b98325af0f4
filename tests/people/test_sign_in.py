"""Signing in and out (T13, T14)."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.people.models import SignedInSession, User
from portal.people.rules.passwords import digest, is_outdated
from tests.factories import CHEAP_ARGON2, PASSWORD, make_user, sign_in
from tests.visitors import MovableClock, PortalClient

WRONG = "uma-senha-errada"


def secret_of(client: PortalClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["_user_id"])


def test_the_right_password_opens_a_session_and_leads_home(
    client: PortalClient, session: Session
) -> None:
    answer = sign_in(client, make_user(session))

    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/account").status_code == 200


def test_who_reads_about_the_api_stays_signed_in(client: PortalClient, session: Session) -> None:
    sign_in(client, make_user(session))

    page = client.get("/api/v1/docs")

    assert page.status_code == 200
    assert client.get("/account").status_code == 200


def test_the_email_may_be_typed_with_capitals_and_blanks(
    client: PortalClient, session: Session
) -> None:
    user = make_user(session)

    answer = client.submit("/sign-in", {"email": f" {user.email.upper()} ", "password": PASSWORD})

    assert answer.status_code == 303


def test_unknown_people_wrong_passwords_and_disabled_users_get_the_same_answer(
    app: Flask, session: Session
) -> None:
    known, disabled = make_user(session), make_user(session)
    disabled.active = False

    answers = [
        app.test_client().submit("/sign-in", {"email": email, "password": password})
        for email, password in (
            (known.email, WRONG),
            ("nobody@example.com", WRONG),
            (disabled.email, PASSWORD),
        )
    ]

    pages = {re.sub(r'value="[^"]*"|content="[^"]*"', "", answer.text) for answer in answers}
    assert [answer.status_code for answer in answers] == [422] * 3
    assert len(pages) == 1
    assert "E-mail ou senha incorretos." in pages.pop()


def test_what_was_typed_stays_but_for_the_password(client: PortalClient) -> None:
    answer = client.submit("/sign-in", {"email": "ana@example.com", "password": WRONG})

    assert "ana@example.com" in answer.text
    assert WRONG not in answer.text


@pytest.mark.parametrize(
    "data", [{}, {"email": "a@x.com"}, {"email": "a@x.com", "password": "x" * 300}]
)
def test_an_incomplete_form_comes_back(client: PortalClient, data: dict[str, str]) -> None:
    assert client.submit("/sign-in", data).status_code == 422


def test_one_visitor_signing_in_does_not_sign_in_another(app: Flask, session: Session) -> None:
    first, second = app.test_client(), app.test_client()
    sign_in(first, make_user(session))

    answer = second.get("/account")

    assert first.get("/account").status_code == 200
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/account")


# The cookie and its session


def test_signing_in_changes_the_session_and_the_form_token(
    client: PortalClient, session: Session
) -> None:
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        planted = dict(cookie)

    sign_in(client, make_user(session))

    with client.session_transaction() as cookie:
        assert "_user_id" not in planted
        assert cookie.get("csrf_token") != planted["csrf_token"]


def test_a_form_token_from_before_signing_in_is_worth_nothing_after(
    client: PortalClient, session: Session
) -> None:
    user = make_user(session)
    before = client.csrf_token()
    client.post("/sign-in", data={"email": user.email, "password": PASSWORD, "csrf_token": before})

    answer = client.post("/account", data={"name": "Outro", "csrf_token": before})

    assert answer.status_code == 403


def test_every_sign_in_is_a_session_of_its_own(app: Flask, session: Session) -> None:
    user = make_user(session)
    first, second = app.test_client(), app.test_client()
    sign_in(first, user)
    sign_in(second, user)

    assert secret_of(first) != secret_of(second)
    hashes = set(session.scalars(select(SignedInSession.secret_hash)))
    assert hashes == {digest(secret_of(first)), digest(secret_of(second))}


def test_signing_out_ends_the_session_also_for_a_copied_cookie(
    app: Flask, session: Session
) -> None:
    client, thief = app.test_client(), app.test_client()
    sign_in(client, make_user(session))
    stolen = client.get_cookie("repasse")
    assert stolen is not None
    thief.set_cookie("repasse", stolen.value)
    assert thief.get("/account").status_code == 200

    answer = client.submit("/sign-out")

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/account").status_code == 303
    assert thief.get("/account").status_code == 303


def test_a_session_ends_by_itself(
    client: PortalClient, session: Session, clock: MovableClock
) -> None:
    sign_in(client, make_user(session))

    clock.advance(hours=11, minutes=59)
    late = client.get("/account").status_code
    clock.advance(minutes=1)

    assert (late, client.get("/account").status_code) == (200, 303)


def test_a_remembered_device_stays_thirty_days(
    client: PortalClient, session: Session, clock: MovableClock
) -> None:
    user = make_user(session)
    data = {"email": user.email, "password": PASSWORD, "remember": "y"}
    answer = client.submit("/sign-in", data)

    clock.advance(days=29)

    assert "Expires=" in answer.headers["Set-Cookie"]
    assert client.get("/account").status_code == 200


def test_being_there_is_noted_every_ten_minutes_at_most(
    client: PortalClient, session: Session, clock: MovableClock
) -> None:
    sign_in(client, make_user(session))
    noted = []

    for minutes in (5, 6, 1):
        clock.advance(minutes=minutes)
        client.get("/account")
        session.expire_all()
        noted.append(session.scalars(select(SignedInSession.seen_at)).one())

    assert [moment.minute for moment in noted] == [0, 11, 11]


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    client: PortalClient, session: Session
) -> None:
    answer = sign_in(client, make_user(session))

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("repasse=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_by_https_the_cookie_is_bound_to_the_host(client: PortalClient, session: Session) -> None:
    user = make_user(session)
    client.get("/sign-in", base_url="https://portal.example.com")

    answer = client.get("/sign-in", base_url="https://portal.example.com")
    page = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert page is not None
    data = {"email": user.email, "password": PASSWORD, "csrf_token": page[1]}
    answer = client.post(
        "/sign-in",
        data=data,
        base_url="https://portal.example.com",
        headers={"Referer": "https://portal.example.com/sign-in"},
    )

    cookie = answer.headers["Set-Cookie"]
    assert answer.status_code == 303
    assert cookie.startswith("__Host-repasse=")
    assert "Secure" in cookie


@pytest.mark.now(None)
def test_in_production_the_cookie_never_travels_in_the_clear(
    make_app: Callable[..., Flask],
) -> None:
    production = make_app(env="production", now=None)

    answer = production.test_client().get("/sign-in")

    assert answer.headers["Set-Cookie"].startswith("__Host-repasse=")
    assert "Secure" in answer.headers["Set-Cookie"]


# Where it leads


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/users?q=ana", "/users?q=ana"),
        ("https://elsewhere.example.com/", "/"),
        ("//elsewhere.example.com", "/"),
        ("/\\elsewhere.example.com", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_on_to_pages_of_the_portal_alone(
    client: PortalClient, session: Session, wanted: str, leads: str
) -> None:
    user = make_user(session)

    answer = client.submit("/sign-in", {"email": user.email, "password": PASSWORD, "next": wanted})

    assert answer.location == leads


def test_whoever_is_signed_in_goes_on_without_a_form(
    client: PortalClient, session: Session
) -> None:
    sign_in(client, make_user(session))

    answer = client.get("/sign-in?next=/account")

    assert (answer.status_code, answer.location) == (303, "/account")


def test_the_start_page_leads_strangers_to_the_form(client: PortalClient) -> None:
    answer = client.get("/")

    assert (answer.status_code, answer.location) == (303, "/sign-in")


# What is kept


def test_a_sign_in_is_on_record_with_its_address(client: PortalClient, session: Session) -> None:
    user = make_user(session)

    sign_in(client, user)

    deed = session.scalars(select(Deed).where(Deed.action == "user.signed_in")).one()
    assert (deed.actor_id, deed.address) == (user.id, "127.0.0.1")
    assert deed.request_id


def test_sessions_of_long_ago_are_forgotten(
    client: PortalClient, session: Session, clock: MovableClock
) -> None:
    user = make_user(session)
    sign_in(client, user)
    first = secret_of(client)

    clock.advance(days=91)
    sign_in(client, user)

    session.expire_all()
    kept = session.scalars(select(SignedInSession.secret_hash)).all()
    assert digest(first) not in kept
    assert len(kept) == 1


def test_an_old_hash_is_renewed_at_the_present_cost(
    make_app: Callable[..., Flask], session: Session, now: datetime
) -> None:
    user = make_user(session)
    client = make_app(argon2=(2, 16, 1)).test_client()

    assert sign_in(client, user).status_code == 303

    session.expire_all()
    stored = session.scalars(select(User.password_hash)).one()
    assert not is_outdated(stored, (2, 16, 1))
    assert is_outdated(stored, CHEAP_ARGON2)


def test_a_form_without_its_token_signs_nobody_in(client: PortalClient, session: Session) -> None:
    user = make_user(session)
    session.commit()

    answer = client.post("/sign-in", data={"email": user.email, "password": PASSWORD})

    assert answer.status_code == 403
    assert client.get("/account").status_code == 303


def test_a_form_from_another_site_signs_nobody_in(client: PortalClient, session: Session) -> None:
    user = make_user(session)

    answer = client.submit(
        "/sign-in",
        {"email": user.email, "password": PASSWORD},
        headers={"Origin": "https://elsewhere.example.com"},
    )

    assert answer.status_code == 403
