"""Putting a mail into the outbox."""

from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import Insert
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import Session

from portal.i18n import N_
from portal.mail.models import Mail, MailState
from portal.mail.rules.address import RECIPIENT_LENGTH, recipient_of, subject_of

NO_ADDRESS = N_("This is no address that a mail can go to.")


class About(TypedDict, total=False):
    """What a mail may carry beyond its text, and whose it is."""

    html: str | None
    service_point_id: int | None
    entity: tuple[str, str | int] | None


def queue_mail(
    session: Session,
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    language: str,
    at: datetime,
    **about: Unpack[About],
) -> None:
    """Write a mail into the transaction of what it tells of; the same key twice is one mail.

    What cannot be sent never undoes what it tells of: a mail to no address at all is dead from
    the start, and shown as such.
    """
    recipient = recipient_of(to)
    kind, number = about.get("entity") or ("", "")
    session.execute(
        _insert_once(session),
        {
            "key": key,
            "recipient": recipient or subject_of(to)[:RECIPIENT_LENGTH],
            "subject": subject_of(subject),
            "text": text,
            "html": about.get("html"),
            "language": language,
            "service_point_id": about.get("service_point_id"),
            "entity_type": kind,
            "entity_id": str(number)[:64],
            "state": MailState.QUEUED if recipient else MailState.DEAD,
            "attempts": 0,
            "last_error": None if recipient else NO_ADDRESS,
            "created_at": at,
        },
    )


def _insert_once(session: Session) -> Insert:
    """Return the insert that does nothing where the key is taken, also by another transaction."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(Mail).on_conflict_do_nothing(index_elements=[Mail.key])
    return mysql.insert(Mail).on_duplicate_key_update(key=Mail.key)
