"""What tests of mails ask for."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.mail.jobs import deliver_outbox
from tests.mail.post_office import MailServer, PostOffice

Deliver = Callable[..., str]


@pytest.fixture
def open_server() -> Iterator[Callable[..., MailServer]]:
    """Open mail servers: `open_server(auth_required=True, ...)`."""
    with contextlib.ExitStack() as stack:

        def make(**options: Any) -> MailServer:
            server = MailServer(**options)
            server.open()
            stack.callback(server.close)
            return server

        yield make


@pytest.fixture
def mail_server(open_server: Callable[..., MailServer]) -> MailServer:
    """Lend a mail server that takes everything."""
    return open_server()


@pytest.fixture
def office(mail_server: MailServer) -> PostOffice:
    """Return what the mail server was given, and how it behaves."""
    return mail_server.office


@pytest.fixture
def deliver(make_app: Callable[..., Flask], session: Session, mail_server: MailServer) -> Deliver:
    """Send the outbox, as the job does: `deliver(mail_url="")`."""
    apps: dict[str, Flask] = {}

    def run(mail_url: str = mail_server.url, **changes: Any) -> str:
        session.commit()
        key = f"{mail_url} {changes}"
        if key not in apps:
            apps[key] = make_app(mail_url=mail_url, **changes)
        with apps[key].app_context():
            return deliver_outbox()

    return run
