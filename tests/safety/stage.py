"""The portal on a copy of the furnished world, which can be put back at once."""

import contextlib
import itertools
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.extensions import db
from portal.storefronts.views.public.counter import counter
from tests.safety.world import Person, World
from tests.visitors import ZONE, PortalClient

SECRET = "canary-secret-key-7f3b91-never-shown"
API = "/api/v1"
_keys = itertools.count(1)


def settings_for(url: str) -> dict[str, str]:
    """Return the environment in which the world is served."""
    return {
        "PORTAL_ENV": "testing",
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET,
        "PORTAL_TIMEZONE": ZONE,
        "PORTAL_NOW": "2026-12-01T12:00:00+00:00",
        "PAYMENTS_PROVIDER": "simulated",
    }


def make_settings(url: str) -> Settings:
    """Return settings with passwords that cost little."""
    return replace(Settings.from_environment(settings_for(url)), argon2=(1, 8, 1))


class Stage:
    """The portal, the world behind it, and everybody's way in."""

    def __init__(self, app: Flask, world: World, template: Path, copy: Path) -> None:
        self.app, self.world = app, world
        self.template, self.copy = template, copy

    def reset(self) -> None:
        """Put the database back as it was, and forget the visits that were counted meanwhile."""
        self.write_visits_down()
        with self.app.app_context():
            db.engine.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{self.copy}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.copy)

    def write_visits_down(self) -> None:
        """Store at once what shops have counted, which they do by themselves now and then."""
        with self.app.app_context():
            counter().write_down()

    def client(self, person: Person) -> PortalClient:
        """Return the person's browser."""
        client: PortalClient = self.app.test_client()  # type: ignore[assignment] # set by the fixture
        if person.cookie:
            client.set_cookie("repasse", person.cookie)
        return client

    def person(self, name: str) -> Person:
        """Return somebody by name."""
        return self.world.people[name]

    def get(self, name: str, path: str, **options: Any) -> TestResponse:
        """Ask for a page, or for something of the API."""
        person = self.person(name)
        if path.startswith(API):
            return self.call(name, "GET", path, **options)
        return self.client(person).get(path, **options)

    def call(self, name: str, method: str, path: str, **options: Any) -> TestResponse:
        """Call the API with the person's token, each time with a key of its own."""
        person = self.person(name)
        headers = {"Idempotency-Key": f"key-{next(_keys)}", **options.pop("headers", {})}
        if person.token:
            headers.setdefault("Authorization", f"Bearer {person.token}")
        return self.app.test_client().open(path, method=method, headers=headers, **options)

    def submit(self, name: str, path: str, data: dict[str, Any], **options: Any) -> TestResponse:
        """Send a form of a page."""
        return self.client(self.person(name)).submit(path, data, **options)

    def ask(self, name: str, method: str, path: str, sent: Any = None) -> TestResponse:
        """Ask in the manner of the address: pages by cookie and form, the API by token and JSON."""
        if not path.startswith(API):
            if method == "GET":
                return self.get(name, path)
            return self.submit(name, path, {"form_key": secrets.token_urlsafe(18), **(sent or {})})
        if method in {"GET", "DELETE"}:
            return self.call(name, method, path)
        if isinstance(sent, Form):
            return self.call(
                name, method, path, data=dict(sent), content_type="multipart/form-data"
            )
        return self.call(name, method, path, json=sent or {})

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all that is stored, but for what is drawn at random."""
        with contextlib.closing(sqlite3.connect(self.copy)) as connection:
            return {name: list(_rows(connection, name)) for name in _tables(connection)}

    @contextlib.contextmanager
    def nothing_stored(self, *but: str) -> Iterator[None]:
        """Insist that no row of any table is there, gone or changed afterwards."""
        before = self.rows()
        yield
        after = self.rows()
        changed = {name for name in before if before[name] != after[name]} - set(but)
        assert not changed, {
            name: [row for row in after[name] if row not in before[name]] for name in changed
        }


class Form(dict[str, Any]):
    """A multipart form for the API."""


RANDOM = frozenset(
    {
        "request_id", "password_hash", "secret_hash", "prefix", "idem_hash", "fingerprint",
        "used_at", "seen_at", "last_hash", "hash", "answer",
        "job_runs.slot", "job_runs.started_at", "simulated_moves.event_id",
        "simulated_moves.end_to_end_id",
    }
)  # fmt: skip
"""Columns that are never twice alike: drawn at random, or moments of the database's own clock."""


def _tables(connection: sqlite3.Connection) -> list[str]:
    wanted = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [name for (name,) in connection.execute(wanted)]


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(name for name in columns if not {name, f"{table}.{name}"} & RANDOM)
    found = connection.execute(f"SELECT {kept} FROM {table}")  # noqa: S608 - names of our own tables
    yield from sorted(found, key=repr)


class _Fields(HTMLParser):
    """Reads what a browser would send of a page's forms."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.links: list[str] = []
        self.names: set[str] = set()
        self._form: dict[str, str] = {}
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name = given.get("name", "")
        if tag in {"input", "select", "textarea", "button"}:
            self.names.add(name)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            self._form = self.forms.setdefault(given.get("action", ""), {})
        elif tag == "input" and name:
            self._input(name, given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self._form:
                self._form[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            self._form[name] = ""

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in {"submit", "button", "file", "image"}:
            return
        if kind in {"checkbox", "radio"} and "checked" not in given:
            return
        self._form[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._form[self._area] += data


def read_page(html: str) -> _Fields:
    """Return the links of a page, and its forms by their addresses."""
    fields = _Fields()
    fields.feed(html)
    return fields


def checkpoint(app: Flask) -> None:
    """Write everything into the one file, so that it can be copied."""
    with app.app_context():
        db.session.remove()
        with contextlib.closing(sqlite3.connect(str(db.engine.url.database))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
