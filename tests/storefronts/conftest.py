"""A shop that is open, and somebody in it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.extensions import db
from tests.factories import make_user, sign_in
from tests.storefronts.factories import Stall, Visitor, make_stall


@pytest.fixture
def stall(session: Session) -> Stall:
    return make_stall(session)


@pytest.fixture
def visitor(client: FlaskClient, stall: Stall) -> Visitor:
    return Visitor(client, stall.path)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Note every statement that the portal sends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement != "BEGIN":
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def path(stall: Stall) -> str:
    """Return where those who run the shop find it."""
    return f"/service-points/{stall.point.code}/shop"


@pytest.fixture
def visit(app: Flask, session: Session) -> Callable[..., Any]:
    """Sign someone in by profile and service points, with a browser of their own."""

    def signed_in(profile: str, *points: Any) -> Any:
        visitor: Any = app.test_client()
        sign_in(visitor, make_user(session, profile, *points))
        return visitor

    return signed_in


@pytest.fixture
def owner(visit: Callable[..., Any], stall: Stall) -> Any:
    return visit("owner", stall.point)
