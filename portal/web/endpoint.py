"""The doors for other systems: declared once, checked and documented from the declaration."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import wraps
from typing import Any, Required, TypedDict, TypeVar, Unpack

import orjson
from flask import Blueprint, Flask, Response, g, request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import FileStorage
from werkzeug.routing import IntegerConverter

from portal.actors import Actor
from portal.errors import Invalid, NotFound, PreconditionFailed, invalid
from portal.extensions import csrf
from portal.web import access, idempotency, limits
from portal.web.answers import Answer, answer_of, plain_body, respond
from portal.web.problems import Malformed, NoForm, TooLarge
from portal.web.shape_errors import REQUIRED, invalid_shape
from portal.web.shapes import Query, Shape

API_PREFIX = "/api/v1"
MAX_JSON_BYTES = 1_000_000
MAX_ID = 2**63 - 1
ID_DIGITS = 20
"""Longer numbers are not even read: Python refuses some, and all are too large."""
NO_BODY = frozenset({"GET", "DELETE"})

View = TypeVar("View", bound=Callable[..., Any])
Costly = Callable[[dict[str, Any], Actor], Any]

__all__ = ["Answer", "Endpoints", "Operation", "Upload", "expected_version"]


class Nothing(Shape):
    """The body of a request that needs none."""


class NoQuery(Query):
    """The arguments of an address that takes none."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with a file: the file's field, how large it may be, the shape of the other fields."""

    field: str = "file"
    max_bytes: int = 20_000_000


