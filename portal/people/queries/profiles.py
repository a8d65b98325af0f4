"""Profiles."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.people.errors import NoSuchProfile
from portal.people.models import Profile, User
from portal.people.rules.permissions import as_set, covers


def all_profiles(session: Session) -> list[Profile]:
    """Return every profile, those of headquarters first."""
    order = (Profile.headquarters.desc(), Profile.id)
    return list(session.scalars(select(Profile).order_by(*order)))


def grantable_profiles(session: Session, by: Actor) -> list[Profile]:
    """Return the profiles that the actor may give to others."""
    return [p for p in all_profiles(session) if covers(by, as_set(p.permissions), p.headquarters)]


def profile_by_code(session: Session, code: str) -> Profile:
    """Return the profile with this code."""
    profile = session.scalars(select(Profile).where(Profile.code == code)).one_or_none()
    if profile is None:
        raise NoSuchProfile
    return profile


def people_per_profile(session: Session) -> dict[int, int]:
    """Return how many active users have each profile."""
    rows = session.execute(
        select(User.profile_id, func.count()).where(User.active).group_by(User.profile_id)
    )
    return dict(rows.tuples().all())
