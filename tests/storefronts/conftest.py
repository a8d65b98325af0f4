"""A shop that is open, and somebody in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.extensions import db
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
