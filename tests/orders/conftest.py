"""What the tests of orders ask for."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import bearer, make_user
from tests.orders.factories import Shop, make_shop

_keys = count(1)


class Caller:
    """Another system with a token."""

    def __init__(self, client: Any, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request; POSTs carry a key of their own unless one is given."""
        headers = {"Idempotency-Key": f"key-{next(_keys)}"} if method == "POST" else {}
        headers |= self.headers | more.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Send a POST."""
        return self.ask("POST", path, {} if body is None else body, **more)

    def get(self, path: str) -> Any:
        """Send a GET."""
        return self.ask("GET", path)

    def patch(self, path: str, body: Any, **more: Any) -> Any:
        """Send a PATCH."""
        return self.ask("PATCH", path, body, **more)


@pytest.fixture
def shop(app: Flask, session: Session) -> Shop:
    """A service point that can order."""
    return make_shop(session)


@pytest.fixture
def caller(app: Flask, session: Session, shop: Shop) -> Callable[[str], Caller]:
    """Let a profile's user of the shop, or of headquarters, call."""

    def make(profile: str = "owner", of: Shop | None = shop) -> Caller:
        user = make_user(session, profile, *([of.point] if of else []))
        return Caller(app.test_client(), bearer(session, user))

    return make


@pytest.fixture
def owner(caller: Callable[..., Caller]) -> Caller:
    """The shop's owner."""
    return caller("owner")


@pytest.fixture
def seller(caller: Callable[..., Caller]) -> Caller:
    """The shop's seller, who sees no costs."""
    return caller("seller")
