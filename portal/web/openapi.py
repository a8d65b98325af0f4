"""The OpenAPI 3.1 document, made from the endpoints' declarations, and its readable page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template
from markupsafe import Markup, escape
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from werkzeug.routing import Rule

from portal.extensions import csrf
from portal.web.access import PUBLIC, SIGNED_IN, public
from portal.web.answers import JSON
from portal.web.endpoint import API_PREFIX, NO_BODY, Operation
from portal.web.problems import PROBLEM_JSON

VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
_CONVERTERS = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_ALWAYS = (400, 404, 405, 503)

_PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457). `code` is what systems act on.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": REF.format(model="FieldProblem")}},
    },
}
_FIELD_PROBLEM = {
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {
        "field": {"type": "string", "description": "A path such as `lines[2].quantity`."},
        "code": {"type": "string"},
        "message": {"type": "string"},
    },
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "One key per business operation, made before the first try. Kept for ever.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,64}$", "minLength": 1, "maxLength": 64},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read; 412 if it has changed since.",
    "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,18}")$', "examples": ['"3"']},
}
_RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def register(app: Flask) -> None:
    """Serve the document and its page, to everybody."""
    pages = Blueprint("openapi", __name__, url_prefix=API_PREFIX)
    csrf.exempt(pages)
    pages.add_url_rule("/openapi.json", "document", public(_document))
    pages.add_url_rule("/docs", "docs", public(_docs))
    app.register_blueprint(pages)
    app.extensions["openapi"] = cache(lambda: build(app))


def _document() -> Response:
    return Response(orjson.dumps(current_app.extensions["openapi"]()), content_type=JSON)


def _docs() -> str:
    document = current_app.extensions["openapi"]()
    return render_template(
        "api/docs.html", document=document, groups=_groups(document), marked=_marked
    )


def _marked(text: str) -> Markup:
    """Return a description as the page writes it: what stands between backticks is code."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(text.split("`"))
    )


def operations(app: Flask) -> list[tuple[Rule, Operation]]:
    """Return what the application's endpoints declare, in the order of their addresses."""
    found = [
        (rule, operation)
        for rule in app.url_map.iter_rules()
        if (operation := getattr(app.view_functions[rule.endpoint], "operation", None))
    ]
    return sorted(found, key=lambda pair: (pair[0].rule, pair[1].method))


def build(app: Flask) -> dict[str, Any]:
    """Return the document."""
    declared = operations(app)
    shapes = _shapes(operation for _, operation in declared)
    apart = [kind for _, operation in declared for kind in _apart(operation)]
    paths: dict[str, dict[str, Any]] = {}
    for rule, operation in declared:
        path = _CONVERTERS.sub(r"{\1}", rule.rule)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(rule, operation, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Repasse",
            "version": VERSION,
            "description": "Amounts, prices, percents and quantities are strings. Days are"
            " YYYY-MM-DD, instants RFC 3339 in UTC. Refusals are problem+json with a `code`.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {
                **shapes.components(apart),
                "Problem": _PROBLEM,
                "FieldProblem": _FIELD_PROBLEM,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The schemas of all that endpoints take and answer; those with a name are referred to."""

    by_kind: dict[tuple[Any, JsonSchemaMode], dict[str, Any]]
    named: dict[str, dict[str, Any]]

    def taken(self, kind: Any) -> dict[str, Any]:
        """Return the schema of what is taken."""
        return self.by_kind[kind, "validation"]

    def answered(self, kind: Any) -> dict[str, Any]:
        """Return the schema of what is answered."""
        return self.by_kind[kind, "serialization"]

    def fields(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a shape itself, where its fields stand apart: arguments, forms."""
        schema = self.taken(kind)
        return self.named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def components(self, apart: Iterable[Any]) -> dict[str, Any]:
        """Return the named schemas, without the shapes whose fields stand apart."""
        left_out = {self.taken(kind).get("$ref", "").rpartition("/")[2] for kind in apart}
        return {name: schema for name, schema in self.named.items() if name not in left_out}


def _shapes(declared: Iterable[Operation]) -> _Shapes:
    wanted: dict[tuple[Any, JsonSchemaMode], None] = {}
    for operation in declared:
        for kind in filter(None, (operation.body, operation.query)):
            wanted[kind, "validation"] = None
        if operation.answer is not None:
            wanted[operation.answer, "serialization"] = None
    by_kind, together = TypeAdapter.json_schemas(
        [((kind, mode), mode, TypeAdapter(kind)) for kind, mode in wanted], ref_template=REF
    )
    return _Shapes(
        {kind: schema for (kind, _), schema in by_kind.items()}, together.get("$defs", {})
    )


def _apart(operation: Operation) -> Iterable[Any]:
    """Return the shapes of an endpoint that are written out field by field."""
    form = operation.body if operation.upload is not None else None
    return filter(None, (operation.query, form))


def _operation(rule: Rule, operation: Operation, shapes: _Shapes) -> dict[str, Any]:
    written: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_").replace("_api_", "_"),
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(rule, operation, shapes),
        "responses": _responses(operation, shapes),
    }
    if text := " ".join(operation.description.split()):
        written["description"] = text
    if operation.permission == PUBLIC:
        written["security"] = []
    elif operation.permission != SIGNED_IN:
        written["x-permission"] = operation.permission
    if (body := _body(operation, shapes)) is not None:
        written["requestBody"] = body
    return written


def _parameters(rule: Rule, operation: Operation, shapes: _Shapes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(rule, name)}
        for name in sorted(rule.arguments)
    ]
    if operation.query is not None:
        found += _query_parameters(operation.query, shapes)
    if operation.keyed:
        found.append(_KEY)
    if operation.method in {"PUT", "PATCH"}:
        found.append(_IF_MATCH)
    return found


def _path_schema(rule: Rule, name: str) -> dict[str, Any]:
    if f"<int:{name}>" in rule.rule:
        return {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    return {"type": "string", "minLength": 1}


def _query_parameters(shape: type[BaseModel], shapes: _Shapes) -> list[dict[str, Any]]:
    schema = shapes.fields(shape)
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(one)}
        for name, one in schema.get("properties", {}).items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Take `null` out: an argument is there or not."""
    kept = {name: value for name, value in schema.items() if name not in {"title", "default"}}
    choices = [one for one in kept.pop("anyOf", ()) if one.get("type") != "null"]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


def _body(operation: Operation, shapes: _Shapes) -> dict[str, Any] | None:
    if operation.upload is not None:
        return {
            "required": True,
            "content": {"multipart/form-data": {"schema": _form(operation, shapes)}},
        }
    if operation.raw:
        return {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}
    if operation.body is None or operation.method in NO_BODY:
        return None
    required = any(field.is_required() for field in operation.body.model_fields.values())
    return {"required": required, "content": {JSON: {"schema": shapes.taken(operation.body)}}}


def _form(operation: Operation, shapes: _Shapes) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    required: list[str] = []
    if operation.body is not None:
        schema = shapes.fields(operation.body)
        fields = {name: _without_null(one) for name, one in schema.get("properties", {}).items()}
        required = list(schema.get("required", ()))
    upload = operation.upload
    name = upload.field if upload is not None else "file"
    fields[name] = {"type": "string", "contentMediaType": "application/octet-stream"}
    return {
        "type": "object",
        "properties": fields,
        "required": [*required, name],
        "additionalProperties": False,
    }


def _responses(operation: Operation, shapes: _Shapes) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.status != HTTPStatus.NO_CONTENT:
        good["content"] = {operation.content_type: {"schema": _answer_schema(operation, shapes)}}
        good["content"] |= {kind: {"schema": {}} for kind in operation.files}
    if operation.keyed:
        good["headers"] = {
            "Idempotent-Replayed": {
                "description": "`true` when this is the first answer again.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    fine = {str(code): good for code in (operation.status, *operation.also)}
    return fine | {str(code): _problem(code) for code in _codes(operation)}


def _answer_schema(operation: Operation, shapes: _Shapes) -> dict[str, Any]:
    return {} if operation.answer is None else shapes.answered(operation.answer)


def _codes(operation: Operation) -> list[int]:
    """Return the statuses of refusals that the endpoint may answer with."""
    codes = {*_ALWAYS, *operation.errors}
    if operation.permission != PUBLIC:
        codes |= {401, 429}
        codes |= {403} if operation.permission != SIGNED_IN else set()
    if operation.query is not None or operation.method not in NO_BODY:
        codes.add(422)
    if operation.method != "GET":
        codes |= {409, 413}
    if operation.method in {"PUT", "PATCH"}:
        codes.add(412)
    return sorted(codes)


def _problem(code: int) -> dict[str, Any]:
    written: dict[str, Any] = {
        "description": HTTPStatus(code).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": REF.format(model="Problem")}}},
    }
    if code in {429, 503}:
        written["headers"] = _RETRY
    return written


def _groups(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """Return the operations by feature, for the page."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return groups
