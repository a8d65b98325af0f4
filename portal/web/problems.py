"""Refusals and failures: problem+json for other systems, a page for people."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from portal.errors import Busy, Conflict, NotFound, PortalError, Problem, Refused
from portal.i18n import N_
from portal.transactions import GONE, LOST
from portal.web import filters, logs
from portal.web.access import current_actor, is_api
from portal.web.tracing import request_id

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 1
PATIENCE_BYTES = 1_000_000
"""How much of a refused request is read to its end: an order of many lines, not a file."""


class Malformed(PortalError):
    """It cannot be read at all."""

    status = 400
    code = "malformed"
    text = N_("The request could not be read: JSON in UTF-8 is expected.")


class NoForm(Malformed):
    """A file is expected, in a form."""

    text = N_(
        "The request could not be read: a form with a file (multipart/form-data) is expected."
    )


class TooMany(PortalError):
    """More requests than allowed."""

    status = 429
    code = "too_many_requests"
    text = N_("Too many requests. Wait %(seconds)s seconds.")


class BadForm(PortalError):
    """A page's form came without its token, or from elsewhere."""

    status = 403
    code = "form_expired"
    text = N_("The form has expired. Load the page again and repeat.")


class TooLarge(PortalError):
    """More bytes than the address takes."""

    status = 413
    code = "too_large"
    text = N_("The request is too large.")


class Clash(Conflict):
    """The database refused a second row of its kind, or one whose other end is gone."""


class OutOfRange(Refused):
    """The database refused a value that no check before it did."""

    code = "invalid"
    text = N_("A value is out of range.")


def explain(error: PortalError) -> str:
    """Return the reason in the reader's language, without figures that the reader may not see."""
    return _words(error, sees_costs=_sees_costs())


def explain_problem(problem: Problem) -> str:
    """Return what is wrong with one field, in the reader's language."""
    return _filled(problem.text, problem.facts)


def _words(error: PortalError, *, sees_costs: bool) -> str:
    if error.costly and not sees_costs:
        kept = {name: fact for name, fact in error.facts.items() if name not in error.costly}
        return _filled(error.plain_text or Refused.text, kept)
    return _filled(error.text, error.facts)


def _filled(text: str, facts: Mapping[str, Any]) -> str:
    words = gettext(text)
    try:
        return (
            words % {name: _spoken(name, fact) for name, fact in facts.items()} if facts else words
        )
    except (KeyError, ValueError, TypeError):
        return words


def _spoken(name: str, fact: Any) -> Any:
    """Write a fact for people: a Decimal of two decimals is money unless its name tells."""
    if isinstance(fact, Decimal):
        if "percent" in name or "quantity" in name or fact.as_tuple().exponent != -2:
            return filters.quantity(fact)
        return filters.money_brl(fact)
    if isinstance(fact, datetime):
        return filters.moment(fact)
    if isinstance(fact, date):
        return filters.day(fact)
    return gettext(fact) if name == "what" and fact else fact


def document(error: PortalError, *, sees_costs: bool) -> dict[str, Any]:
    """Return the members of the problem (RFC 9457, API.md)."""
    costly = () if sees_costs else error.costly
    members = {
        n: _written(error.facts[n]) for n in error.members if n in error.facts and n not in costly
    }
    return {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": _words(error, sees_costs=sees_costs),
        "code": error.code,
        "errors": [
            {"field": one.field, "code": one.code, "message": explain_problem(one)}
            for one in error.problems
        ],
        **members,
    }


