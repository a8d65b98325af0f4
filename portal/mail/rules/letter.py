"""What a mail is made of when it leaves."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from ipaddress import ip_address

import css_inline

from portal.config import MailServer


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is to be sent."""

    key: str
    recipient: str
    subject: str
    text: str
    html: str | None
    language: str
    created_at: datetime


def sender_of(mail_from: str, server: MailServer) -> Address:
    """Return who mails are from: as the installation says, else somebody at the mail server."""
    name, spec = parseaddr(mail_from)
    if spec:
        return Address(name, addr_spec=spec)
    spec = server.user if "@" in server.user else f"repasse@{_domain(server.host)}"
    return Address("Repasse", addr_spec=spec)


def compose(letter: Letter, sender: Address, css: str) -> EmailMessage:
    """Return the message; ValueError when a header cannot hold what it should.

    The Message-ID comes from the key: a mail that had to be sent twice is the same mail to
    whoever sorts double ones out.
    """
    message = EmailMessage(SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=letter.recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{sha256(letter.key.encode()).hexdigest()[:32]}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html is not None:
        message.add_alternative(_dressed(letter.html, css), subtype="html")
    message["Content-Language"] = letter.language  # what sets a content drops such headers
    return message


def _dressed(html: str, css: str) -> str:
    """Put the styles into the tags; nothing is fetched from anywhere."""
    inliner = css_inline.CSSInliner(extra_css=css, load_remote_stylesheets=False)
    return inliner.inline(html)


def _domain(host: str) -> str:
    try:
        ip_address(host)
    except ValueError:
        return host if "." in host else "localhost"
    return "localhost"
