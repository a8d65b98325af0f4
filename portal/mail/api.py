"""Mails over HTTP: what became of each."""

from typing import Any, Literal

from portal.mail.models import Mail
from portal.mail.queries import mails
from portal.transactions import read
from portal.web.access import actor
from portal.web.endpoint import Endpoints
from portal.web.lists import api_page
from portal.web.shapes import ListQuery, Moment, Shape

api = Endpoints("mail", __name__)


class AboutOut(Shape):
    """What a mail tells of."""

    type: str
    id: str


class MailOut(Shape):
    """A mail without its text, and how far it is; `key` says what it tells of."""

    id: int
    key: str
    to: str
    subject: str
    language: str
    about: AboutOut | None
    state: Literal["queued", "sent", "dead"]
    attempts: int
    next_try_at: Moment | None
    last_error: str | None
    created_at: Moment
    sent_at: Moment | None


class MailsOut(Shape):
    """A page of mails."""

    items: list[MailOut]
    next: str | None


class MailQuery(ListQuery):
    """`state` narrows to mails that wait, were sent, or were given up."""

    state: Literal["queued", "sent", "dead"] | None = None


@api.get(
    "/mails",
    permission="operations.view",
    query=MailQuery,
    answer=MailsOut,
    summary="List mails and what became of them",
)
def list_mails(query: MailQuery) -> dict[str, Any]:
    """The newest first; people of service points see those about their own."""
    wanted = mails(actor())
    if query.state is not None:
        wanted = wanted.where(Mail.state == query.state)
    return read(
        api_page, wanted, _shown, order=(Mail.id.desc(),), cursor=query.cursor, limit=query.limit
    )


def _shown(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "key": mail.key,
        "to": mail.recipient,
        "subject": mail.subject,
        "language": mail.language,
        "about": {"type": mail.entity_type, "id": mail.entity_id} if mail.entity_type else None,
        "state": mail.state,
        "attempts": mail.attempts,
        "next_try_at": mail.next_try_at,
        "last_error": mail.last_error,
        "created_at": mail.created_at,
        "sent_at": mail.sent_at,
    }
