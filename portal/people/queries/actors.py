"""Who stands behind a cookie or a token: one statement each, with everything to decide by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.db import Sql, as_moment, connection_of
from portal.people.rules.permissions import allowed
from portal.wire import Carrier

_WHO = """
    u.id, u.email, u.name, p.name, p.headquarters, p.permissions, sp.id, sp.code, sp.name
"""
_OF_USER = """
    JOIN users u ON u.id = x.user_id AND u.active = 1
    JOIN profiles p ON p.id = u.profile_id
    LEFT JOIN memberships m ON m.user_id = u.id
    LEFT JOIN service_points sp ON sp.id = m.service_point_id
"""
_BY_SESSION = Sql(
    f"SELECT json_array(x.id, x.seen_at, NULL, {_WHO}) FROM sessions x {_OF_USER}"  # noqa: S608 - fixed parts
    " WHERE x.secret_hash = :hash AND x.ended_at IS NULL AND x.expires_at > :at"
)
_BY_TOKEN = Sql(
    f"SELECT json_array(x.id, x.used_at, x.scopes, {_WHO}) FROM api_tokens x {_OF_USER}"  # noqa: S608 - fixed parts
    " WHERE x.secret_hash = :hash AND x.revoked_at IS NULL"
    " AND (x.expires_at IS NULL OR x.expires_at > :at)",
    prepare=True,
)
_BY_NUMBER = Sql(
    f"SELECT json_array(u.id, NULL, NULL, {_WHO})"  # noqa: S608 - fixed parts
    f" FROM (SELECT :user AS user_id) x {_OF_USER}"
)


@dataclass(frozen=True, slots=True)
class Found:
    """Who asks, through which session or token, and when its use was last noted."""

    actor: Actor
    id: int
    noted_at: datetime | None


@dataclass(frozen=True, slots=True)
class From:
    """Where a request comes from."""

    address: str = ""
    request_id: str = ""


def actor_of_session(
    asked: Carrier | Session, secret_hash: bytes, *, at: datetime, origin: From
) -> Found | None:
    """Return who is signed in with the session, unless it has ended or its user is disabled."""
    rows = _BY_SESSION.packed(connection_of(asked), hash=secret_hash, at=at)
    return _found(rows, origin, is_token=False) if rows else None


def actor_of_token(
    asked: Carrier | Session, secret_hash: bytes, *, at: datetime, origin: From
) -> Found | None:
    """Return whose token it is, with what its scopes leave; nobody once it is revoked."""
    rows = _BY_TOKEN.packed(connection_of(asked), hash=secret_hash, at=at)
    return _found(rows, origin, is_token=True) if rows else None


def actor_of_user(asked: Carrier | Session, user_id: int, *, origin: From) -> Actor | None:
    """Return someone as they may act now, for what they asked for before; nobody once disabled."""
    rows = _BY_NUMBER.packed(connection_of(asked), user=user_id)
    return replace(_found(rows, origin, is_token=False).actor, session_id=None) if rows else None


def _found(rows: Sequence[Any], origin: From, *, is_token: bool) -> Found:
    """A row per service point; what stands before it is the same in each."""
    key, noted, scopes, user_id, email, name, profile, headquarters, permissions, *_ = rows[0]
    places = () if headquarters else tuple(Place(*row[9:]) for row in rows if row[9] is not None)
    actor = Actor(
        user_id=user_id,
        email=email,
        name=name,
        profile_name=profile,
        headquarters=bool(headquarters),
        permissions=allowed(permissions, scopes),
        service_points=tuple(sorted(places, key=lambda place: place.name)),
        token_id=key if is_token else None,
        session_id=None if is_token else str(key),
        address=origin.address,
        request_id=origin.request_id,
    )
    return Found(actor, key, as_moment(noted) if noted else None)
