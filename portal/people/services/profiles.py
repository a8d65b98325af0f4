"""Profiles: created and changed, never beyond what whoever does it may himself."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.errors import PreconditionFailed, invalid
from portal.i18n import N_
from portal.people.errors import GrantTooWide, OwnAccount, ProfileTaken
from portal.people.models import Profile, User
from portal.people.queries.profiles import profile_by_code
from portal.people.rules.permissions import as_set, as_text, covers, unknown


def create_profile(
    session: Session,
    *,
    by: Actor,
    code: str,
    name: str,
    headquarters: bool,
    permissions: Iterable[str],
    at: datetime,
) -> Profile:
    """Create a profile with part of the creator's own permissions."""
    wanted = _wanted(by, permissions, headquarters)
    if session.scalars(select(Profile.id).where(Profile.code == code)).first() is not None:
        raise ProfileTaken(code)
    profile = Profile(code=code, name=name, headquarters=headquarters, permissions=as_text(wanted))
    session.add(profile)
    session.flush()
    after = {"name": name, "headquarters": headquarters, "permissions": wanted}
    entity = ("profile", profile.code)
    record(session, by=by, action="profile.created", entity=entity, at=at, after=after)
    return profile


def update_profile(
    session: Session,
    code: str,
    *,
    by: Actor,
    name: str,
    permissions: Iterable[str],
    expected_version: int,
    at: datetime,
) -> Profile:
    """Change a profile; not one's own, and neither from nor to more than one may oneself."""
    profile = profile_by_code(session, code)
    session.refresh(profile, with_for_update=True)
    before = as_set(profile.permissions)
    if session.scalars(select(User.profile_id).where(User.id == by.user_id)).first() == profile.id:
        raise OwnAccount
    if not covers(by, before, profile.headquarters):
        raise GrantTooWide
    wanted = _wanted(by, permissions, profile.headquarters)
    if profile.version != expected_version:
        raise PreconditionFailed
    old_name, profile.name = profile.name, name
    profile.permissions = as_text(wanted)
    profile.version += 1
    record(
        session, by=by, action="profile.updated", entity=("profile", code), at=at,
        before={"name": old_name, "permissions": before},
        after={"name": name, "permissions": wanted},
    )  # fmt: skip
    return profile


def _wanted(by: Actor, permissions: Iterable[str], headquarters: bool) -> frozenset[str]:
    wanted = frozenset(permissions)
    if names := unknown(wanted):
        raise invalid(
            "permissions", N_("There is no permission %(name)s."), "unknown", name=names[0]
        )
    if not covers(by, wanted, headquarters):
        raise GrantTooWide
    return wanted
