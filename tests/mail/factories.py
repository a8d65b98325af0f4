"""Mails as tests need them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.mail.models import Mail
from portal.mail.services import queue_mail

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def make_mail(session: Session, number: int = 1042, **changes: Any) -> Mail:
    """Queue a mail about an order, and return its row."""
    facts: dict[str, Any] = {
        "key": f"order-{number}-placed",
        "to": "ana@cliente.example",
        "subject": f"Pedido {number} confirmado",
        "text": "Olá, Ana.\n",
        "language": "pt-BR",
        "at": NOON,
    }
    queue_mail(session, **facts | changes)
    return session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()
