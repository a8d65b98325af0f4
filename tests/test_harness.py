"""The tests' own house: what it promises to every other test."""

import contextlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask
import pytest
import requests
from flask_login import LoginManager, UserMixin, login_required, login_user
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal import clock as portal_clock
from portal.catalogue.models import Issuer
from portal.config import Settings
from tests.databases import PREFIX, MariaDatabase, PrivateMariaDB, Server
from tests.portals import REMEMBERED, Portals
from tests.servers import PortalProcess
from tests.shares import share_of
from tests.visitors import MovableClock
from tests.whole_run import MARIADB_PORT, NO_REAL_LIST, SUITE_SECONDS, complaints_about

ROOT = Path(__file__).resolve().parent.parent
COUNT_ISSUERS = select(func.count()).select_from(Issuer)


class Someone(UserMixin):
    """A user with nothing but a number."""

    id = "1"


class TestOneSignIn:
    """pytest-flask, left alone, shares one request's `g` among all clients of a test."""

    @pytest.fixture
    def app(self) -> flask.Flask:
        site = flask.Flask("site")
        site.secret_key = "tests"
        manager = LoginManager(site)
        manager.user_loader(lambda _id: Someone())
        site.add_url_rule("/in", "in", lambda: str(login_user(Someone())))
        site.add_url_rule("/secret", "secret", login_required(lambda: "secret"))
        return site

    def test_does_not_let_the_next_visitor_in(self, app: flask.Flask, client: Any) -> None:
        client.get("/in")

        assert client.get("/secret").status_code == 200
        assert app.test_client().get("/secret").status_code == 401

    def test_finds_no_request_open_around_the_test(self, app: flask.Flask) -> None:
        assert app.name == "site"
        assert not flask.has_request_context()
        assert not flask.has_app_context()

    def test_is_seen_by_a_real_browser_in_its_own_window_alone(
        self, page: Any, browser: Any, served: str
    ) -> None:
        page.goto("/in")
        stranger = browser.new_page()

        assert page.goto("/secret").status == 200
        assert stranger.goto(f"{served}/secret").status == 401
        stranger.close()


# Databases


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_begins_without_what_the_one_before_has_stored(
    session: Session, turn: str
) -> None:
    found = session.scalar(COUNT_ISSUERS)

    session.add(Issuer(code=turn, name="AC"))
    session.commit()

    assert found == 0


@pytest.mark.engines("mariadb")
def test_rows_that_migrations_have_sown_come_back(
    engine: Engine, mariadb_database: MariaDatabase
) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("SET foreign_key_checks=0")
        connection.exec_driver_sql("UPDATE credit_types SET name = 'spoilt'")
        connection.exec_driver_sql("DELETE FROM alembic_version")
        connection.commit()
    engine.dispose()

    mariadb_database.restore()

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1
        names = connection.exec_driver_sql("SELECT name FROM credit_types").scalars().all()
    assert names
    assert "spoilt" not in names


@pytest.mark.engines("mariadb")
def test_a_transaction_left_open_by_one_test_does_not_hold_up_the_next(
    engine: Engine, mariadb_database: MariaDatabase
) -> None:
    left_open = Session(engine)
    left_open.add(Issuer(code="left", name="AC"))
    left_open.flush()

    mariadb_database.restore()

    with Session(engine) as session:
        assert session.scalar(COUNT_ISSUERS) == 0
    left_open.invalidate()


@pytest.mark.engines("sqlite", "mariadb")
def test_a_client_asks_after_what_the_test_has_given_is_stored(
    client: Any, session: Session, engine: Engine
) -> None:
    session.add(Issuer(code="given", name="AC"))

    client.get("/nowhere")

    with engine.connect() as other:
        assert other.execute(COUNT_ISSUERS).scalar() == 1


