"""Sending a mail again."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, or_, update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit import services as audit
from portal.db import database_now
from portal.mail.errors import BeingSent
from portal.mail.models import Mail, MailState
from portal.mail.queries import mail_of

_FRESH = {
    "state": MailState.QUEUED,
    "attempts": 0,
    "next_try_at": None,
    "lease": None,
    "leased_until": None,
}


def resend(session: Session, number: int, *, by: Actor, at: datetime) -> Mail:
    """Queue a mail again with all its tries, whatever became of it; not while it is being sent."""
    mail = mail_of(session, by, number)
    now = database_now(session.connection())
    free = or_(Mail.leased_until.is_(None), Mail.leased_until < now)
    queued: CursorResult[Any] = session.execute(  # type: ignore[assignment] # an UPDATE gives this
        update(Mail)
        .where(Mail.id == number, free)
        .values(
            state=MailState.QUEUED, attempts=0, next_try_at=None, lease=None, leased_until=None
        ),
        execution_options={"synchronize_session": False},
    )
    if queued.rowcount != 1:
        raise BeingSent
    audit.record(
        session,
        by=by,
        action="mail.resent",
        entity=("mail", number),
        at=at,
        service_point_id=mail.service_point_id,
    )
    return mail
