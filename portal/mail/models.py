"""Mails on their way out."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import LONG_TEXT, Base, Code, Key


class MailState(StrEnum):
    """Waiting to be sent, taken by the mail server, or given up."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"


class Mail(Base):
    """A mail, how far it is, and whoever is sending it at this moment.

    `next_try_at` and `leased_until` are the database's own time, `created_at` and `sent_at` the
    portal's: what decides who sends must not depend on a clock that somebody froze.
    """

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due", "state", "next_try_at", "id"),
        Index("ix_mails_service_point", "service_point_id", "id"),
        Index("ix_mails_entity", "entity_type", "entity_id"),
        CheckConstraint("state IN ('queued', 'sent', 'dead')", name="state"),
        CheckConstraint("attempts >= 0", name="attempts"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key]
    key: Mapped[Code] = mapped_column(unique=True)
    """What the mail tells of, such as `order-1042-placed`: told once, however often it happens."""
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(LONG_TEXT, deferred=True)
    html: Mapped[str | None] = mapped_column(LONG_TEXT, deferred=True)
    language: Mapped[str] = mapped_column(String(8))
    service_point_id: Mapped[int | None]
    """Whose people may see it; None is headquarters alone."""
    entity_type: Mapped[str] = mapped_column(String(32), default="")
    entity_id: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(8), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    """None is at once."""
    lease: Mapped[str | None] = mapped_column(String(32))
    """Drawn by whoever sends it now; nobody else may say what came of it."""
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
