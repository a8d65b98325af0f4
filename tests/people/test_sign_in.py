"""Signing in and out."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.people.models import SignedInSession
from tests.factories import bearer, make_service_point, make_user, sign_in
from tests.visitors import MovableClock, PortalClient


def test_the_right_password_opens_a_session_and_leads_home(
    client: PortalClient, session: Session
) -> None:
    user = make_user(session)

    answer = sign_in(client, user)

    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/account").status_code == 200


def test_unknown_people_wrong_passwords_and_disabled_users_get_the_same_answer(
    app: Flask, session: Session
) -> None:
    known, disabled = make_user(session), make_user(session)
    disabled.active = False

    answers = [
        app.test_client().submit("/sign-in", {"email": email, "password": password})
        for email, password in (
            (known.email, "wrong-password"),
            ("nobody@example.com", "wrong-password"),
            (disabled.email, "uma-senha-de-teste"),
        )
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert all("E-mail ou senha incorretos." in answer.text for answer in answers)


def test_one_visitor_signing_in_does_not_sign_in_another(app: Flask, session: Session) -> None:
    first, second = app.test_client(), app.test_client()
    sign_in(first, make_user(session))

    answer = second.get("/account")

    assert first.get("/account").status_code == 200
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/account")
