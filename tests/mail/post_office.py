"""A real mail server, which can be slow, refuse, or hang up in the middle."""

import asyncio
import email
import email.policy
import threading
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.databases import HOST, free_port

TAKEN = "250 OK"


class PostOffice:
    """What the server was given, and how it behaves.

    `rcpt` and `data` answer a recipient or a letter otherwise than with yes; `hang_up` breaks the
    connection when a letter is complete, before it is answered, having taken it or not.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.sign_ins: list[tuple[str, str]] = []
        self.rcpt: dict[str, str] = {}
        self.data: dict[str, str] = {}
        self.hang_up: str | None = None
        self.pause = 0.0
        self.reading = threading.Event()
        """Set when a letter has arrived whole, before it is answered."""

    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters]

    async def handle_RCPT(  # noqa: N802 - the server's word
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(  # noqa: N802 - the server's word
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        letter = email.message_from_bytes(content, policy=email.policy.default)
        letter["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.reading.set()
        if self.pause:
            await asyncio.sleep(self.pause)
        if self.hang_up == "before":
            server.transport.close()
            return "451 gone"
        answer = self.data.get(str(letter["Subject"]), TAKEN)
        if answer == TAKEN:
            self.letters.append(letter)
        if self.hang_up == "after":
            server.transport.close()
        return answer

    def sign_in(self, _server: Any, _session: Any, _envelope: Any, _how: str, who: Any) -> Any:
        self.sign_ins.append((who.login.decode(), who.password.decode()))
        return AuthResult(success=who.password == b"p@ss/word", handled=False)


class MailServer:
    """The server on a port of its own, which may be closed and opened again."""

    def __init__(self, **options: Any) -> None:
        self.office = PostOffice()
        self.port = free_port()
        self.options = {"authenticator": self.office.sign_in, **options}
        self.controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    def open(self) -> None:
        self.controller = Controller(self.office, hostname=HOST, port=self.port, **self.options)
        self.controller.start()

    def close(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None