def _written(fact: Any) -> Any:
    if isinstance(fact, Decimal):
        return f"{fact:f}"
    if isinstance(fact, Mapping):
        return {str(name): _written(value) for name, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [_written(value) for value in fact]
    if isinstance(fact, datetime):
        return fact.isoformat().replace("+00:00", "Z")
    if isinstance(fact, date):
        return fact.isoformat()
    return fact if isinstance(fact, int | str | None) else str(fact)


def problem_response(body: Mapping[str, Any] | bytes, status: int) -> Response:
    """Make the response of a problem."""
    written = body if isinstance(body, bytes) else orjson.dumps(body, default=str)
    response = Response(written, status, content_type=PROBLEM_JSON)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="repasse"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def answer(error: PortalError) -> ResponseReturnValue:
    """Answer with a refusal: as JSON to other systems, as a page to people."""
    if is_api():
        response = problem_response(document(error, sees_costs=_sees_costs()), error.status)
    else:
        words = Malformed.status if isinstance(error, BadForm) else None
        response = _page(error.status, explain(error), words)
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(error.facts.get("seconds", RETRY_SECONDS))
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _sees_costs() -> bool:
    who = current_actor()
    return who is not None and who.sees_costs


def register(app: Flask) -> None:
    """Map every refusal and failure to an answer."""
    app.register_error_handler(PortalError, answer)
    app.register_error_handler(CSRFError, lambda _error: answer(BadForm()))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(OverflowError, _overflow)
    app.register_error_handler(Exception, _unexpected)

    @app.before_request
    def _same_origin() -> None:
        _refuse_strangers()

    @app.after_request
    def _heard_out(response: Response) -> Response:
        if response.status_code >= HTTPStatus.BAD_REQUEST and is_api():
            _hear_out()
        return response


def _hear_out() -> None:
    """Read what nobody read of a refused request, or the server would hang up on its sender.

    Another system goes on with its connection, which the answer says it may.
    """
    if 0 < (request.content_length or 0) <= PATIENCE_BYTES:
        with suppress(HTTPException):
            request.stream.read()


def _refuse_strangers() -> None:
    """Refuse a page's form that another site's page sent."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or is_api():
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        raise BadForm


def _http(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses; redirects pass."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST or error.response is not None:
        return error.get_response()
    if not is_api():
        return _with_headers(_page(status, None), error)
    found = _HTTP_REASONS.get(status)
    if found is not None:
        return _with_headers(problem_response(document(found(), sees_costs=False), status), error)
    body = {
        "type": "about:blank",
        "title": error.name,
        "status": status,
        "detail": error.name,
        "code": error.name.lower().replace(" ", "_"),
        "errors": [],
    }
    return _with_headers(problem_response(body, status), error)


def _with_headers(response: Response, error: HTTPException) -> Response:
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers.setdefault(name, value)
    return response


_HTTP_REASONS: dict[int, type[PortalError]] = {400: Malformed, 404: NotFound, 413: TooLarge}
_DEFINITE = frozenset({1264, 1366, 1406, 1690, 4025})
"""MariaDB refuses a value: out of range, too long, against a check."""


def _database(error: DBAPIError) -> ResponseReturnValue:
    """Answer what the database refused or could not do; none of it was stored."""
    logs.log_failure(error)
    number = logs.number_of(error)
    name = getattr(error.orig, "sqlite_errorname", "")
    if isinstance(error, DataError) or number in _DEFINITE or name == "SQLITE_CONSTRAINT_CHECK":
        return answer(OutOfRange())
    if isinstance(error, IntegrityError):
        return answer(Clash())
    if isinstance(error, OperationalError) and (name or number in GONE | LOST):
        return answer(Busy())
    return answer(_Broken())


def _overflow(error: OverflowError) -> ResponseReturnValue:
    """Answer a number that SQLite cannot hold."""
    logs.log_failure(error)
    return answer(OutOfRange())


def _unexpected(error: Exception) -> ResponseReturnValue:
    """Answer a failure of the portal itself: logged, without details for whoever asked."""
    logs.log_failure(error)
    return answer(_Broken())


class _Broken(PortalError):
    """A fault of the portal."""


def _page(status: int, message: str | None, words: int | None = None) -> Response:
    """Draw the page of a refusal, with the words of another status if those fit better.

    A bare one if even that fails.
    """
    try:
        html = render_template(
            "errors/error.html",
            status=status,
            words_of=words or status,
            message=message,
            request_id=request_id(),
        )
    except Exception as error:  # noqa: BLE001 - whatever broke, an answer must leave
        logs.log_failure(error)
        html = f"<!doctype html><title>{status}</title><p>{status} {HTTPStatus(status).phrase}</p>"
    return Response(html, status, content_type="text/html; charset=utf-8")
