"""Sessions, tokens, and failed attempts to sign in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from portal.people.models import ApiToken, SignedInSession, SignInAttempt, User
from portal.people.rules.attempts import KNOWN_FOR, WINDOW, Failures
from portal.people.rules.emails import normal_email


@dataclass(frozen=True, slots=True)
class Credential:
    """What a sign-in is checked against."""

    user_id: int
    password_hash: str


def credential_of(session: Session, email: str) -> Credential | None:
    """Return the credential of the active user with this e-mail."""
    wanted = select(User.id, User.password_hash).where(
        User.email == normal_email(email), User.active
    )
    row = session.execute(wanted).one_or_none()
    return Credential(*row) if row else None


def failures_of(session: Session, email: str, address: str, *, at: datetime) -> Failures:
    """Count the attempts of the account and of the address in the window."""
    return Failures(
        account=_count(session, at, SignInAttempt.email == email),
        here=_count(session, at, SignInAttempt.email == email, SignInAttempt.address == address),
        address=_count(session, at, SignInAttempt.address == address),
        known=_is_known(session, email, address, at),
    )


def _count(session: Session, at: datetime, *of_whom: ColumnElement[bool]) -> int:
    recent = select(func.count()).select_from(SignInAttempt)
    return session.scalars(recent.where(SignInAttempt.at > at - WINDOW, *of_whom)).one()


def _is_known(session: Session, email: str, address: str, at: datetime) -> bool:
    signed_in = (
        select(SignedInSession.id)
        .join(User, User.id == SignedInSession.user_id)
        .where(
            User.email == email,
            SignedInSession.address == address,
            SignedInSession.created_at > at - KNOWN_FOR,
        )
        .limit(1)
    )
    return session.scalars(signed_in).first() is not None


def open_sessions_of(session: Session, user_id: int, *, at: datetime) -> list[SignedInSession]:
    """Return the browsers in which a user is signed in, the last seen first."""
    wanted = select(SignedInSession).where(
        SignedInSession.user_id == user_id,
        SignedInSession.ended_at.is_(None),
        SignedInSession.expires_at > at,
    )
    return list(session.scalars(wanted.order_by(SignedInSession.seen_at.desc())))


def live_tokens(user_id: int) -> Select[tuple[ApiToken]]:
    """Return a user's tokens that are not revoked, as a select to be ordered."""
    return select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))


def tokens_of(session: Session, user_id: int) -> list[ApiToken]:
    """Return a user's tokens that are not revoked, the newest first."""
    return list(session.scalars(live_tokens(user_id).order_by(ApiToken.id.desc())))
