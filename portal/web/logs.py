"""Logs as JSON, one line each: what happened, never personal data, prices, tokens or passwords."""

import logging
import sys
import time
import traceback
from typing import Any, BinaryIO, cast

import orjson
import structlog
from flask import Flask, Response, g, has_request_context, request
from sqlalchemy.exc import DBAPIError

from portal.web.tracing import request_id

_QUIET = ("werkzeug", "flask_wtf.csrf", "sqlalchemy", "alembic", "apscheduler")

log: Any = structlog.get_logger("portal")


class _StandardError:
    """Standard error as it is when a line is written: a server or a test may exchange it."""

    def write(self, line: bytes) -> None:
        """Write a line."""
        sys.stderr.buffer.write(line)

    def flush(self) -> None:
        """Let it go at once."""
        sys.stderr.buffer.flush()


_STANDARD_ERROR = _StandardError()
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


def _write(_logger: Any, _name: str, event: Any) -> bytes:
    return orjson.dumps(event, default=str)


def configure() -> None:
    """Set the logs up, once per process: JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _stamp,
            _write,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(cast(BinaryIO, _STANDARD_ERROR)),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _Passing) for handler in root.handlers):
        root.addHandler(_Passing(logging.WARNING))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Passing(logging.Handler):
    """Writes what libraries log; an exception by kind and place, since its text may hold data."""

    def emit(self, record: logging.LogRecord) -> None:
        facts: dict[str, Any] = {"logger": record.name, "request_id": request_id()}
        if record.exc_info and record.exc_info[1] is not None:
            facts |= kind_and_place(record.exc_info[1])
            message = str(record.msg)
        else:
            message = record.getMessage()
        log.log(record.levelno, message, **facts)


def log_failure(error: BaseException) -> None:
    """Write a failure down."""
    where = _where() if has_request_context() else {}
    log.error("failed", **where, **kind_and_place(error))


def kind_and_place(error: BaseException) -> dict[str, Any]:
    """Return what an exception is and where it arose, without its text: that may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    facts: dict[str, Any] = {
        "error": f"{type(error).__module__}.{type(error).__name__}",
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-20:]],
    }
    if isinstance(error, DBAPIError):
        facts["number"] = number_of(error)
    return facts


def number_of(error: DBAPIError) -> int | None:
    """Return the database's own number of an error."""
    args = getattr(error.orig, "args", ())
    return args[0] if args and isinstance(args[0], int) else None


def _where() -> dict[str, Any]:
    rule = request.url_rule
    who = g.get("actor")
    return {
        "request_id": request_id(),
        "method": request.method,
        "route": rule.rule if rule is not None else None,
        "user_id": who.user_id if who is not None else None,
    }


def _say(facts: dict[str, Any]) -> None:
    """Write a request's line as structlog would: its loggers take four times as long for each."""
    line = _stamp(None, "info", facts | {"event": "request", "level": "info"})
    _STANDARD_ERROR.write(orjson.dumps(line, default=str) + b"\n")
    _STANDARD_ERROR.flush()


def register(app: Flask) -> None:
    """Write one line per request, when it is answered."""
    configure()

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _line(response: Response) -> Response:
        started = g.get("started")
        spent = round((time.perf_counter() - started) * 1000, 2) if started else None
        _say({**_where(), "status": response.status_code, "ms": spent})
        return response
