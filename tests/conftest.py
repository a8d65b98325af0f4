"""What every test may ask for: databases, the clock, applications, a browser."""

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal import clock as portal_clock
from portal.config import Settings
from tests.databases import MariaDatabase, PrivateMariaDB, Server, SqliteFiles, own_folder
from tests.portals import Engines, Portals, build, part
from tests.servers import PortalProcess
from tests.shares import pytest_collection_modifyitems, pytest_xdist_make_scheduler
from tests.visitors import ZONE, MovableClock
from tests.whole_run import (
    MARIADB_PORT,
    NO_CHROMIUM,
    NO_MARIADB,
    NO_REAL_LIST,
    pytest_collection_finish,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
)

__all__ = [
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_xdist_make_scheduler",
]

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("sqlite", "mariadb")
WEB_FIXTURES = {"app", "client", "make_app", "served", "page"}
USUAL_NOW = "2026-12-01T12:00:00+00:00"
SECRET = "a-secret-that-only-the-tests-know"
CHEAP_ARGON2 = (1, 8, 1)

hypothesis.settings.register_profile("suite", deadline=None, print_blob=True)
hypothesis.settings.load_profile("suite")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run services on both engines, pages on SQLite, unless a test says otherwise."""
    if "engine_url" not in metafunc.fixturenames:
        return
    names = engines_of(metafunc.definition, set(metafunc.fixturenames))
    metafunc.parametrize("engine_url", names, indirect=True, ids=names)


def engines_of(item: pytest.Item, fixtures: set[str]) -> tuple[str, ...]:
    """Return the engines that a test runs on."""
    marker = item.get_closest_marker("engines")
    if marker:
        return tuple(marker.args)
    for name in ENGINES:
        if f"{name}_app" in fixtures:
            return (name,)
    return ("sqlite",) if fixtures & WEB_FIXTURES else ENGINES


# Databases


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Return the name of this share of the run."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def sqlite_files() -> Iterator[SqliteFiles]:
    """Lend fresh SQLite databases."""
    folder = own_folder()
    yield SqliteFiles(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb_server() -> Server:
    """Lend the MariaDB of this run; its databases are the test's to make and drop."""
    port = os.environ.get(MARIADB_PORT)
    if not port:
        pytest.skip(NO_MARIADB)
    return Server(int(port))


@pytest.fixture(scope="session")
def mariadb_database(mariadb_server: Server, worker: str) -> Iterator[MariaDatabase]:
    """Lend this worker's database."""
    database = MariaDatabase.create(mariadb_server, worker)
    yield database
    database.drop()


@pytest.fixture
def private_mariadb() -> Iterator[PrivateMariaDB]:
    """Lend a server that the test may kill and start again."""
    if PrivateMariaDB.program() is None:
        pytest.skip(NO_MARIADB)
    lent = PrivateMariaDB()
    lent.start()
    yield lent
    lent.stop()


@pytest.fixture
def engine_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Lend the address of a fresh database, on the engine at hand."""
    if request.param == "mariadb":
        database: MariaDatabase = request.getfixturevalue("mariadb_database")
        database.restore()
        yield database.url
        return
    files: SqliteFiles = request.getfixturevalue("sqlite_files")
    url = files.fresh()
    yield url
    files.remove(url)


@pytest.fixture
def make_database(request: pytest.FixtureRequest, worker: str) -> Iterator[Callable[[str], str]]:
    """Make further fresh databases by engine name; returns their addresses."""
    with contextlib.ExitStack() as stack:

        def make(name: str) -> str:
            if name == "sqlite":
                files: SqliteFiles = request.getfixturevalue("sqlite_files")
                url = files.fresh()
                stack.callback(files.remove, url)
                return url
            server: Server = request.getfixturevalue("mariadb_server")
            database = MariaDatabase.create(server, f"{worker}_more")
            stack.callback(database.drop)
            return database.url

        yield make


@pytest.fixture(scope="session")
def engines() -> Engines:
    """Keep the engines of this share of the run."""
    return Engines()


@pytest.fixture
def engine(engine_url: str, engines: Engines) -> Iterator[Engine]:
    """Lend an engine set up as the portal's own, for writing."""
    with engines.lend(engine_url) as lent:
        yield lent


