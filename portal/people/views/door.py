"""Who stands at the door: the cookie or the token, and the person behind it."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import cast

from flask import Blueprint, Flask, Request, Response, request, session
from flask.blueprints import BlueprintSetupState
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import UserMixin, current_user, login_user

from portal import clock
from portal.actors import Actor
from portal.config import Settings
from portal.errors import Busy
from portal.extensions import login_manager
from portal.people.queries.actors import Found, From, actor_of_session, actor_of_token
from portal.people.rules.passwords import digest
from portal.people.rules.sessions import REMEMBERED_LASTS, is_to_be_noted
from portal.people.services.sessions import note_session_use
from portal.people.services.tokens import note_token_use
from portal.people.views.browsers import browser_name
from portal.transactions import glance, transact
from portal.web import access
from portal.web.endpoint import API_PREFIX
from portal.web.tracing import request_id

bp = Blueprint("people", __name__)
bp.add_app_template_filter(browser_name)

COOKIE = "repasse"
LONGEST_SECRET = 200


class Person(UserMixin):
    """Flask-Login's user: known to the cookie by the session's secret, not by a number."""

    def __init__(self, secret: str, actor: Actor | None = None) -> None:
        self.secret = secret
        self.actor = actor

    def get_id(self) -> str:
        """Return what the signed cookie holds."""
        return self.secret


class Cookie(SecureCookieSessionInterface):
    """The session's cookie: bound to this host and to https in production."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; other systems' requests carry none, and none is looked for."""
        if request.path.startswith(API_PREFIX):
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie where it has changed; never for other systems."""
        if (session.modified or session.accessed) and not request.path.startswith(API_PREFIX):
            super().save_session(app, session, response)

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name; the prefix makes browsers refuse it from elsewhere."""
        return f"__Host-{COOKIE}" if self.get_cookie_secure(app) else COOKIE

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether it travels by https alone."""
        settings: Settings = app.config["SETTINGS"]
        return settings.is_production or request.is_secure


def greet(secret: str, *, remember: bool) -> None:
    """Hand the cookie of a session out; what the old cookie held, its form token too, is gone."""
    session.clear()
    session.permanent = remember
    login_user(Person(secret))


def forget() -> None:
    """Take the cookie back."""
    session.clear()


def origin() -> From:
    """Return where the request comes from."""
    return From(request.remote_addr or "", request_id())


def _load_page() -> Actor | None:
    """Return who is signed in in this browser."""
    return getattr(current_user, "actor", None)


def _load_person(secret: str) -> Person | None:
    at = clock.now()
    found = glance(actor_of_session, digest(secret), at=at, origin=origin())
    if found is None:
        return None
    _note(found, note_session_use, at)
    return Person(secret, found.actor)


def _load_token(secret: str) -> Actor | None:
    """Return who sends the token."""
    if len(secret) > LONGEST_SECRET:
        return None
    at = clock.now()
    found = glance(actor_of_token, digest(secret), at=at, origin=origin())
    if found is None:
        return None
    _note(found, note_token_use, at)
    return found.actor


def _note(found: Found, note: Callable[..., None], at: datetime) -> None:
    """Note now and then that it is in use; a busy database is no reason to turn anyone away."""
    if is_to_be_noted(found.noted_at, at):
        with contextlib.suppress(Busy):
            transact(note, found.id, at=at)


def _install(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    app.session_interface = Cookie()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=REMEMBERED_LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    login_manager.session_protection = None
    login_manager.user_loader(_load_person)
    access.load_with(_load_page, _load_token)(app)


bp.record_once(_install)
