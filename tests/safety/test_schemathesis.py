"""The served document against the served API: no 500, and answers as the document says."""

import itertools
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.extensions import db
from portal.web.access import public
from tests.safety.conftest import build, open_portal
from tests.safety.stage import Stage

pytestmark = pytest.mark.filterwarnings(  # files of answers are closed when they are collected
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES, EXAMPLES_ON_MARIADB = 20, 2
KNOWN: dict[str, Any] = {
    "sku": "SKU-1", "credit_type": "BRL", "number": 1, "table_id": 1, "edition_id": 1,
    "transaction": 8, "user_id": 3,
}  # fmt: skip
CODES = {"issuers": "AC-NORTE", "credit-policies": "LIMITE", "service-points": "SP-A"}


class Visit:
    """One round of all operations, as somebody with every permission."""

    def __init__(self, app: Flask, token: str, examples: int) -> None:
        self.app, self.examples = app, examples
        self.headers = {"Authorization": f"Bearer {token}"}
        self.found: list[str] = []
        self.answered: Counter[int] = Counter()

    def round(self, only: Collection[tuple[str, str]] = ()) -> None:
        """Call every operation with drawn values, every second one about what is there."""
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", self.app)
        for result in schema.get_all_operations():
            operation = result.ok()
            if not only or (operation.method, operation.path) in only:
                self._call(operation)

    def _call(self, operation: Any) -> None:
        drawn = itertools.count()

        @settings(
            max_examples=self.examples,
            deadline=None,
            derandomize=True,
            database=None,
            verbosity=Verbosity.quiet,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def once(case: Any) -> None:
            if next(drawn) % 2 == 0 and case.path_parameters:
                case.path_parameters |= known(operation.path, case.path_parameters)
            response = case.call(headers=self.headers)
            self.answered[response.status_code] += 1
            try:
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as error:
                self.found.append(f"{operation.method} {operation.path}: {error}")

        once()


def known(path: str, names: dict[str, Any]) -> dict[str, Any]:
    """Return values of addresses that lead to something."""
    code = next((code for part, code in CODES.items() if part in path), "SP-A")
    return {name: value for name, value in (KNOWN | {"code": code}).items() if name in names}


def assert_true_to_its_document(visit: Visit) -> None:
    assert not visit.found, "\n\n".join(["", *visit.found[:20]])
    assert {200, 201, 404, 422} <= set(visit.answered), visit.answered


def test_the_api_answers_as_its_document_says(stage: Stage) -> None:
    visit = Visit(stage.app, stage.person("administrator").token, EXAMPLES)

    visit.round()

    assert_true_to_its_document(visit)


def test_it_does_on_mariadb_too(make_database: Callable[[str], str]) -> None:
    url = make_database("mariadb")
    world = build(url)
    app = open_portal(url)
    visit = Visit(app, world.people["administrator"].token, EXAMPLES_ON_MARIADB)

    visit.round()

    with app.app_context():
        db.engine.dispose()
    assert_true_to_its_document(visit)


def test_an_answer_that_the_document_does_not_know_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.get("visitor", "/api/v1/openapi.json")  # it is made from the true views, and kept
    monkeypatch.setitem(
        stage.app.view_functions, "people_api.me", public(lambda: ({"user": "?"}, 200))
    )
    monkeypatch.setitem(
        stage.app.view_functions, "catalogue_api.list_issuers", public(lambda: ({}, 418))
    )
    visit = Visit(stage.app, stage.person("administrator").token, 2)
    visit.round({("get", "/api/v1/me"), ("get", "/api/v1/issuers")})

    assert len(set(visit.found)) >= 2
    assert any("418" in one for one in visit.found)
