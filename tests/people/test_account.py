"""The own account: name, password, sessions, tokens."""

import re

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.people.models import ApiToken, SignedInSession, User
from tests.factories import PASSWORD, make_service_point, make_token, make_user, sign_in
from tests.visitors import PortalClient

NEW = "outra-senha-comprida"


def signed_in(app: Flask, user: User) -> PortalClient:
    client: PortalClient = app.test_client()  # type: ignore[assignment] # the suite's own client
    assert sign_in(client, user).status_code == 303
    return client


def test_the_own_name_is_changed(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))

    answer = client.submit("/account", {"name": " Ana Souza "})

    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Ana Souza" in client.get("/account").text


def test_a_name_of_blanks_or_control_characters_is_refused(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))

    answers = [client.submit("/account", {"name": name}) for name in ("  ", "A\x00na", "")]

    assert [answer.status_code for answer in answers] == [422] * 3


def test_a_new_password_ends_the_sessions_elsewhere_and_the_old_cookie(
    app: Flask, session: Session
) -> None:
    user = make_user(session)
    here, elsewhere, copied = signed_in(app, user), signed_in(app, user), app.test_client()
    cookie = here.get_cookie("repasse")
    assert cookie is not None
    copied.set_cookie("repasse", cookie.value)
    data = {"current": PASSWORD, "password": NEW, "again": NEW}

    answer = here.submit("/account/password", data)

    assert answer.status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert copied.get("/account").status_code == 303
    assert sign_in(app.test_client(), user).status_code == 422
    assert sign_in(app.test_client(), user, NEW).status_code == 303


def test_a_password_is_not_changed_without_the_present_one(app: Flask, session: Session) -> None:
    user = make_user(session)
    client = signed_in(app, user)

    for data in (
        {"current": "uma-senha-errada", "password": NEW, "again": NEW},
        {"current": PASSWORD, "password": NEW, "again": NEW + "x"},
        {"current": PASSWORD, "password": "curta", "again": "curta"},
        {"password": NEW, "again": NEW},
    ):
        answer = client.submit("/account/password", data)
        assert answer.status_code == 422
        assert NEW not in answer.text
    assert sign_in(app.test_client(), user).status_code == 303


def test_guessing_the_present_password_is_counted_like_signing_in(
    app: Flask, session: Session
) -> None:
    client = signed_in(app, make_user(session))
    data = {"current": "uma-senha-errada", "password": NEW, "again": NEW}

    pages = [client.submit("/account/password", data).text for _ in range(11)]

    assert "Tentativas demais" not in pages[9]
    assert "Tentativas demais" in pages[10]


def test_only_the_own_open_sessions_are_listed(app: Flask, session: Session) -> None:
    user, other = make_user(session), make_user(session)
    client = signed_in(app, user)
    signed_in(app, other)
    signed_in(app, user).submit("/sign-out")

    page = client.get("/account/sessions").text

    assert len(re.findall("/account/sessions/[0-9]+/end", page)) == 1


def test_a_session_elsewhere_is_ended(app: Flask, session: Session) -> None:
    user = make_user(session)
    here, elsewhere = signed_in(app, user), signed_in(app, user)
    ids = session.scalars(select(SignedInSession.id).order_by(SignedInSession.id)).all()

    answer = here.submit(f"/account/sessions/{ids[1]}/end")

    assert answer.status_code == 303
    assert elsewhere.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_all_other_sessions_are_ended_at_once(app: Flask, session: Session) -> None:
    user = make_user(session)
    here, *others = (signed_in(app, user) for _ in range(3))

    here.submit("/account/sessions/end-others")

    assert here.get("/account").status_code == 200
    assert [one.get("/account").status_code for one in others] == [303, 303]


def test_ending_the_session_at_hand_leads_to_the_form(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))
    own = session.scalars(select(SignedInSession.id)).one()

    answer = client.submit(f"/account/sessions/{own}/end")

    assert answer.location == "/sign-in"
    assert client.get("/account").status_code == 303


def test_someone_elses_session_and_token_are_not_there(app: Flask, session: Session) -> None:
    mine, other = make_user(session), make_user(session)
    client, theirs = signed_in(app, mine), signed_in(app, other)
    make_token(session, other)
    foreign = session.scalars(
        select(SignedInSession.id).where(SignedInSession.user_id == other.id)
    ).one()
    token = session.scalars(select(ApiToken.id)).one()

    assert client.submit(f"/account/sessions/{foreign}/end").status_code == 404
    assert client.submit(f"/account/tokens/{token}/revoke").status_code == 404
    assert theirs.get("/account").status_code == 200


def test_a_token_is_shown_once(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session, "seller", make_service_point(session)))

    answer = client.submit("/account/tokens", {"name": "ERP", "scopes": "orders.view"})

    shown = re.search(r"rp_[A-Za-z0-9_-]{43}", answer.text)
    assert answer.status_code == 200
    assert shown is not None
    assert answer.headers["Cache-Control"] == "no-store"
    assert shown[0] not in client.get("/account/tokens").text
    headers = {"Authorization": f"Bearer {shown[0]}"}
    assert client.get("/api/v1/me", headers=headers).json["permissions"] == ["orders.view"]


def test_a_token_wider_than_oneself_is_not_made(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session, "seller", make_service_point(session)))

    answer = client.submit("/account/tokens", {"name": "ERP", "scopes": "costs.view"})

    assert answer.status_code == 422
    assert session.scalars(select(ApiToken)).all() == []


def test_a_token_ends_after_its_last_day(app: Flask, session: Session) -> None:
    client = signed_in(app, make_user(session))

    made = client.submit("/account/tokens", {"name": "ERP", "expires": "2026-12-31"})
    assert made.status_code == 200, made.text
    past = client.submit("/account/tokens", {"name": "ERP", "expires": "2026-11-30"})

    token = session.scalars(select(ApiToken)).one()
    assert token.expires_at is not None
    assert token.expires_at.isoformat() == "2027-01-01T03:00:00+00:00"
    assert past.status_code == 422


def test_a_revoked_token_stops_at_once(app: Flask, session: Session) -> None:
    user = make_user(session)
    client = signed_in(app, user)
    headers = {"Authorization": f"Bearer {make_token(session, user)}"}
    token = session.scalars(select(ApiToken.id)).one()
    assert client.get("/api/v1/me", headers=headers).status_code == 200

    client.submit(f"/account/tokens/{token}/revoke")

    assert client.get("/api/v1/me", headers=headers).status_code == 401
