"""create_app: the only module that knows every feature."""

import importlib.util
import os
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import clock, transactions
from portal.audit.queries import find_answer
from portal.audit.services import keep_answer
from portal.cli import startup
from portal.cli.jobs import offer
from portal.config import ROOT, Settings
from portal.credit import services as credit
from portal.credit.rules import lots
from portal.extensions import babel, csrf, db, login_manager, migrate
from portal.partners import services as partners
from portal.web import idempotency

FEATURES = (
    "audit",
    "people",
    "catalogue",
    "partners",
    "pricing",
    "price_imports",
    "credit",
    "orders",
)
SHARED = (
    "tracing",
    "endpoint",
    "access",
    "logs",
    "problems",
    "limits",
    "openapi",
    "metrics",
    "health",
    "filters",
    "navigation",
    "assets",
    "headers",
)
MAX_UPLOAD_BYTES = 32 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Build the portal with its settings, by default those of the environment."""
    settings = settings or Settings.from_environment(os.environ)
    settings.check()
    clock.configure(timezone=settings.timezone, now=settings.now)
    lots.configure(grace_days=settings.grace_days)
    app = Flask(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(ROOT / "instance"),
    )
    _configure(app, settings)
    _trust_proxies(app, settings.trusted_proxies)
    _extend(app, settings)
    _introduce()
    _open_doors(app)
    if settings.is_production:
        startup.look(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=transactions.engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open for hours still works: the session ends it
        BABEL_DEFAULT_LOCALE="pt_BR",
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
        BABEL_TRANSLATION_DIRECTORIES=_translations(),
    )


def _trust_proxies(app: Flask, many: int) -> None:
    """Believe so many proxies in a row where a request comes from; without any, none is asked."""
    if many:
        wrapped = ProxyFix(app.wsgi_app, x_for=many, x_proto=many, x_host=many, x_prefix=0)
        app.wsgi_app = wrapped  # type: ignore[method-assign] # how Flask is wrapped


def _translations() -> str:
    return ";".join(str(path) for path in sorted((ROOT / "portal").glob("*/translations")))


def _extend(app: Flask, settings: Settings) -> None:
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(
            parents=True, exist_ok=True
        )
    for feature in FEATURES:
        importlib.import_module(f"portal.{feature}.models")
    db.init_app(app)
    with app.app_context():
        transactions.tune(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    babel.init_app(app)
    login_manager.init_app(app)


def _introduce() -> None:
    """Let credit follow what happens to partners, which know nothing of it."""
    if credit.follow_new_point not in partners.on_created:
        partners.on_created.append(credit.follow_new_point)
    if credit.follow_policies not in partners.on_policy_changed:
        partners.on_policy_changed.append(credit.follow_policies)


def _open_doors(app: Flask) -> None:
    idempotency.keep_with(find_answer, keep_answer)(app)
    for name in SHARED:
        if module := _find(f"portal.web.{name}"):
            register = getattr(module, "register", None) or getattr(module, f"register_{name}")
            register(app)
    for feature in (*FEATURES, "home", "finder"):
        _open_feature(app, feature)
    for name in ("backup", "demo", "jobs"):
        if command := getattr(_find(f"portal.cli.{name}"), name, None):
            app.cli.add_command(command)


def _open_feature(app: Flask, feature: str) -> None:
    if views := _find(f"portal.{feature}.views"):
        app.register_blueprint(views.bp)
    if api := _find(f"portal.{feature}.api"):
        app.register_blueprint(api.api.blueprint)
    if timed := _find(f"portal.{feature}.jobs"):
        offer(app, timed.jobs)
    if cli := _find(f"portal.{feature}.cli"):
        for command in cli.commands:
            app.cli.add_command(command)


def _find(name: str) -> Any:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return importlib.import_module(name) if found else None
