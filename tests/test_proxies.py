"""Behind a proxy: whose word counts about where a request comes from."""

from collections.abc import Callable

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal.web.access import public

SENT = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https, https"}


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        (0, "127.0.0.1 http"),
        (1, "198.51.100.7 https"),
        (2, "203.0.113.9 https"),
        (3, "127.0.0.1 http"),
    ],
)
def test_only_as_many_proxies_are_believed_as_were_named(
    make_app: Callable[..., Flask], proxies: int, seen: str
) -> None:
    app = make_app(trusted_proxies=proxies)
    app.add_url_rule("/where", "where", public(_where))

    answer = app.test_client().get("/where", headers=SENT)

    assert answer.text == seen


def _where() -> ResponseReturnValue:
    return f"{request.remote_addr} {request.scheme}"
