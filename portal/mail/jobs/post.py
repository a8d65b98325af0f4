"""The way to the mail server, and what its answers mean."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from portal.config import MailServer
from portal.mail.errors import MailServerAway
from portal.mail.services import Outcome

PATIENCE_SECONDS = 20
"""For each answer of the server; a mail takes a handful of them, well within its lease."""
_FOR_GOOD = range(500, 600)


class Interrupted(Exception):
    """The connection broke, or the server wants no more: nothing else goes this way now."""

    def __init__(self, error: Exception) -> None:
        super().__init__(_said(error))


@contextmanager
def connected(server: MailServer, domain: str) -> Iterator[smtplib.SMTP]:
    """Open the way to the server; MailServerAway says why it is closed."""
    try:
        post = _connect(server, domain)
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerAway(reason=_said(error)) from error
    try:
        yield post
    finally:
        with suppress(OSError, smtplib.SMTPException):
            post.quit()
        post.close()


def _connect(server: MailServer, domain: str) -> smtplib.SMTP:
    where = (server.host, server.port)
    if server.tls == "tls":
        trusted = ssl.create_default_context()
        post: smtplib.SMTP = smtplib.SMTP_SSL(
            *where, domain, timeout=PATIENCE_SECONDS, context=trusted
        )
    else:
        post = smtplib.SMTP(*where, domain, timeout=PATIENCE_SECONDS)
    try:
        if server.tls == "starttls":
            post.starttls(context=ssl.create_default_context())
        if server.user:
            post.login(server.user, server.password)
    except (OSError, smtplib.SMTPException):
        post.close()
        raise
    return post


def hand_over(post: smtplib.SMTP, message: EmailMessage) -> Outcome:
    """Give the server one mail; Interrupted when it may, or may not, have taken it."""
    try:
        post.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        ((code, answer),) = refused.recipients.values()
        return _refused(code, answer)
    except smtplib.SMTPDataError as refused:
        return _refused(refused.smtp_code, refused.smtp_error)
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        return Outcome(_said(error), final=True)
    except (OSError, smtplib.SMTPException) as error:
        raise Interrupted(error) from error
    return Outcome()


def _refused(code: int, answer: bytes | str) -> Outcome:
    return Outcome(_answer(code, answer), final=code in _FOR_GOOD)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"