@pytest.fixture
def session(engine: Engine, open_sessions: list[Session]) -> Iterator[Session]:
    """Lend a session to hand to services; what is left in it is committed at the end.

    A `client` commits it before each request, so that the request sees what was given.
    """
    with Session(engine) as lent:
        open_sessions.append(lent)
        yield lent
        if lent.is_active:
            lent.commit()
        else:
            lent.rollback()


@pytest.fixture
def open_sessions() -> list[Session]:
    """Keep the sessions that a client commits before it asks."""
    return []


# The clock


@pytest.fixture
def frozen_instant(request: pytest.FixtureRequest) -> str | None:
    """Return where the clock stands: the marker's instant, else the usual one; None lets it run."""
    marker = request.node.get_closest_marker("now")
    return marker.args[0] if marker else USUAL_NOW


@pytest.fixture(autouse=True)
def clock(frozen_instant: str | None) -> Iterator[MovableClock]:
    """Freeze the clock, and let the test move it."""
    portal_clock.configure(timezone=ZONE, now=frozen_instant)
    yield MovableClock()
    portal_clock.configure(timezone=ZONE)


@pytest.fixture
def now(clock: MovableClock) -> datetime:
    """Return the instant at which the test begins."""
    return clock.now()


# Applications and clients


@pytest.fixture
def settings(engine_url: str, frozen_instant: str | None) -> Settings:
    """Return settings that serve like production, but for the clock and the cost of passwords."""
    environment = {
        "PORTAL_ENV": "testing",
        "DATABASE_URL": engine_url,
        "SECRET_KEY": SECRET,
        "PORTAL_TIMEZONE": ZONE,
        "PORTAL_NOW": frozen_instant or "",
    }
    return replace(Settings.from_environment(environment), argon2=CHEAP_ARGON2)


@pytest.fixture
def make_app(settings: Settings, open_sessions: list[Session]) -> Iterator[Callable[..., Flask]]:
    """Build applications with settings changed by keyword: `make_app(rate_limit=3)`."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = build(replace(settings, **changes))
        app.config["OPEN_SESSIONS"] = open_sessions
        made.append(app)
        return app

    yield make
    for app in made:
        part(app)


@pytest.fixture(scope="session")
def portals() -> Portals:
    """Keep the portals that tests of this share of the run borrow."""
    return Portals()


@pytest.fixture
def app(settings: Settings, portals: Portals, open_sessions: list[Session]) -> Iterator[Flask]:
    """Lend the portal on a fresh database; who builds on it takes one of `make_app`."""
    with portals.lend(settings) as lent:
        lent.config["OPEN_SESSIONS"] = open_sessions
        yield lent


@pytest.fixture
def sqlite_app(app: Flask) -> Flask:
    """Return the portal on SQLite alone."""
    return app


@pytest.fixture
def mariadb_app(app: Flask) -> Flask:
    """Return the portal on MariaDB alone."""
    return app


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Keep pytest-flask from sharing one request's `g` among all clients of a test.

    Flask-Login keeps the user there: after one sign-in every later client would be signed in.
    """


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a visitor; one more is `app.test_client()`."""
    return app.test_client()


# Real servers and a real browser


@pytest.fixture
def start_portal(tmp_path: Path) -> Iterator[Callable[..., PortalProcess]]:
    """Start the portal as real processes: `start_portal(database_url, WORKERS="2")`."""
    with contextlib.ExitStack() as stack:

        def start(database_url: str, **environment: str) -> PortalProcess:
            portal = PortalProcess(tmp_path, database_url, **environment)
            stack.callback(portal.kill)
            return portal.start()

        yield start


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """Serve the portal on a port of its own, in this process; returns its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return where Chromium is."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if found is None:
        pytest.skip(NO_CHROMIUM)
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """Start Chromium without a screen, once per worker."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, served: str) -> Iterator[Any]:
    """Open a window of a Brazilian visitor; paths are of the served portal."""
    context = browser.new_context(base_url=served, locale="pt-BR", timezone_id=ZONE)
    yield context.new_page()
    context.close()


# The real list


@pytest.fixture(scope="session")
def real_price_list() -> Path:
    """Return the list of ANVISA: 23 thousand prices as a real ERP writes them."""
    given = os.environ.get("REAL_PRICE_LIST")
    path = Path(given) if given else ROOT.parent / "shared" / "data" / "anvisa-precos.csv"
    if not path.is_file():
        pytest.skip(NO_REAL_LIST)
    return path