def test_a_portal_is_lent_again_as_if_it_were_new(settings: Settings) -> None:
    portals = Portals()
    with portals.lend(settings) as app:
        app.test_client().get("/health/live")
        app.config["SETTINGS"] = app.config["SECRET_KEY"] = "spoilt"
        app.view_functions["home.index"] = str
        counted, kept = app.extensions["shop_counter"], app.extensions["shops"]
        app.extensions.pop("access")

    with portals.lend(settings) as again:
        assert again is app
        assert again.config["SETTINGS"] == settings
        assert again.config["SECRET_KEY"] == settings.secret_key
        assert again.view_functions["home.index"] is not str
        assert again.extensions["access"]
        assert again.extensions["shop_counter"] is not counted
        assert again.extensions["shops"] is not kept


def test_a_portal_is_lent_to_one_test_at_a_time(settings: Settings) -> None:
    portals = Portals()
    with portals.lend(settings) as one, portals.lend(settings) as other:
        assert one is not other


def test_what_a_portal_keeps_between_requests_is_known(app: flask.Flask) -> None:
    """Whatever more it keeps has to be renewed for each test: see REMEMBERED in portals.py."""
    does_not_change = {
        *("access", "babel", "csrf", "idempotency", "jobs", "migrate", "openapi", "sqlalchemy"),
        "rate_limit",  # none, unless a test asks for one: then the portal is its own
    }

    assert set(app.extensions) - does_not_change == set(REMEMBERED)
    assert app.extensions["rate_limit"] is None


@pytest.mark.parametrize("name", ["sqlite", "mariadb"])
def test_a_test_may_have_further_databases(make_database: Callable[[str], str], name: str) -> None:
    assert make_database(name) != make_database(name)


def test_databases_of_runs_that_died_are_dropped_and_others_stay(mariadb_server: Server) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, living = f"{PREFIX}_{ended.pid}_gw0_x", f"{PREFIX}_{os.getpid()}_keep_x"
    with contextlib.closing(mariadb_server.connect()) as connection, connection.cursor() as cursor:
        for name in (dead, living):
            cursor.execute(f"CREATE DATABASE `{name}`")

        mariadb_server.drop_leftovers()

        cursor.execute("SHOW DATABASES")
        names = {row[0] for row in cursor.fetchall()}
        cursor.execute(f"DROP DATABASE `{living}`")
    assert dead not in names
    assert living in names


@pytest.mark.xdist_group("fire")
def test_a_private_mariadb_keeps_what_was_committed_when_it_is_killed(
    private_mariadb: PrivateMariaDB,
) -> None:
    with contextlib.closing(private_mariadb.server.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT @@innodb_flush_log_at_trx_commit, @@bind_address")
        assert cursor.fetchone() == (1, "127.0.0.1")
        cursor.execute("CREATE DATABASE kept")
        cursor.execute("CREATE TABLE kept.facts (id INT PRIMARY KEY) ENGINE=InnoDB")
        cursor.execute("INSERT INTO kept.facts VALUES (42)")
    private_mariadb.kill()
    private_mariadb.start()

    with contextlib.closing(private_mariadb.server.connect("kept")) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM facts")
        assert cursor.fetchone() == (42,)


@pytest.mark.xdist_group("fire")
def test_the_portal_runs_as_processes_that_may_be_killed_and_started_again(
    start_portal: Callable[..., PortalProcess], engine_url: str
) -> None:
    portal = start_portal(engine_url, WORKERS="2")
    assert answer_of(portal) < 500

    portal.kill()
    with pytest.raises(requests.ConnectionError):
        answer_of(portal)

    portal.start()
    assert answer_of(portal) < 500
    assert portal.stop() == 0


def answer_of(portal: PortalProcess) -> int:
    return requests.get(f"{portal.address}/health/live", timeout=10).status_code


# Clock and settings


def test_the_clock_stands_still_until_the_test_moves_it(clock: MovableClock) -> None:
    begin = portal_clock.now()
    assert portal_clock.now() == begin

    clock.advance(days=1)
    assert (portal_clock.now() - begin).days == 1

    clock.move_to("2027-01-01T02:59:59.999999Z")
    assert portal_clock.today().isoformat() == "2026-12-31"


@pytest.mark.now("2027-02-28T23:00:00-03:00")
def test_a_marker_sets_the_instant(now: datetime, app: flask.Flask) -> None:
    assert now == portal_clock.now() == datetime(2027, 3, 1, 2, tzinfo=UTC)
    assert app.config["SETTINGS"].now == "2027-02-28T23:00:00-03:00"


@pytest.mark.now(None)
def test_the_clock_may_run() -> None:
    begin = portal_clock.now()

    assert abs((datetime.now(UTC) - begin).total_seconds()) < 60


def test_tests_serve_like_production_with_cheap_passwords(
    settings: Settings, make_app: Callable[..., flask.Flask]
) -> None:
    assert settings.env == "testing"
    assert settings.argon2 == (1, 8, 1)
    assert make_app(rate_limit=3).config["SETTINGS"].rate_limit == 3


# The run as a whole


def run_pytest(folder: Path, body: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_one.py").write_text(textwrap.dedent(body))
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "REQUIRE_ALL"))}
    clean["TEST_MARIADB_PORT"] = os.environ[MARIADB_PORT]
    options = f"-q -c setup.cfg --rootdir {ROOT} -p tests.conftest -p no:cacheprovider {folder}"
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options.split()],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


