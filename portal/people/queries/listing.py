"""The list of users: who, with which profile, where, last seen when."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select, func, select

from portal.actors import Actor
from portal.people.models import Membership, SignedInSession, User
from portal.people.queries.users import POINTS, visible_users

POINT_CODES = "points"
LAST_SEEN = "seen"


def listed_users(by: Actor) -> Select[Any]:
    """Return the users whom the actor may see, with codes of service points and last sign of life.

    Of people who also work elsewhere, only what is the actor's own is told.
    """
    points = (
        select(func.group_concat(POINTS.c.code))
        .select_from(Membership)
        .join(POINTS, POINTS.c.id == Membership.service_point_id)
        .where(Membership.user_id == User.id, by.scope(Membership.service_point_id))
        .correlate(User)
        .scalar_subquery()
    )
    seen = (
        select(func.max(SignedInSession.seen_at))
        .where(SignedInSession.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    return visible_users(by).add_columns(points.label(POINT_CODES), seen.label(LAST_SEEN))


def of_point(code: str) -> sa.ColumnElement[bool]:
    """Return the condition for people of one service point."""
    members = (
        select(Membership.user_id)
        .join(POINTS, POINTS.c.id == Membership.service_point_id)
        .where(POINTS.c.code == code)
    )
    return User.id.in_(members)
