"""Looking mails up."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.mail.models import Mail, MailState


def count_due(session: Session) -> int:
    """Count the mails that could be sent now."""
    now = database_now(session.connection())
    return session.scalars(select(func.count(Mail.id)).where(is_due(now))).one()


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a mail waits, its time has come, and nobody has it in hand."""
    return (
        (Mail.state == MailState.QUEUED)
        & or_(Mail.next_try_at.is_(None), Mail.next_try_at <= now)
        & or_(Mail.leased_until.is_(None), Mail.leased_until < now)
    )
