"""Users, found through what the asker may see: one of other service points is not there."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.errors import Invalid, Problem
from portal.i18n import N_
from portal.people.errors import NoSuchUser
from portal.people.models import Membership, Profile, User
from portal.people.rules.emails import normal_email

POINTS = sa.table("service_points", sa.column("id"), sa.column("code"), sa.column("name"))
"""Service points stand above people; only these columns of them are known here."""


def visible_users(by: Actor) -> Select[tuple[User]]:
    """Return the users whom the actor may see, as a select to be refined.

    Headquarters sees everyone; others the people of their own service points.
    """
    users = select(User).join(User.profile)
    if by.headquarters:
        return users
    mine = select(Membership.user_id).where(by.scope(Membership.service_point_id))
    return users.where(Profile.headquarters.is_(False), User.id.in_(mine))


def user_of(session: Session, by: Actor, user_id: int, *, lock: bool = False) -> User:
    """Return one of the users whom the actor may see."""
    wanted = visible_users(by).where(User.id == user_id)
    user = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if user is None:
        raise NoSuchUser
    return user


def user_by_email(session: Session, email: str) -> User | None:
    """Return the user with this e-mail."""
    return session.scalars(select(User).where(User.email == normal_email(email))).one_or_none()


def places_of(session: Session, user_ids: Iterable[int]) -> dict[int, list[Place]]:
    """Return the service points of each user, by name; one statement for any number of users."""
    rows = session.execute(
        select(Membership.user_id, POINTS.c.id, POINTS.c.code, POINTS.c.name)
        .join(POINTS, POINTS.c.id == Membership.service_point_id)
        .where(Membership.user_id.in_(list(user_ids)))
        .order_by(POINTS.c.name)
    )
    found: dict[int, list[Place]] = {}
    for user_id, *place in rows:
        found.setdefault(user_id, []).append(Place(*place))
    return found


def places_by_code(session: Session, by: Actor, codes: Iterable[str]) -> list[Place]:
    """Return the service points with these codes; Invalid names what is not the actor's."""
    wanted = list(dict.fromkeys(codes))
    rows = session.execute(select(POINTS).where(POINTS.c.code.in_(wanted)))
    known = {place.code: place for place in (Place(*row) for row in rows) if by.sees(place.id)}
    problems = [
        Problem(
            f"service_points[{index}]",
            "unknown",
            N_("There is no such service point: %(code)s."),
            {"code": code},
        )
        for index, code in enumerate(wanted)
        if code not in known
    ]
    if problems:
        raise Invalid(problems=tuple(problems))
    return [known[code] for code in wanted]


def choosable_places(session: Session, by: Actor) -> list[Place]:
    """Return the service points to which the actor may assign people, by name."""
    if not by.headquarters:
        return list(by.service_points)
    return [Place(*row) for row in session.execute(select(POINTS).order_by(POINTS.c.name))]
