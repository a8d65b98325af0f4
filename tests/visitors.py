"""Who asks in tests, and at what time: the client and the clock in the test's hand."""

import os
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from portal import clock

ZONE = "America/Sao_Paulo"


class PortalClient(FlaskClient):
    """A visitor of the portal, with a cookie jar of its own."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Commit what the test has given, then ask."""
        for session in self.application.config["OPEN_SESSIONS"]:
            session.commit()
        return super().open(*args, **kwargs)

    def csrf_token(self) -> str:
        """Return a token that forms of this visitor carry."""
        with self.session_transaction() as cookie:
            known = cookie.setdefault("csrf_token", os.urandom(20).hex())
        secret = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(known))

    def submit(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form as its page would: with its token, and with where it comes from."""
        origin = {"Origin": str(kwargs.get("base_url", "http://localhost"))}
        headers = origin | dict(kwargs.pop("headers", None) or {})
        sent = {"csrf_token": self.csrf_token(), **(data or {})}
        return self.post(path, data=sent, headers=headers, **kwargs)


class MovableClock:
    """The portal's one clock, in the test's hand."""

    def now(self) -> datetime:
        """Return the present instant."""
        return clock.now()

    def move_to(self, moment: datetime | str) -> datetime:
        """Stand still at a moment; a text is RFC 3339."""
        text = moment if isinstance(moment, str) else moment.isoformat()
        clock.configure(timezone=ZONE, now=text)
        return self.now()

    def advance(self, **delta: float) -> datetime:
        """Move on, by the words of timedelta: `advance(days=1)`."""
        return self.move_to(self.now() + timedelta(**delta))
