"""Taking a mail in hand, and saying what came of it.

A mail is claimed by a guarded UPDATE that is committed before anything is sent, so two senders
never send the same one. Whoever dies between sending and saying so leaves a mail that is sent
again when its lease has run out: twice rather than never.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.mail.models import Mail, MailState
from portal.mail.queries import is_due
from portal.mail.rules.letter import Letter
from portal.mail.rules.tries import LEASE, pause_after

_LOOK_AT = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that nobody else sends until the lease has run out."""

    mail_id: int
    lease: str
    attempts: int
    letter: Letter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: no error is sent; `final` says that no other try will do better."""

    error: str | None = None
    final: bool = False


def claim_next(session: Session, *, lease: str) -> Claim | None:
    """Claim the oldest mail that is due; None when nothing is."""
    now = database_now(session.connection())
    due = select(Mail.id).where(is_due(now)).order_by(Mail.id).limit(_LOOK_AT)
    for mail_id in session.scalars(due).all():
        if _take(session, mail_id, lease, now):
            return _claim(session, mail_id, lease)
    return None


def _take(session: Session, mail_id: int, lease: str, now: datetime) -> bool:
    # `attempts` is read by nothing else here: MariaDB assigns from left to right.
    taken = (
        update(Mail)
        .where(Mail.id == mail_id, is_due(now))
        .values(attempts=Mail.attempts + 1, lease=lease, leased_until=now + LEASE)
    )
    return _wrote(session, taken)


def _claim(session: Session, mail_id: int, lease: str) -> Claim:
    columns = (
        Mail.key, Mail.recipient, Mail.subject, Mail.text, Mail.html, Mail.language, Mail.created_at
    )  # fmt: skip
    attempts, *letter = session.execute(
        select(Mail.attempts, *columns).where(Mail.id == mail_id)
    ).one()
    return Claim(mail_id, lease, attempts, Letter(*letter))


def settle(session: Session, claim: Claim, outcome: Outcome, *, at: datetime) -> bool:
    """Say what came of a try; False when the lease had run out and somebody else has the mail."""
    return _wrote(
        session,
        update(Mail)
        .where(Mail.id == claim.mail_id, Mail.lease == claim.lease)
        .values(lease=None, leased_until=None, **_after(session, claim, outcome, at)),
    )


def _after(session: Session, claim: Claim, outcome: Outcome, at: datetime) -> dict[str, Any]:
    if outcome.error is None:
        return {"state": MailState.SENT, "sent_at": at, "last_error": None, "next_try_at": None}
    failed = {"last_error": outcome.error[:500]}
    pause = None if outcome.final else pause_after(claim.attempts)
    if pause is None:
        return failed | {"state": MailState.DEAD, "next_try_at": None}
    return failed | {"next_try_at": database_now(session.connection()) + pause}


def _wrote(session: Session, change: Any) -> bool:
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment] # an UPDATE gives this
        change, execution_options={"synchronize_session": False}
    )
    return result.rowcount == 1
