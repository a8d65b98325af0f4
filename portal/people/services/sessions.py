"""Signing in and out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.people.errors import NoSuchSession, SignInRefused, TooManyAttempts
from portal.people.models import SignedInSession, SignInAttempt, User
from portal.people.queries.sessions import failures_of
from portal.people.rules.attempts import KNOWN_FOR, WINDOW, must_wait, origin_of
from portal.people.rules.passwords import digest, make_secret
from portal.people.rules.sessions import NOTED_EVERY, ends_at
from portal.people.services.rows import change, own_id

_KEPT = timedelta(days=2)


def note_attempt(session: Session, *, email: str, address: str, at: datetime) -> int:
    """Put an attempt to sign in on record before it is tried; return its number.

    It is committed before anyone counts: of attempts at the same instant, on however many
    instances, no more than the limit find room.
    """
    attempt = SignInAttempt(email=email, address=address, at=at)
    session.add(attempt)
    session.flush()
    return attempt.id


def insist_on_patience(
    session: Session, attempt_id: int, *, email: str, address: str, at: datetime
) -> TooManyAttempts | None:
    """Return the refusal of one attempt too many; it is forgotten and prolongs no block."""
    if not must_wait(failures_of(session, email, address, at=at)):
        return None
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))
    return TooManyAttempts(int(WINDOW.total_seconds()))


def open_session(
    session: Session,
    user_id: int,
    *,
    verified_hash: str,
    new_hash: str | None,
    by: Actor,
    browser: str,
    remember: bool,
    at: datetime,
) -> str:
    """Sign a user in whose password has been verified; return the session's secret.

    Refused when the password or the user's state changed since it was verified.
    """
    user = session.scalars(select(User).where(User.id == user_id).with_for_update()).one_or_none()
    if user is None or not user.active or user.password_hash != verified_hash:
        raise SignInRefused
    user.password_hash = new_hash or verified_hash
    _forget_attempts(session, user.email, origin_of(by.address), at)
    _forget_sessions(session, user_id, at)
    secret = make_secret()
    row = SignedInSession(
        secret_hash=digest(secret),
        user_id=user_id,
        created_at=at,
        seen_at=at,
        expires_at=ends_at(at, remember=remember),
        address=by.address[:45],
        browser=browser[:255],
    )
    session.add(row)
    record(session, by=by, action="user.signed_in", entity=("user", user_id), at=at)
    return secret


def _forget_attempts(session: Session, email: str, address: str, at: datetime) -> None:
    """The owner's own slips at this address count no more; so does what is long past."""
    mine = (SignInAttempt.email == email) & (SignInAttempt.address == address)
    session.execute(delete(SignInAttempt).where(mine))
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < at - _KEPT))


def _forget_sessions(session: Session, user_id: int, at: datetime) -> None:
    """Addresses and browsers are kept as long as they serve: see `rules.attempts`."""
    mine = SignedInSession.user_id == user_id
    over = (SignedInSession.created_at < at - KNOWN_FOR) & (SignedInSession.expires_at < at)
    session.execute(delete(SignedInSession).where(mine, over))


def end_session(session: Session, session_id: int, *, by: Actor, at: datetime) -> None:
    """End one of the actor's own sessions."""
    ended = change(
        session,
        update(SignedInSession)
        .where(
            SignedInSession.id == session_id,
            SignedInSession.user_id == by.user_id,
            SignedInSession.ended_at.is_(None),
        )
        .values(ended_at=at),
    )
    if ended != 1:
        raise NoSuchSession
    record(session, by=by, action="session.ended", entity=("session", session_id), at=at)


def end_sessions_of(session: Session, user_id: int, *, at: datetime, but: str | None = None) -> int:
    """End a user's sessions, all `but` one if given; return how many."""
    open_ones = update(SignedInSession).where(
        SignedInSession.user_id == user_id, SignedInSession.ended_at.is_(None)
    )
    if but is not None:
        open_ones = open_ones.where(SignedInSession.id != int(but))
    return change(session, open_ones.values(ended_at=at))


def renew_secret(session: Session, *, by: Actor) -> str:
    """Let the actor's session go on under a new secret, so that the old cookie is worth nothing."""
    secret = make_secret()
    mine = update(SignedInSession).where(SignedInSession.id == int(by.session_id or 0))
    session.execute(mine.values(secret_hash=digest(secret)))
    return secret


def end_other_sessions(session: Session, *, by: Actor, at: datetime) -> int:
    """End the actor's sessions in all other browsers; return how many."""
    user_id = own_id(by)
    count = end_sessions_of(session, user_id, at=at, but=by.session_id)
    record(session, by=by, action="session.others_ended", entity=("user", user_id), at=at)
    return count


def note_session_use(session: Session, session_id: int, *, at: datetime) -> None:
    """Note that a session is in use, unless another request has just done so."""
    session.execute(
        update(SignedInSession)
        .where(SignedInSession.id == session_id, SignedInSession.seen_at < at - NOTED_EVERY)
        .values(seen_at=at)
    )
