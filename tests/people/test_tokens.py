"""Tokens: no wider than their maker, no longer than their user (T4)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import Invalid
from portal.people.errors import GrantTooWide, NoSuchToken
from portal.people.models import ApiToken, User
from portal.people.queries.actors import From, actor_of_token
from portal.people.rules.passwords import digest
from portal.people.services.tokens import (
    MOST_TOKENS,
    create_token,
    note_token_use,
    revoke_token,
    revoke_tokens_of,
)
from tests.factories import make_service_point, make_token, make_user
from tests.people.test_users import at_work

HERE = From("203.0.113.9", "request-1")


def actor_with(session: Session, secret: str, at: datetime) -> Actor | None:
    found = actor_of_token(session, digest(secret), at=at, origin=HERE)
    return found.actor if found else None


def create(session: Session, by: Actor, at: datetime, **facts: object) -> tuple[ApiToken, str]:
    values = {"name": "ERP", "scopes": None, "expires_at": None} | facts
    return create_token(session, by=by, at=at, **values)  # type: ignore[arg-type] # of the test


def test_a_token_acts_as_its_user(session: Session, now: datetime) -> None:
    first, second = make_service_point(session, "SP-B"), make_service_point(session, "SP-A")
    user = make_user(session, "owner", first, second)

    actor = actor_with(session, make_token(session, user), now)

    assert actor is not None
    assert (actor.user_id, actor.headquarters, actor.sees_costs) == (user.id, False, True)
    assert {place.code for place in actor.service_points} == {"SP-A", "SP-B"}
    assert (actor.address, actor.request_id) == ("203.0.113.9", "request-1")
    assert actor.token_id is not None


def test_a_token_of_headquarters_sees_every_service_point(session: Session, now: datetime) -> None:
    point = make_service_point(session)

    actor = actor_with(session, make_token(session, make_user(session, "finance")), now)

    assert actor is not None
    assert actor.sees(point.id)
    assert not actor.may("prices.edit")


def test_scopes_narrow_what_a_token_may(session: Session, now: datetime) -> None:
    user = make_user(session, "seller", make_service_point(session))

    actor = actor_with(session, make_token(session, user, "orders.view", "costs.view"), now)

    assert actor is not None
    assert actor.permissions == {"orders.view"}


def test_a_token_is_nobody_once_expired_revoked_or_of_a_disabled_user(
    session: Session, now: datetime
) -> None:
    user, other = make_user(session), make_user(session)
    short = make_token(session, user, expires_at=now + timedelta(hours=1))
    revoked, orphan = make_token(session, user), make_token(session, other)
    known = [actor_with(session, secret, now) for secret in (short, revoked, orphan)]

    revoke_tokens_of(session, user.id, at=now)
    other.active = False
    session.flush()

    assert all(known)
    assert actor_with(session, revoked, now) is None
    assert actor_with(session, orphan, now) is None
    assert actor_with(session, "rp_unknown", now) is None


def test_a_token_is_good_through_its_last_instant(session: Session, now: datetime) -> None:
    end = now + timedelta(hours=1)
    secret = make_token(session, make_user(session), expires_at=end)

    assert actor_with(session, secret, end - timedelta(microseconds=1)) is not None
    assert actor_with(session, secret, end) is None


def test_only_the_hash_of_a_token_is_stored(session: Session) -> None:
    secret = make_token(session, make_user(session))

    row = session.scalars(select(ApiToken)).one()

    assert row.secret_hash == digest(secret)
    assert secret not in repr(vars(row))
    assert secret.startswith(row.prefix)


def test_scopes_beyond_the_own_permissions_are_refused(session: Session, now: datetime) -> None:
    seller = at_work(session, make_user(session, "seller", make_service_point(session)))

    with pytest.raises(GrantTooWide):
        create(session, seller, now, scopes=["costs.view"])


def test_scopes_that_are_no_permissions_are_named(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        create(session, at_work(session, make_user(session)), now, scopes=["orders.view", "root"])

    assert refusal.value.problems[0].field == "scopes[1]"


def by_token(session: Session, user: User, now: datetime, *scopes: str, **facts: object) -> Actor:
    actor = actor_with(session, make_token(session, user, *scopes, **facts), now)
    assert actor is not None
    return actor


def test_what_a_token_makes_is_no_wider_than_itself(session: Session, now: datetime) -> None:
    maker = by_token(session, make_user(session), now, "orders.view")

    _, secret = create(session, maker, now)

    made = actor_with(session, secret, now)
    assert made is not None
    assert made.permissions == {"orders.view"}
    with pytest.raises(GrantTooWide):
        create(session, maker, now, scopes=["orders.place"])


@pytest.mark.parametrize("asked", [None, timedelta(days=9)], ids=["for ever", "longer"])
def test_what_a_token_makes_lives_no_longer_than_itself(
    session: Session, now: datetime, asked: timedelta | None
) -> None:
    end = now + timedelta(days=2)
    maker = by_token(session, make_user(session), now, expires_at=end)

    made, _ = create(session, maker, now, expires_at=asked and now + asked)

    assert made.expires_at == end


def test_a_day_that_has_passed_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid):
        create(session, at_work(session, make_user(session)), now, expires_at=now)


def test_tokens_have_a_limit_per_user(session: Session, now: datetime) -> None:
    user = make_user(session)
    for _ in range(MOST_TOKENS):
        make_token(session, user)

    with pytest.raises(Invalid) as refusal:
        create(session, at_work(session, user), now)

    assert refusal.value.problems[0].code == "too_many"


def test_nobody_revokes_someone_elses_token(session: Session, now: datetime) -> None:
    user, other = make_user(session), make_user(session)
    make_token(session, other)
    token = session.scalars(select(ApiToken)).one()

    with pytest.raises(NoSuchToken):
        revoke_token(session, token.id, by=at_work(session, user), at=now)
    revoke_token(session, token.id, by=at_work(session, other), at=now)
    with pytest.raises(NoSuchToken):
        revoke_token(session, token.id, by=at_work(session, other), at=now)


def test_use_is_noted_now_and_then(session: Session, now: datetime) -> None:
    make_token(session, make_user(session))
    token = session.scalars(select(ApiToken)).one()

    for minutes in (0, 5, 11):
        note_token_use(session, token.id, at=now + timedelta(minutes=minutes))
        session.refresh(token)
        noted = token.used_at
        assert noted is not None
        assert noted - now == timedelta(minutes=11 if minutes == 11 else 0)


def test_a_token_is_looked_up_in_one_statement(
    session: Session, engine: Engine, now: datetime
) -> None:
    points = [make_service_point(session) for _ in range(5)]
    secret = make_token(session, make_user(session, "owner", *points))
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: sent.append(args[2]))

    actor = actor_with(session, secret, now)

    assert actor is not None
    assert len(actor.service_points) == 5
    assert len(sent) == 1
