"""Tokens for other systems: made, shown once, revoked."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.errors import invalid
from portal.i18n import N_
from portal.people.errors import GrantTooWide, NoSuchToken
from portal.people.models import ApiToken, User
from portal.people.rules.passwords import digest, make_secret
from portal.people.rules.permissions import as_text, unknown
from portal.people.rules.sessions import NOTED_EVERY
from portal.people.services.rows import change, own_id

PREFIX = "rp_"
_SHOWN = 10
MOST_TOKENS = 50


def create_token(
    session: Session,
    *,
    by: Actor,
    name: str,
    scopes: Iterable[str] | None,
    expires_at: datetime | None,
    at: datetime,
) -> tuple[ApiToken, str]:
    """Make a token of the actor's own; return it with its secret, which is shown once.

    Its scopes are part of what the actor may. One made by another token is no wider and lives no
    longer than that one.
    """
    user_id = own_id(by)
    chosen = _scopes_within(by, scopes)
    if expires_at is not None and expires_at <= at:
        raise invalid("expires_at", N_("The day has passed."), "past")
    if by.token_id is not None:
        expires_at = _not_after_parent(session, by.token_id, expires_at)
    if _count(session, user_id) >= MOST_TOKENS:
        raise invalid(
            "name", N_("At most %(most)s tokens; revoke one first."), "too_many", most=MOST_TOKENS
        )
    return _store(session, user_id, by, name, chosen, expires_at, at)


def create_token_for(
    session: Session,
    user: User,
    *,
    by: Actor,
    name: str,
    scopes: Iterable[str] | None,
    expires_at: datetime | None,
    at: datetime,
) -> tuple[ApiToken, str]:
    """Make a token of another user, at the command line."""
    if scopes is not None:
        _refuse_unknown(scopes := list(scopes))
    return _store(session, user.id, by, name, scopes, expires_at, at)


def _scopes_within(by: Actor, scopes: Iterable[str] | None) -> list[str] | None:
    """A token's own scopes stay explicit in what it makes, so that none grows wider."""
    if scopes is None:
        return sorted(by.permissions) if by.token_id is not None else None
    wanted = list(scopes)
    _refuse_unknown(wanted)
    if not set(wanted) <= by.permissions:
        raise GrantTooWide
    return wanted


def _refuse_unknown(scopes: list[str]) -> None:
    if names := unknown(scopes):
        place = f"scopes[{scopes.index(names[0])}]"
        raise invalid(place, N_("There is no permission %(name)s."), "unknown", name=names[0])


def _not_after_parent(
    session: Session, token_id: int, expires_at: datetime | None
) -> datetime | None:
    limit = session.scalars(select(ApiToken.expires_at).where(ApiToken.id == token_id)).one()
    return min(filter(None, (limit, expires_at)), default=None)


def _count(session: Session, user_id: int) -> int:
    alive = select(ApiToken.id).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return len(session.scalars(alive).all())


def _store(
    session: Session,
    user_id: int,
    by: Actor,
    name: str,
    scopes: list[str] | None,
    expires_at: datetime | None,
    at: datetime,
) -> tuple[ApiToken, str]:
    secret = make_secret(PREFIX)
    token = ApiToken(
        user_id=user_id,
        name=name,
        prefix=secret[:_SHOWN],
        secret_hash=digest(secret),
        scopes=None if scopes is None else as_text(scopes),
        created_at=at,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    after = {"user": user_id, "name": name, "scopes": token.scopes, "expires_at": expires_at}
    record(session, by=by, action="token.created", entity=("token", token.id), at=at, after=after)
    return token, secret


def revoke_token(session: Session, token_id: int, *, by: Actor, at: datetime) -> None:
    """Revoke one of the actor's own tokens."""
    revoked = change(
        session,
        update(ApiToken)
        .where(
            ApiToken.id == token_id,
            ApiToken.user_id == by.user_id,
            ApiToken.revoked_at.is_(None),
        )
        .values(revoked_at=at),
    )
    if revoked != 1:
        raise NoSuchToken
    record(session, by=by, action="token.revoked", entity=("token", token_id), at=at)


def revoke_tokens_of(session: Session, user_id: int, *, at: datetime) -> int:
    """Revoke all of a user's tokens; return how many."""
    alive = update(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return change(session, alive.values(revoked_at=at))


def note_token_use(session: Session, token_id: int, *, at: datetime) -> None:
    """Note that a token is in use, unless another request has just done so."""
    stale = or_(ApiToken.used_at.is_(None), ApiToken.used_at < at - NOTED_EVERY)
    session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(used_at=at))
