"""Looking deeds up."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, or_, select

from portal import clock
from portal.actors import Actor
from portal.audit.models import Deed
from portal.db import Sql
from portal.keys import Key, StoredAnswer
from portal.wire import Carrier

REFUSED = "refused"

_ANSWER = Sql(
    "SELECT fingerprint, status, answer, service_point_id, action, id"
    " FROM deeds WHERE idem_hash = :hash"
)


def find_answer(connection: Carrier, key: Key) -> StoredAnswer | None:
    """Return what the key was answered with, if it was used."""
    row = _ANSWER.run(connection, hash=key.hash).first()
    return None if row is None else answer_of(row, key)


def answer_of(row: Sequence[Any], key: Key) -> StoredAnswer:
    """Read fingerprint, status, answer, service point, action and id of the deed with the key."""
    fingerprint, status, text, service_point_id, action, deed_id = row
    same = bytes(fingerprint or b"") == key.fingerprint
    return StoredAnswer(same, status or 0, text or "", service_point_id, action == REFUSED, deed_id)


USERS = sa.table("users", sa.column("id"), sa.column("email"), sa.column("name"))
"""People stand above the trail; only these columns of them are known here."""
_ANSWERS = ("answered", REFUSED)
"""Rows that only keep the answer to an idempotency key: nothing was done."""


def trail(by: Actor) -> Select[Any]:
    """Return deeds with name and e-mail of who did them, as far as the actor may see them."""
    return (
        select(Deed, USERS.c.name, USERS.c.email)
        .outerjoin(USERS, USERS.c.id == Deed.actor_id)
        .where(Deed.action.not_in(_ANSWERS), _scope(by))
    )


def _scope(by: Actor) -> ColumnElement[bool]:
    """People of service points see what concerns their own."""
    if by.headquarters:
        return sa.true()
    return Deed.service_point_id.in_(sorted(place.id for place in by.service_points))


def by_person(wanted: Select[Any], text: str) -> Select[Any]:
    """Narrow to deeds of whoever has the text in name or e-mail."""
    found = "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    people = select(USERS.c.id).where(
        or_(USERS.c.name.like(found, escape="!"), USERS.c.email.like(found, escape="!"))
    )
    return wanted.where(Deed.actor_id.in_(people))


def about(wanted: Select[Any], entity: str) -> Select[Any]:
    """Narrow to deeds about one kind of thing, or one thing: `user` or `user:12`."""
    kind, _, key = entity.partition(":")
    wanted = wanted.where(Deed.entity_type == kind)
    return wanted.where(Deed.entity_id == key) if key else wanted


def from_day(wanted: Select[Any], day: date) -> Select[Any]:
    """Narrow to deeds from a civil day on."""
    return wanted.where(Deed.at >= clock.start_of(day))


def through_day(wanted: Select[Any], day: date) -> Select[Any]:
    """Narrow to deeds through a civil day."""
    return wanted.where(Deed.at <= clock.end_of(day))
