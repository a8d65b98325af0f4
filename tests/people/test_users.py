"""Users: created, changed, shut out; nobody grants more than he has (T4)."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.audit.models import Deed
from portal.errors import Invalid, PortalError, PreconditionFailed
from portal.people.errors import (
    EmailTaken,
    GrantTooWide,
    NoSuchUser,
    NotYourServicePoint,
    OwnAccount,
    WrongPassword,
)
from portal.people.models import ApiToken, Membership, SignedInSession, User
from portal.people.queries.profiles import profile_by_code
from portal.people.queries.users import places_of
from portal.people.rules.permissions import ALL, as_set
from portal.people.services.sessions import open_session
from portal.people.services.users import (
    Changes,
    change_own_password,
    create_user,
    set_password,
    update_user,
)
from tests.factories import make_service_point, make_token, make_user

PROFILES = ("administrator", "pricing", "finance", "auditor", "owner", "seller")
AT_HEADQUARTERS = PROFILES[:4]


def at_work(session: Session, user: User) -> Actor:
    """The user as the actor that the portal makes of him."""
    places = places_of(session, [user.id]).get(user.id, [])
    return Actor(
        user_id=user.id,
        email=user.email,
        name=user.name,
        profile_name=user.profile.name,
        headquarters=user.profile.headquarters,
        permissions=as_set(user.profile.permissions),
        service_points=tuple(Place(one.id, one.code, one.name) for one in places),
        session_id="0",
    )


def create(
    session: Session, by: Actor, profile: str, *codes: str, email: str = "new@x.com"
) -> User:
    return create_user(
        session, by=by, email=email, name="Novo", profile_code=profile, service_points=codes,
        password_hash="x", at=datetime.fromisoformat("2026-12-01T12:00:00+00:00"),
    )  # fmt: skip


@pytest.mark.parametrize("granter", PROFILES)
@pytest.mark.parametrize("granted", PROFILES)
def test_a_profile_is_given_by_whoever_has_all_of_it(
    session: Session, granter: str, granted: str
) -> None:
    point = make_service_point(session)
    points = () if granter in AT_HEADQUARTERS else (point,)
    by = at_work(session, make_user(session, granter, *points))
    codes = () if granted in AT_HEADQUARTERS else (point.code,)
    may = granter == "administrator" or (granter, granted) in {
        ("pricing", "pricing"),
        ("finance", "finance"),
        ("auditor", "auditor"),
        ("owner", "owner"),
        ("owner", "seller"),
        ("seller", "seller"),
    }

    try:
        create(session, by, granted, *codes)
        done = True
    except GrantTooWide:
        done = False

    assert done is may


def test_an_owner_adds_people_to_the_own_service_points_alone(session: Session) -> None:
    mine, other = make_service_point(session), make_service_point(session)
    owner = at_work(session, make_user(session, "owner", mine))

    with pytest.raises(Invalid) as refusal:
        create(session, owner, "seller", mine.code, other.code)
    made = create(session, owner, "seller", mine.code)

    assert refusal.value.problems[0].field == "service_points[1]"
    assert places_of(session, [made.id])[made.id] == [Place(mine.id, mine.code, mine.name)]


@pytest.mark.parametrize(
    ("profile", "with_point", "field"),
    [("pricing", True, "service_points"), ("seller", False, "service_points"),
     ("nonsense", False, "profile")],
)  # fmt: skip
def test_profiles_of_headquarters_have_no_service_points_and_others_have_some(
    session: Session, profile: str, with_point: bool, field: str
) -> None:
    point = make_service_point(session)
    administrator = at_work(session, make_user(session))

    with pytest.raises(Invalid) as refusal:
        create(session, administrator, profile, *([point.code] if with_point else []))

    assert refusal.value.problems[0].field == field


def test_two_users_never_share_an_email(session: Session) -> None:
    by = at_work(session, make_user(session))
    create(session, by, "auditor", email="Ana@Example.com")

    with pytest.raises(EmailTaken):
        create(session, by, "auditor", email="ana@example.COM ")


def test_users_of_other_service_points_are_not_there(session: Session, now: datetime) -> None:
    mine, other = make_service_point(session), make_service_point(session)
    owner = at_work(session, make_user(session, "owner", mine))
    stranger, boss = make_user(session, "seller", other), make_user(session)

    for user in (stranger, boss):
        with pytest.raises(NoSuchUser):
            update_user(session, user.id, Changes(name="Outro"), by=owner, at=now)


def test_whoever_also_works_elsewhere_is_managed_by_headquarters(
    session: Session, now: datetime
) -> None:
    mine, other = make_service_point(session), make_service_point(session)
    owner = at_work(session, make_user(session, "owner", mine))
    shared = make_user(session, "seller", mine, other)

    with pytest.raises(NotYourServicePoint):
        update_user(session, shared.id, Changes(service_points=[mine.code]), by=owner, at=now)
    with pytest.raises(NotYourServicePoint):
        set_password(session, shared.id, by=owner, password_hash="x", at=now)


def test_whoever_may_more_is_not_managed_from_below(session: Session, now: datetime) -> None:
    manager = make_user(session, "auditor")
    boss = make_user(session)
    by = at_work(session, manager)
    by = Actor(
        user_id=by.user_id, email=by.email, name=by.name, profile_name="", headquarters=True,
        permissions=by.permissions | {"users.edit"},
    )  # fmt: skip

    for deed in (
        lambda: update_user(session, boss.id, Changes(active=False), by=by, at=now),
        lambda: update_user(session, boss.id, Changes(profile="auditor"), by=by, at=now),
        lambda: set_password(session, boss.id, by=by, password_hash="x", at=now),
    ):
        with pytest.raises(GrantTooWide):
            deed()


@pytest.mark.parametrize(
    "changes", [Changes(profile="auditor"), Changes(active=False)], ids=["profile", "state"]
)
def test_nobody_changes_the_own_access(session: Session, now: datetime, changes: Changes) -> None:
    user = make_user(session)

    with pytest.raises(OwnAccount):
        update_user(session, user.id, changes, by=at_work(session, user), at=now)


def test_an_owner_does_not_give_himself_another_service_point(
    session: Session, now: datetime
) -> None:
    first, second = make_service_point(session), make_service_point(session)
    user = make_user(session, "owner", first, second)

    changes = Changes(service_points=[first.code])
    with pytest.raises(OwnAccount):
        update_user(session, user.id, changes, by=at_work(session, user), at=now)


def test_disabling_ends_sessions_and_tokens_in_the_same_breath(
    session: Session, now: datetime
) -> None:
    user, by = make_user(session), at_work(session, make_user(session))
    make_token(session, user)
    open_session(
        session, user.id, verified_hash=user.password_hash, new_hash=None, by=by, browser="",
        remember=False, at=now,
    )  # fmt: skip

    update_user(session, user.id, Changes(active=False), by=by, at=now)

    token = session.scalars(select(ApiToken).where(ApiToken.user_id == user.id)).one()
    opened = session.scalars(
        select(SignedInSession).where(SignedInSession.user_id == user.id)
    ).one()
    assert (token.revoked_at, opened.ended_at) == (now, now)


def test_moving_to_headquarters_takes_the_service_points_away(
    session: Session, now: datetime
) -> None:
    user = make_user(session, "owner", make_service_point(session))
    by = at_work(session, make_user(session))

    update_user(session, user.id, Changes(profile="pricing"), by=by, at=now)

    left = session.scalars(select(Membership).where(Membership.user_id == user.id)).all()
    assert left == []


def test_a_change_leaves_before_after_who_and_where_from(session: Session, now: datetime) -> None:
    point = make_service_point(session, "SP-A")
    user = make_user(session, "seller", point)
    by = at_work(session, make_user(session))

    update_user(session, user.id, Changes(name="Ana", profile="owner"), by=by, at=now)

    deed = session.scalars(select(Deed).where(Deed.action == "user.updated")).one()
    assert (deed.actor_id, deed.entity_type, deed.entity_id) == (by.user_id, "user", str(user.id))
    assert '"profile":"seller"' in (deed.before or "")
    assert '"profile":"owner"' in (deed.after or "")


def test_no_audit_line_holds_a_password_or_a_hash(session: Session, now: datetime) -> None:
    user, by = make_user(session), at_work(session, make_user(session))
    set_password(session, user.id, by=by, password_hash="$argon2id$canary", at=now)
    make_token(session, user)

    lines = session.scalars(select(Deed)).all()

    written = " ".join(f"{deed.before} {deed.after} {deed.reason}" for deed in lines)
    assert lines
    assert "argon2" not in written
    assert "rp_" not in written


def test_nothing_changed_is_no_deed_and_no_new_version(session: Session, now: datetime) -> None:
    user, by = make_user(session), at_work(session, make_user(session))
    version = user.version

    update_user(session, user.id, Changes(name=user.name), by=by, at=now)

    assert user.version == version


def test_a_change_of_what_was_changed_meanwhile_is_refused(session: Session, now: datetime) -> None:
    user, by = make_user(session), at_work(session, make_user(session))
    read = user.version
    update_user(session, user.id, Changes(name="Primeiro"), by=by, expected_version=read, at=now)

    with pytest.raises(PreconditionFailed):
        update_user(session, user.id, Changes(name="Segundo"), by=by, expected_version=read, at=now)


def test_the_own_password_is_changed_against_the_one_that_was_verified(
    session: Session, now: datetime
) -> None:
    user = make_user(session)

    with pytest.raises(WrongPassword):
        change_own_password(
            session, by=at_work(session, user), verified_hash="another", password_hash="x", at=now
        )


def test_a_new_password_for_someone_else_ends_his_sessions(session: Session, now: datetime) -> None:
    user, by = make_user(session), at_work(session, make_user(session))
    open_session(
        session, user.id, verified_hash=user.password_hash, new_hash=None, by=by, browser="",
        remember=False, at=now,
    )  # fmt: skip

    set_password(session, user.id, by=by, password_hash="another", at=now)

    ended = session.scalars(select(SignedInSession.ended_at)).all()
    assert ended == [now]
    with pytest.raises(OwnAccount):
        set_password(session, by.user_id or 0, by=by, password_hash="another", at=now)


def test_every_refusal_is_one_of_the_family() -> None:
    refusals = (GrantTooWide, OwnAccount, NotYourServicePoint, NoSuchUser, WrongPassword)

    assert {(one.status, issubclass(one, PortalError)) for one in refusals} == {
        (403, True), (404, True), (422, True),
    }  # fmt: skip


def test_the_shipped_profiles_are_what_the_interface_says(session: Session) -> None:
    held = {code: as_set(profile_by_code(session, code).permissions) for code in PROFILES}

    assert held["administrator"] == ALL
    assert held["auditor"] == {name for name in ALL if name.endswith(".view")}
    assert "costs.view" not in held["seller"]
    assert held["seller"] < held["owner"]
    assert not any(name.startswith(("credit.", "profiles.")) for name in held["pricing"])
    assert {"credit.grant", "credit.reverse", "policies.edit"} <= held["finance"]
    assert not any(name.startswith("prices.") and name != "prices.view" for name in held["finance"])
