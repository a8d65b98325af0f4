"""Writing down who did what, when, and from where."""

from datetime import datetime
from typing import Any, Unpack

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.models import Deed
from portal.audit.queries import REFUSED
from portal.audit.rules import Facts, as_json
from portal.clock import now
from portal.db import InsertRows
from portal.keys import Key, StoredAnswer
from portal.wire import Carrier, Ready, send, text_of_moment

_COLUMNS = (
    "at", "actor_id", "token_id", "address", "request_id", "action", "entity_type", "entity_id",
    "service_point_id", "reason", "before", "after", "account_id", "first_seq", "entries",
    "idem_hash", "fingerprint", "status", "answer", "send_state",
)  # fmt: skip
_INSERT = InsertRows("deeds", *(f"`{name}`" for name in _COLUMNS), prepare=1)


def record(
    session: Session,
    *,
    by: Actor,
    action: str,
    entity: tuple[str, str | int],
    at: datetime,
    **facts: Unpack[Facts],
) -> Deed:
    """Write a deed down and return its row; flushed, so that it has its number."""
    deed = Deed(**_row(by, action, entity, at, facts))
    session.add(deed)
    session.flush()
    return deed


def jot(
    connection: Carrier,
    *,
    by: Actor,
    action: str,
    entity: tuple[str, str | int],
    at: datetime,
    **facts: Unpack[Facts],
) -> int:
    """Write a deed down through the driver's own cursor, for hot paths; return its number."""
    jotting = to_jot(connection, by=by, action=action, entity=entity, at=at, **facts)
    return int(send(connection, jotting).lastrowid)


def to_jot(
    connection: Carrier,
    *,
    by: Actor,
    action: str,
    entity: tuple[str, str | int],
    at: datetime,
    **facts: Unpack[Facts],
) -> Ready:
    """Return the statement that writes a deed down, to travel with those that need its number."""
    row = _row(by, action, entity, at, facts)
    row["at"] = text_of_moment(at)
    return _INSERT.ready(connection, [[row.get(name) for name in _COLUMNS]])


def _row(
    by: Actor, action: str, entity: tuple[str, str | int], at: datetime, facts: Facts
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "at": at,
        "actor_id": by.user_id,
        "token_id": by.token_id,
        "address": by.address[:45],
        "request_id": by.request_id[:64],
        "action": action,
        "entity_type": entity[0],
        "entity_id": str(entity[1])[:64],
        "send_state": 0,
    }
    row.update(facts)
    row["before"] = as_json(facts.get("before"))
    row["after"] = as_json(facts.get("after"))
    return row


def keep_answer(
    connection: Carrier,
    key: Key,
    *,
    by: Actor,
    path: str,
    answer: StoredAnswer,
) -> None:
    """Store what a key was answered with, where no deed of its own carries it."""
    jot(
        connection,
        by=by,
        action=REFUSED if answer.refused else "answered",
        entity=("request", path),
        at=now(),
        service_point_id=answer.service_point_id,
        idem_hash=key.hash,
        fingerprint=key.fingerprint,
        status=answer.status,
        answer=answer.text,
    )
