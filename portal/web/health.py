"""Whether the portal is alive, and whether it can serve."""

from functools import cache
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.config import ROOT
from portal.errors import PortalError
from portal.i18n import N_
from portal.transactions import read
from portal.web import logs
from portal.web.access import public
from portal.web.problems import document, problem_response


class NotReady(PortalError):
    """The database is away, or its tables are not those of this release."""

    status = 503
    code = "not_ready"
    text = N_("The portal cannot serve now: %(reason)s.")


def register(app: Flask) -> None:
    """Serve /health/live and /health/ready."""
    app.add_url_rule("/health/live", "health_live", public(_live))
    app.add_url_rule("/health/ready", "health_ready", public(_ready))


def _live() -> Response:
    return jsonify(status="live")


def _ready() -> Response:
    try:
        found = read(stored_heads)
    except (PortalError, SQLAlchemyError, OSError) as error:
        logs.log_failure(error)
        return not_ready("database")
    if found != wanted_heads():
        return not_ready("migrations")
    return jsonify(status="ready", migration=sorted(found))


def not_ready(reason: str) -> Response:
    """Answer 503, with what is missing."""
    return problem_response(document(NotReady(reason=reason), sees_costs=False), 503)


def stored_heads(session: Session) -> frozenset[str]:
    """Return the migrations that the database stands at."""
    session.execute(text("SELECT 1"))
    return frozenset(MigrationContext.configure(session.connection()).get_current_heads())


@cache
def wanted_heads() -> frozenset[str]:
    """Return the newest migrations of this release."""
    config: Any = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    return frozenset(ScriptDirectory.from_config(config).get_heads())
