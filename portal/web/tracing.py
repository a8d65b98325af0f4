"""The number of a request, by which logs, answers and audit find each other."""

import re
import secrets

from flask import Flask, Response, g, has_request_context, request

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}\Z")


def request_id() -> str:
    """Return the request's number: the one that came with it if it is sane, else a new one."""
    if not has_request_context():
        return ""
    try:
        return g.request_id  # type: ignore[no-any-return] # g holds anything
    except AttributeError:
        sent = request.environ.get("HTTP_X_REQUEST_ID", "")
        g.request_id = number = sent if _SANE.match(sent) else secrets.token_hex(12)
        return number


def register(app: Flask) -> None:
    """Put the number on every answer."""

    @app.after_request
    def _number(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        return response