class Declaration(TypedDict, total=False):
    """What an endpoint may declare; `permission` and `summary` it must.

    `status` is that of success. `body` and `query` are shapes, `answer` is a shape for the
    document, `upload` makes the body a form with a file. `keyed` endpoints need an
    Idempotency-Key and answer through `idempotency.answer_once`. `costly(body, actor)` takes out of
    a full answer what the actor may not see, also out of replays. `errors` are further statuses,
    `also` further ones of success, with the same answer; `files` are types of files that it may
    answer with instead. `raw` hands the body over as it came, for its bytes are signed.
    """

    permission: Required[str]
    summary: Required[str]
    status: int
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: Any
    upload: Upload | None
    raw: bool
    keyed: bool
    costly: Costly | None
    errors: tuple[int, ...]
    also: tuple[int, ...]
    content_type: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A declaration as it stands at its address: it checks the request and feeds the document."""

    method: str
    path: str
    permission: str
    summary: str
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: Any = None
    upload: Upload | None = None
    raw: bool = False
    keyed: bool = False
    costly: Costly | None = None
    errors: tuple[int, ...] = ()
    also: tuple[int, ...] = ()
    content_type: str = "application/json"
    files: tuple[str, ...] = ()
    tag: str = ""
    description: str = ""


class Endpoints:
    """The endpoints of a feature: a blueprint under /api/v1.

    A function declared here gets path values, `body` or `raw`, `query` and `file` as keywords and
    returns an Answer or its plain body.
    """

    def __init__(self, name: str, import_name: str) -> None:
        self.name = name
        self.blueprint = Blueprint(f"{name}_api", import_name, url_prefix=API_PREFIX)
        csrf.exempt(self.blueprint)

    def get(self, path: str, **declared: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a reading."""
        return self._declare("GET", path, declared)

    def post(self, path: str, **declared: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a creation or a move."""
        return self._declare("POST", path, declared)

    def put(self, path: str, **declared: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a replacement."""
        return self._declare("PUT", path, declared)

    def patch(self, path: str, **declared: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a change."""
        return self._declare("PATCH", path, declared)

    def delete(self, path: str, **declared: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a removal."""
        return self._declare("DELETE", path, declared)

    def _declare(self, method: str, path: str, declared: "Declaration") -> Callable[[View], View]:
        def decorate(function: View) -> View:
            operation = Operation(
                method, path, tag=self.name, description=function.__doc__ or "", **declared
            )
            view = _view(operation, function)
            self.blueprint.add_url_rule(path, function.__name__, view, methods=[method])
            return function

        return decorate


def _view(operation: Operation, function: Callable[..., Any]) -> Callable[..., Response]:
    """Prepare all that does not depend on the request, then return what serves one."""
    permission, keyed, costly = operation.permission, operation.keyed, operation.costly
    takes = _readers(operation)

    @wraps(function)
    def serve(**values: Any) -> Response:
        _let_in(permission)
        _no_padding(values)
        if keyed:
            idempotency.start(operation.status)
        try:
            for take in takes:
                take(values)
        except Invalid as refusal:
            if not keyed:
                raise
            return idempotency.refuse(refusal)
        returned = function(**values)
        if isinstance(returned, Response):  # a file
            return returned
        answer = answer_of(returned)
        if keyed:
            return idempotency.respond(answer, operation.status, costly)
        if costly is not None:
            answer = _without_costs(answer, costly)
        return respond(answer, operation.status, operation.content_type)

    serve.permission = permission  # type: ignore[attr-defined] # read by the matrix of the suite
    serve.operation = operation  # type: ignore[attr-defined] # read by the OpenAPI document
    return serve


def _let_in(permission: str) -> None:
    if permission == access.PUBLIC:
        return
    limits.count(access.current_actor())
    access.check(permission)


def _no_padding(values: dict[str, Any]) -> None:
    """Find nothing by a code with blanks around it: none has any, but MariaDB passes over some."""
    for value in values.values():
        if isinstance(value, str) and value != value.strip():
            raise NotFound


def _without_costs(answer: Answer, costly: Costly) -> Answer:
    body = costly(plain_body(answer.body), access.actor())
    return Answer(body, answer.status, answer.etag, answer.headers)


def _readers(operation: Operation) -> list[Callable[[dict[str, Any]], None]]:
    readers: list[Callable[[dict[str, Any]], None]] = []
    if not operation.raw:
        readers.append(_query_reader(operation.query or NoQuery))
    if operation.upload is not None:
        readers.append(_form_reader(operation.upload, operation.body))
    elif operation.raw:
        readers.append(_read_raw)
    elif operation.method not in NO_BODY or operation.body is not None:
        readers.append(_body_reader(operation.body))
    return readers


def _query_reader(shape: type[BaseModel]) -> Callable[[dict[str, Any]], None]:
    def read(values: dict[str, Any]) -> None:
        values["query"] = _checked(shape, request.args.to_dict())

    def read_none(_values: dict[str, Any]) -> None:
        if request.query_string:
            _checked(shape, request.args.to_dict())

    return read_none if shape is NoQuery else read


def _read_raw(values: dict[str, Any]) -> None:
    values["raw"] = _sent()


def _sent() -> bytes:
    """Return the request's body; TooLarge when there is more of it than is taken.

    Of a body that comes in chunks no more is read than the limit, without a word of the rest.
    """
    request.max_content_length = MAX_JSON_BYTES
    raw = request.get_data(cache=False)
    if request.content_length is None and len(raw) >= MAX_JSON_BYTES:
        raise TooLarge
    return raw


def _body_reader(shape: type[BaseModel] | None) -> Callable[[dict[str, Any]], None]:
    wanted = shape or Nothing
    may_be_missing = not any(field.is_required() for field in wanted.model_fields.values())

    def read(values: dict[str, Any]) -> None:
        g.json = sent = read_json(may_be_missing=may_be_missing)
        body = _checked(wanted, sent)
        if shape is not None:
            values["body"] = body

    return read


def _form_reader(upload: Upload, shape: type[BaseModel] | None) -> Callable[[dict[str, Any]], None]:
    def read(values: dict[str, Any]) -> None:
        request.max_content_length = upload.max_bytes
        if request.mimetype != "multipart/form-data":
            raise NoForm
        if shape is not None:
            values["body"] = _checked(shape, request.form.to_dict())
        values["file"] = _file(upload.field)

    return read


def _file(name: str) -> FileStorage:
    file = request.files.get(name)
    if file is None or not file.filename:
        raise invalid(name, REQUIRED, "required")
    return file


def _checked(shape: type[BaseModel], sent: Any) -> BaseModel:
    try:
        return shape.model_validate(sent)
    except ValidationError as error:
        raise invalid_shape(error) from None


def read_json(*, may_be_missing: bool = False) -> Any:
    """Return the request's JSON with its numbers as Decimal; Malformed when it is none."""
    raw = _sent()
    if not raw and may_be_missing:
        return {}
    if request.mimetype != "application/json":
        raise Malformed
    try:
        if b"\\u" in raw:
            orjson.loads(raw)  # refuses halves of surrogate pairs, which no database stores
        return _decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed from None


def _refuse_constant(_name: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


_decode = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant).decode


def expected_version() -> int | None:
    """Return the version that If-Match asks for; None when any will do."""
    header = request.headers.get("If-Match", "").strip()
    if header in {"", "*"}:
        return None
    number = header.strip('"')
    if header != f'"{number}"' or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise PreconditionFailed
    return int(number)


class _Id(IntegerConverter):
    """A number in an address; one that no table can hold becomes the last one, which none has.

    Refused here it would leave the address to what stands there for other methods: 405, not 404.
    """

    def to_python(self, value: str) -> int:
        return min(int(value), MAX_ID) if len(value) < ID_DIGITS else MAX_ID


def register(app: Flask) -> None:
    """Bound the numbers in addresses; to be called before any blueprint is registered."""
    app.url_map.converters["int"] = _Id
