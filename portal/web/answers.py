"""What an endpoint answers with, and how it becomes bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response
from pydantic import BaseModel

JSON = "application/json"
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with what goes around it; `status` None takes the declared one.

    `etag` is the version of what is answered. `service_point_id` says whose it is: a replay is
    given only to those who still see that service point. `own_number` is the path at which the
    body holds the number of the very row that stores the answer: known once that row is there.
    """

    body: Any = None
    status: int | None = None
    etag: int | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    service_point_id: int | None = None
    own_number: tuple[str, ...] = ()


def answer_of(returned: Any) -> Answer:
    """Take what a view returned: an Answer, or the plain body of one."""
    return returned if isinstance(returned, Answer) else Answer(returned)


def plain_body(body: Any) -> Any:
    """Return a body as plain values; fields of a shape that were never set are absent."""
    if isinstance(body, BaseModel):
        return body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return body


def json_bytes(body: Any) -> bytes:
    """Write JSON; amounts must have become strings before (orjson refuses Decimal)."""
    return orjson.dumps(plain_body(body), default=plain_values, option=_OPTIONS)


def plain_values(value: Any) -> Any:
    """Write a shape inside a plain body."""
    if isinstance(value, BaseModel):
        return plain_body(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def respond(answer: Answer, status: int, content_type: str = JSON) -> Response:
    """Make the response."""
    code = answer.status or status
    response = Response(
        b"" if code == 204 else json_bytes(answer.body), code, content_type=content_type
    )
    if answer.etag is not None:
        response.headers["ETag"] = f'"{answer.etag}"'
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response
