"""Guarded changes: how many rows one statement changed."""

from typing import Any, cast

from sqlalchemy import CursorResult, Update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.people.errors import NoSuchUser


def change(session: Session, statement: Update) -> int:
    """Run the statement; return the number of rows that met its condition."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def own_id(by: Actor) -> int:
    """Return the number of the user at work; the portal itself is none."""
    if by.user_id is None:
        raise NoSuchUser
    return by.user_id
