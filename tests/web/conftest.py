"""A small feature of the tests' own, behind the portal's own doors."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.web import access
from tests.web.site import PEOPLE, doors


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Callable[..., Flask]:
    """Build the portal with the tests' feature, where a token is the name of one of PEOPLE."""

    def make(**changes: Any) -> Flask:
        app = make_app(**changes)
        access.load_with(lambda: None, by_name)(app)
        for blueprint in doors():
            app.register_blueprint(blueprint)
        return app

    return make


def by_name(token: str) -> Any:
    """Find who a token stands for."""
    found = PEOPLE.get(token)
    return replace(found) if found else None
