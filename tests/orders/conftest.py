"""What the tests of orders ask for."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.credit import services as credit
from portal.credit.queries import verification
from portal.orders import services as orders
from portal.orders.models import Order
from portal.orders.queries.verification import check_orders
from portal.payments import services as payments
from tests.factories import bearer, make_user
from tests.orders.factories import Shop, make_shop
from tests.orders.web_shops import WebShop, make_web_shop

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


@pytest.fixture
def introduced() -> Iterator[None]:
    """Let orders follow payments and credit, as the application does, and nobody else."""
    before = payments.on_paid[:], credit.on_arrival[:], orders.on_moved[:]
    asked = payments.before_refund[:]
    payments.on_paid[:] = [orders.follow_payment]
    payments.before_refund[:] = [orders.refuse_unplaced]
    credit.on_arrival[:] = [orders.follow_credit]
    orders.on_moved[:] = []
    if check_orders not in verification.further:
        verification.further.append(check_orders)
    yield
    payments.on_paid[:], credit.on_arrival[:], orders.on_moved[:] = before
    payments.before_refund[:] = asked


@pytest.fixture
def moves(introduced: None) -> list[tuple[int, str, str]]:
    """What those above orders are told: number, state before, state now."""
    heard: list[tuple[int, str, str]] = []

    def hear(session: Session, order: Order, before: str, by: Actor, at: datetime) -> None:
        heard.append((order.id, before, order.status))

    orders.on_moved.append(hear)
    return heard


@pytest.fixture
def web_shop(session: Session, engine: Engine, introduced: None) -> WebShop:
    """A shop whose service point receives the money, with 1000.00 of credit."""
    return make_web_shop(session, engine)


@pytest.fixture
def collected(session: Session, engine: Engine, introduced: None) -> WebShop:
    """A shop whose money headquarters receives, without any credit."""
    return make_web_shop(session, engine, credit_of=None, collects="headquarters")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note all packets that are sent from now on, with what their prepared statements say."""
    from pymysql.connections import Connection

    sent: list[str] = []
    prepared: dict[str, str] = {}
    usual = Connection._execute_command  # noqa: SLF001 - whatever goes over the wire passes here

    def note(self: Any, command: int, sql: Any) -> Any:
        text = sql if isinstance(sql, str) else bytes(sql).decode(errors="replace")
        if named := re.match(r"PREPARE (\w+) FROM (.*)", text, re.DOTALL):
            prepared[named[1]] = named[2]
        said = [prepared.get(name, "") for name in re.findall(r"EXECUTE (\w+)", text)]
        sent.append(" ".join([text, *said]))
        return usual(self, command, sql)

    monkeypatch.setattr(Connection, "_execute_command", note)
    return sent
