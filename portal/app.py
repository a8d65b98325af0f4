"""create_app: the only module that knows every feature."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import portal.audit.api
import portal.audit.views
import portal.catalogue.api
import portal.catalogue.views
import portal.credit.api
import portal.credit.cli
import portal.credit.jobs
import portal.credit.views
import portal.finder.views
import portal.home.views
import portal.mail.api
import portal.mail.jobs
import portal.mail.views
import portal.orders.api
import portal.orders.jobs
import portal.orders.views
import portal.partners.api
import portal.partners.views
import portal.payments.api
import portal.payments.jobs
import portal.payments.views
import portal.payments.views.simulation
import portal.people.api
import portal.people.cli
import portal.people.views
import portal.price_imports.api
import portal.price_imports.cli
import portal.price_imports.views
import portal.pricing.api
import portal.pricing.views
import portal.sale_tables.api
import portal.sale_tables.views
import portal.scheduler.api
import portal.scheduler.cli
import portal.scheduler.jobs
import portal.scheduler.views
import portal.storefronts.jobs
import portal.storefronts.views
from portal import clock, transactions
from portal.audit.queries import find_answer
from portal.audit.services import keep_answer
from portal.cli import startup
from portal.cli.backup import backup
from portal.cli.demo import demo
from portal.cli.jobs import jobs, offer
from portal.config import ROOT, BadSettings, Settings
from portal.credit import services as credit
from portal.credit.queries import verification
from portal.credit.rules import lots
from portal.errors import Invalid
from portal.extensions import babel, csrf, db, login_manager, migrate
from portal.orders import services as orders
from portal.orders.queries.verification import check_orders
from portal.partners import services as partners
from portal.payments import services as payments
from portal.payments.rules import setup
from portal.sale_tables.forms.imports import SALE_PAGES
from portal.sale_tables.services.lists import SALE_LISTS
from portal.storefronts.services.mails import follow_order, follow_refund
from portal.storefronts.services.settings import refuse_unready
from portal.web import (
    access,
    assets,
    editions,
    endpoint,
    filters,
    headers,
    health,
    idempotency,
    language,
    limits,
    logs,
    metrics,
    navigation,
    openapi,
    part,
    problems,
    tracing,
)

PAGES: tuple[Blueprint, ...] = (
    portal.audit.views.bp,
    portal.people.views.bp,
    portal.catalogue.views.bp,
    portal.partners.views.bp,
    portal.payments.views.bp,
    portal.pricing.views.bp,
    portal.price_imports.views.bp,
    portal.sale_tables.views.bp,
    portal.price_imports.views.pages_of(SALE_PAGES),
    portal.credit.views.bp,
    portal.orders.views.bp,
    portal.mail.views.bp,
    portal.scheduler.views.bp,
    portal.scheduler.api.health,
    portal.home.views.bp,
    portal.storefronts.views.shop,
    portal.storefronts.views.storefronts,
    portal.finder.views.bp,
)
INTERFACE: tuple[endpoint.Endpoints, ...] = (
    portal.audit.api.api,
    portal.people.api.api,
    portal.catalogue.api.api,
    portal.partners.api.api,
    portal.payments.api.api,
    portal.pricing.api.api,
    portal.price_imports.api.api,
    portal.sale_tables.api.api,
    portal.credit.api.api,
    portal.orders.api.api,
    portal.mail.api.api,
    portal.scheduler.api.api,
)
COMMANDS: tuple[click.Command, ...] = (
    *portal.people.cli.commands,
    *portal.price_imports.cli.commands,
    portal.price_imports.cli.group_of(
        SALE_LISTS, "Sale tables and their editions.", "The sale table's number."
    ),
    *portal.credit.cli.commands,
    *portal.scheduler.cli.commands,
    backup,
    demo,
    jobs,
)
_WEB = (
    tracing.register,
    endpoint.register,
    access.register,
    logs.register,
    problems.register,
    limits.register,
    openapi.register,
    metrics.register,
    health.register,
    filters.register_filters,
    editions.register,
    navigation.register_navigation,
    assets.register_assets,
    headers.register_headers,
)
"""In this order: what is registered later answers last, and first before a request."""
MAX_UPLOAD_BYTES = 32 * 1024 * 1024


class Portal(Flask):
    """Flask, but for asking a dozen functions in each request whether they are async."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: none of the portal's is async."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Build the portal with its settings, by default those of the environment."""
    settings = settings or Settings.from_environment(os.environ)
    settings.check()
    set_up(settings)
    app = Portal(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(ROOT / "instance"),
    )
    _configure(app, settings)
    _trust_proxies(app, settings.trusted_proxies)
    part.register(app)
    _extend(app, settings)
    _open_doors(app)
    if settings.is_production:
        startup.look(app)
    return app


def set_up(settings: Settings) -> None:
    """Set up what a process has once, whatever applications it has: its clock, rules, listeners."""
    clock.configure(timezone=settings.timezone, now=settings.now)
    lots.configure(grace_days=settings.grace_days)
    _set_up_payments(settings)
    _introduce()


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=transactions.engine_options(settings.database_url),
        SQLALCHEMY_BINDS=transactions.more_engines(settings.database_url),
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open for hours still works: the session ends it
        BABEL_DEFAULT_LOCALE="pt_BR",
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
        BABEL_TRANSLATION_DIRECTORIES=_translations(),
    )


def _set_up_payments(settings: Settings) -> None:
    try:
        setup.configure(
            provider=settings.payments_provider,
            secret=settings.secret_key,
            key=settings.pix_key,
            holder=settings.pix_name,
            city=settings.pix_city,
        )
    except Invalid as refusal:
        raise BadSettings("PIX_KEY, PIX_NAME and PIX_CITY make no Pix account") from refusal


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
    db.init_app(app)
    with app.app_context():
        transactions.tune(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    babel.init_app(app, locale_selector=language.spoken)
    login_manager.init_app(app)


def _introduce() -> None:
    """Let features follow what happens in those below them, which know nothing of them."""
    introduced: tuple[tuple[list[Any], Any], ...] = (
        (metrics.further, portal.scheduler.api.figures),
        (verification.further, check_orders),
        (portal.pricing.views.aftermaths, portal.sale_tables.views.fallen_part),
        (partners.on_created, credit.follow_new_point),
        (partners.before_opening, refuse_unready),
        (partners.on_policy_changed, credit.follow_policies),
        (payments.on_paid, orders.follow_payment),
        (orders.on_moved, follow_order),
        (payments.before_refund, orders.refuse_unplaced),
        (payments.on_refunded, follow_refund),
        (credit.on_arrival, orders.follow_credit),
    )
    for followed, follower in introduced:
        if follower not in followed:
            followed.append(follower)


def _open_doors(app: Flask) -> None:
    idempotency.keep_with(find_answer, keep_answer)(app)
    for register in _WEB:
        register(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    if app.config["SETTINGS"].payments_provider:
        portal.payments.views.simulation.open_door(app)
    for interface in INTERFACE:
        app.register_blueprint(interface.blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    offer(app, portal.credit.jobs.jobs)
    offer(app, portal.mail.jobs.jobs)
    offer(app, portal.payments.jobs.jobs)
    offer(app, portal.scheduler.jobs.jobs)
    offer(app, portal.orders.jobs.jobs)
    offer(app, portal.storefronts.jobs.jobs)