SKIPS = """
    import pytest

    def test_without_a_reason_that_counts():
        pytest.skip("no mood")
"""


def test_a_skip_is_told_and_refused_only_when_all_is_required(tmp_path: Path) -> None:
    relaxed = run_pytest(tmp_path, SKIPS)
    strict = run_pytest(tmp_path, SKIPS, REQUIRE_ALL="1")

    assert relaxed.returncode == 0, relaxed.stdout + relaxed.stderr
    assert "NOT TESTED: 1 skipped: Skipped: no mood" in relaxed.stdout
    assert strict.returncode == 1
    assert "REQUIRE_ALL=1 refuses: 1 skipped: Skipped: no mood" in strict.stdout


def test_the_real_list_may_be_missing_even_when_all_is_required(tmp_path: Path) -> None:
    body = """
        def test_with_the_real_list(real_price_list):
            pass
    """

    run = run_pytest(tmp_path, body, REQUIRE_ALL="1", REAL_PRICE_LIST=str(tmp_path / "none.csv"))

    assert run.returncode == 0, run.stdout
    assert NO_REAL_LIST in run.stdout


def test_a_warning_is_a_failure(tmp_path: Path) -> None:
    body = """
        import warnings

        def test_that_warns():
            warnings.warn("old ways", DeprecationWarning)
    """

    assert run_pytest(tmp_path, body).returncode == 1


def test_a_suite_that_takes_too_long_is_complained_about() -> None:
    assert complaints_about([], SUITE_SECONDS - 1) == []
    assert complaints_about([], SUITE_SECONDS + 60)


@pytest.mark.parametrize(
    ("nodeid", "share"),
    [
        ("tests/orders/test_place.py::test_one[sqlite]", "tests/orders/test_place.py"),
        ("tests/orders/test_place.py::test_one[a@b]", "tests/orders/test_place.py"),
        ("tests/fire/test_keys.py::test_one[mariadb]@fire", "fire"),
        ("tests/test_harness.py::TestOneSignIn::test_one", "tests/test_harness.py"),
    ],
)
def test_workers_are_given_whole_modules_and_groups(nodeid: str, share: str) -> None:
    assert share_of(nodeid) == share


@pytest.mark.xdist_group("fire")
def test_what_needs_the_machine_for_itself_is_one_group(request: pytest.FixtureRequest) -> None:
    shared = "PYTEST_XDIST_WORKER" in os.environ

    assert share_of(request.node.nodeid) == ("fire" if shared else "tests/test_harness.py")
