"""Users: created, changed, disabled; their passwords."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.audit.rules import difference
from portal.audit.services import record
from portal.errors import PreconditionFailed, invalid
from portal.i18n import N_
from portal.people.errors import (
    EmailTaken,
    GrantTooWide,
    NotYourServicePoint,
    OwnAccount,
    WrongPassword,
)
from portal.people.models import Membership, Profile, User
from portal.people.queries.users import (
    places_by_code,
    places_of,
    user_by_email,
    user_of,
)
from portal.people.rules.emails import checked_email
from portal.people.rules.permissions import as_set, covers
from portal.people.services.sessions import end_sessions_of, renew_secret
from portal.people.services.tokens import revoke_tokens_of


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change of a user; None leaves it as it is."""

    name: str | None = None
    profile: str | None = None
    service_points: Sequence[str] | None = None
    active: bool | None = None


def create_user(
    session: Session,
    *,
    by: Actor,
    email: str,
    name: str,
    profile_code: str,
    service_points: Iterable[str],
    password_hash: str,
    at: datetime,
) -> User:
    """Create a user with at most the creator's own permissions and service points."""
    email = checked_email(email)
    profile = _profile_to_grant(session, by, profile_code)
    places = _places_to_grant(session, by, profile, service_points)
    if user_by_email(session, email) is not None:
        raise EmailTaken(email)
    user = User(
        email=email,
        name=name,
        password_hash=password_hash,
        profile_id=profile.id,
        profile=profile,
        created_at=at,
        password_changed_at=at,
        active=True,
    )
    session.add(user)
    session.flush()
    _set_places(session, user, places)
    after = facts_of(user, places)
    record(session, by=by, action="user.created", entity=("user", user.id), at=at, after=after)
    return user


def update_user(
    session: Session,
    user_id: int,
    changes: Changes,
    *,
    by: Actor,
    expected_version: int | None = None,
    at: datetime,
) -> User:
    """Change what is given. Whoever loses the right to work loses sessions and tokens at once."""
    user = user_to_manage(session, by, user_id, expected_version)
    held = places_of(session, [user.id]).get(user.id, [])
    before = facts_of(user, held)
    places = _apply(session, user, held, changes, by)
    old, new = difference(before, facts_of(user, places))
    if not new:
        return user
    _refuse_own(by, user, new)
    _set_places(session, user, places)
    if "active" in new and not user.active:
        _shut_out(session, user, at)
    user.version += 1
    session.flush()
    action = _STATES[user.active] if "active" in new else "user.updated"
    record(session, by=by, action=action, entity=("user", user.id), at=at, before=old, after=new)
    return user


_STATES = {True: "user.enabled", False: "user.disabled"}


def _apply(
    session: Session, user: User, held: list[Place], changes: Changes, by: Actor
) -> list[Place]:
    """Set what is given, each within what the actor may grant; return the service points."""
    if changes.name is not None:
        user.name = changes.name
    if changes.active is not None:
        user.active = changes.active
    if changes.profile is not None and changes.profile != user.profile.code:
        user.profile = _profile_to_grant(session, by, changes.profile)
        user.profile_id = user.profile.id
    codes = changes.service_points
    if codes is None:
        codes = [] if user.profile.headquarters else [place.code for place in held]
    return _places_to_grant(session, by, user.profile, codes)


def set_password(
    session: Session,
    user_id: int,
    *,
    by: Actor,
    password_hash: str,
    at: datetime,
) -> User:
    """Give someone else a new password; all sessions of that user end."""
    user = user_to_manage(session, by, user_id)
    if user.id == by.user_id:
        raise OwnAccount
    user.password_hash = password_hash
    user.password_changed_at = at
    user.version += 1
    end_sessions_of(session, user.id, at=at)
    record(session, by=by, action="user.password_set", entity=("user", user.id), at=at)
    return user


def change_own_password(
    session: Session, *, by: Actor, verified_hash: str, password_hash: str, at: datetime
) -> str:
    """Change the own password after the old one was verified.

    Sessions elsewhere end, and this one goes on under a new secret, which is returned.
    """
    user = session.scalars(select(User).where(User.id == by.user_id).with_for_update()).one()
    if user.password_hash != verified_hash:
        raise WrongPassword
    user.password_hash = password_hash
    user.password_changed_at = at
    user.version += 1
    end_sessions_of(session, user.id, at=at, but=by.session_id)
    record(session, by=by, action="user.password_changed", entity=("user", user.id), at=at)
    return renew_secret(session, by=by)


def rename_self(session: Session, *, by: Actor, name: str, at: datetime) -> User:
    """Change the own name."""
    user = session.scalars(select(User).where(User.id == by.user_id)).one()
    if user.name != name:
        before, user.name, user.version = user.name, name, user.version + 1
        record(
            session, by=by, action="user.updated", entity=("user", user.id), at=at,
            before={"name": before}, after={"name": name},
        )  # fmt: skip
    return user


def user_to_manage(
    session: Session, by: Actor, user_id: int, expected_version: int | None = None
) -> User:
    """Return a user whom the actor may manage: in view, not above him, of his service points."""
    user = user_of(session, by, user_id, lock=True)
    if expected_version is not None and user.version != expected_version:
        raise PreconditionFailed
    if not covers(by, as_set(user.profile.permissions), user.profile.headquarters):
        raise GrantTooWide
    held = places_of(session, [user.id]).get(user.id, [])
    if not all(by.sees(place.id) for place in held):
        raise NotYourServicePoint
    return user


def facts_of(user: User, places: Iterable[Place]) -> dict[str, Any]:
    """Return what the audit trail keeps of a user."""
    return {
        "email": user.email,
        "name": user.name,
        "profile": user.profile.code,
        "service_points": sorted(place.code for place in places),
        "active": user.active,
    }


def _refuse_own(by: Actor, user: User, changes: dict[str, Any]) -> None:
    if user.id == by.user_id and changes.keys() & {"profile", "service_points", "active"}:
        raise OwnAccount


def _profile_to_grant(session: Session, by: Actor, code: str) -> Profile:
    profile = session.scalars(select(Profile).where(Profile.code == code)).one_or_none()
    if profile is None:
        raise invalid("profile", N_("There is no profile %(name)s."), "unknown", name=code)
    if not covers(by, as_set(profile.permissions), profile.headquarters):
        raise GrantTooWide
    return profile


def _places_to_grant(
    session: Session, by: Actor, profile: Profile, codes: Iterable[str]
) -> list[Place]:
    """People of headquarters belong to no service point, all others to one or more."""
    wanted = list(codes)
    if profile.headquarters and wanted:
        raise invalid("service_points", N_("A profile of headquarters has no service points."))
    if not profile.headquarters and not wanted:
        raise invalid("service_points", N_("Choose at least one service point."), "required")
    return places_by_code(session, by, wanted) if wanted else []


def _set_places(session: Session, user: User, places: Iterable[Place]) -> None:
    wanted = {place.id for place in places}
    held = set(
        session.scalars(select(Membership.service_point_id).where(Membership.user_id == user.id))
    )
    if gone := held - wanted:
        session.execute(
            delete(Membership).where(
                Membership.user_id == user.id, Membership.service_point_id.in_(gone)
            )
        )
    session.add_all(Membership(user_id=user.id, service_point_id=i) for i in sorted(wanted - held))
    session.flush()


def _shut_out(session: Session, user: User, at: datetime) -> None:
    end_sessions_of(session, user.id, at=at)
    revoke_tokens_of(session, user.id, at=at)
