"""Looking mails up."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, undefer

from portal.actors import Actor
from portal.db import database_now
from portal.mail.errors import NoSuchMail
from portal.mail.models import Mail, MailState
from portal.texts import holds_words


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


def mails(by: Actor) -> Select[tuple[Mail]]:
    """Return the mails that the actor may see: people of service points those of their own."""
    return select(Mail).where(_scope(by))


def mail_of(session: Session, by: Actor, number: int) -> Mail:
    """Return one mail with its text; NoSuchMail when it is none of the actor's."""
    wanted = mails(by).where(Mail.id == number).options(undefer(Mail.text), undefer(Mail.html))
    if (mail := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchMail(number)
    return mail


def saying(wanted: Select[tuple[Mail]], text: str) -> Select[tuple[Mail]]:
    """Narrow to mails with the words in recipient or subject."""
    return wanted.where(holds_words(text, Mail.recipient, Mail.subject))


def count_unsent(session: Session) -> dict[str, int]:
    """Count the mails that wait or were given up, by state."""
    unsent = Mail.state.in_([MailState.QUEUED, MailState.DEAD])
    counted = select(Mail.state, func.count()).where(unsent).group_by(Mail.state)
    return dict(session.execute(counted).tuples().all())


def oldest_waiting(session: Session) -> datetime | None:
    """Return since when the oldest mail waits."""
    return session.scalar(select(func.min(Mail.created_at)).where(Mail.state == MailState.QUEUED))


def _scope(by: Actor) -> ColumnElement[bool]:
    if by.headquarters:
        return sa.true()
    return Mail.service_point_id.in_(sorted(place.id for place in by.service_points))
