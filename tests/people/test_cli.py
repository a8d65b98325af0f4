"""Users and tokens from the command line."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.people.models import ApiToken, Membership, User
from tests.factories import make_service_point, make_user


def run(app: Flask, session: Session, *words: str) -> tuple[int, str]:
    session.commit()
    result = app.test_cli_runner().invoke(args=list(words))
    session.expire_all()
    return result.exit_code, result.output


def create(
    app: Flask, session: Session, *more: str, email: str = "ana@example.com"
) -> tuple[int, str]:
    return run(
        app, session, "users", "create", "--email", email, "--password", "senha-da-ana", *more
    )


def test_a_user_is_created_and_signs_in(app: Flask, session: Session) -> None:
    code, _ = create(app, session, "--profile", "administrator")

    data = {"email": "ana@example.com", "password": "senha-da-ana"}
    assert code == 0
    assert app.test_client().submit("/sign-in", data).status_code == 303


def test_a_user_of_service_points_is_created(app: Flask, session: Session) -> None:
    first, second = make_service_point(session, "SP-1"), make_service_point(session, "SP-2")

    code, _ = create(
        app, session, "--profile", "owner", "--service-point", "SP-1", "--service-point", "SP-2"
    )

    assert code == 0
    assert set(session.scalars(select(Membership.service_point_id))) == {first.id, second.id}


def test_a_refusal_is_one_clear_line(app: Flask, session: Session) -> None:
    make_user(session, email="bia@example.com")

    refusals = [
        create(app, session, "--profile", "king"),
        create(app, session, "--profile", "owner"),
        create(app, session, "--profile", "owner", "--service-point", "SP-9"),
        create(app, session, "--profile", "auditor", email="nonsense"),
        create(app, session, "--profile", "auditor", email="bia@example.com"),
    ]

    assert [code for code, _ in refusals] == [1] * 5
    assert all(said.count("\n") == 1 and said.startswith("Error: ") for _, said in refusals)
    assert "king" in refusals[0][1]
    assert "SP-9" in refusals[2][1]
    assert len(session.scalars(select(User)).all()) == 1


def test_a_token_stands_alone_on_the_last_line(app: Flask, session: Session) -> None:
    user = make_user(session)

    code, said = run(app, session, "tokens", "create", "--user", user.email, "--name", "ERP")

    secret = said.splitlines()[-1]
    headers = {"Authorization": f"Bearer {secret}"}
    assert code == 0
    assert app.test_client().get("/api/v1/me", headers=headers).json["user"]["id"] == user.id
    assert session.scalars(select(ApiToken.expires_at)).one() is None


def test_a_token_is_limited_by_scopes_and_a_day(app: Flask, session: Session) -> None:
    user = make_user(session)

    code, _ = run(
        app, session, "tokens", "create", "--user", user.email, "--name", "ERP",
        "--scope", "orders.view", "--scope", "orders.place", "--expires", "2026-12-31",
    )  # fmt: skip

    token = session.scalars(select(ApiToken)).one()
    assert code == 0
    assert token.scopes == "orders.place orders.view"
    assert token.expires_at is not None
    assert token.expires_at.isoformat() == "2027-01-01T03:00:00+00:00"


def test_no_token_for_nobody_no_scope_no_past(app: Flask, session: Session) -> None:
    user = make_user(session)
    base = ("tokens", "create", "--name", "ERP", "--user")

    refusals = [
        run(app, session, *base, "nobody@example.com"),
        run(app, session, *base, user.email, "--scope", "root"),
        run(app, session, *base, user.email, "--expires", "2026-11-30"),
    ]

    assert [code for code, _ in refusals] == [1, 1, 1]
    assert session.scalars(select(ApiToken)).all() == []
