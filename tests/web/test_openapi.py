"""The document of the API is made from the code, so that it is true."""

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from portal.web.openapi import build, operations


@pytest.fixture
def document(site: Callable[..., Flask]) -> Any:
    return site().test_client().get("/api/v1/openapi.json").json


def every(document: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_endpoint_is_in_it(site: Callable[..., Flask]) -> None:
    app = site()
    document = build(app)

    assert document["openapi"] == "3.1.0"
    assert sum(1 for _ in every(document)) == len(operations(app)) > 10
    assert "/api/v1/purses/{code}" in document["paths"]


def test_its_numbers_of_operations_are_unique(document: Any) -> None:
    numbers = [operation["operationId"] for _, _, operation in every(document)]

    assert len(numbers) == len(set(numbers))


def test_its_shapes_are_valid_json_schema(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        whole = {**schema, "components": document["components"]}
        jsonschema_rs.Draft202012Validator(whole)


def test_every_reference_leads_somewhere(document: Any) -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for one in value.values():
                yield from references(one)
        if isinstance(value, list):
            for one in value:
                yield from references(one)

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def test_a_keyed_endpoint_asks_for_its_key(document: Any) -> None:
    keyed = document["paths"]["/api/v1/coins"]["post"]

    (key,) = (one for one in keyed["parameters"] if one["name"] == "Idempotency-Key")
    assert key["required"]
    assert "Idempotent-Replayed" in keyed["responses"]["201"]["headers"]
    assert {"400", "401", "403", "404", "409", "422", "429", "503"} <= set(keyed["responses"])


def test_a_change_may_name_the_version_it_was_made_from(document: Any) -> None:
    change = document["paths"]["/api/v1/purses/{code}"]["patch"]

    assert [one["name"] for one in change["parameters"]] == ["code", "If-Match"]
    assert "412" in change["responses"]


def test_lists_tell_their_arguments(document: Any) -> None:
    parameters = document["paths"]["/api/v1/purses"]["get"]["parameters"]

    by_name = {one["name"]: one for one in parameters}
    assert set(by_name) == {"limit", "cursor", "since"}
    assert by_name["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 500}
    assert by_name["since"]["schema"]["format"] == "date"


def test_a_file_is_sent_as_a_form(document: Any) -> None:
    body = document["paths"]["/api/v1/files"]["post"]["requestBody"]

    schema = body["content"]["multipart/form-data"]["schema"]
    assert set(schema["properties"]) == {"name", "dry_run", "file"}
    assert schema["required"] == ["name", "file"]


def test_the_public_door_needs_no_token(document: Any) -> None:
    assert document["security"] == [{"token": []}]
    assert document["paths"]["/api/v1/open"]["get"]["security"] == []
    assert "401" not in document["paths"]["/api/v1/open"]["get"]["responses"]


def test_numbers_are_described_as_they_are_taken(document: Any) -> None:
    line = document["components"]["schemas"]["CoinLineIn"]
    whole = {**line, "components": document["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole)

    assert validator.is_valid({"sku": "A", "quantity": "1.5"})
    assert validator.is_valid({"sku": "A", "quantity": 2})
    assert not validator.is_valid({"sku": "A", "quantity": "1,5"})
    assert not validator.is_valid({"sku": "a/b", "quantity": "1"})
    assert not validator.is_valid({"sku": "A", "quantity": "1", "cost": "1"})


def test_people_read_it_as_a_page(site: Callable[..., Flask]) -> None:
    page = site().test_client().get("/api/v1/docs")

    assert page.status_code == 200
    assert "/api/v1/coins" in page.text
    assert "Idempotency-Key" in page.text
    assert "https://" not in page.text
    assert " style=" not in page.text
    assert "with a <code>code</code>." in page.text
    assert "`" not in page.text
