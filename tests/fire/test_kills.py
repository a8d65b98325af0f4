"""The portal or its database is killed in the middle: what was acknowledged is there, whole."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.databases import MariaDatabase, PrivateMariaDB
from tests.fire.books import read_at
from tests.fire.conftest import MakeCrowd, assert_whole
from tests.fire.crowd import Answer, Crowd, outcomes
from tests.fire.invariants import broken_promises, faults_in
from tests.fire.world import World, build
from tests.servers import PortalProcess

pytestmark = pytest.mark.xdist_group("fire")

ORDERS = 1_000
COVERED = 750
PATIENCE_SECONDS = 60.0
MOMENTS = (80, 250)
"""After so many answers something is killed; far from the end, also on a fast machine."""


def test_a_killed_portal_keeps_every_acknowledged_order_whole_and_goes_on(
    engine_url: str,
    start_portal: Callable[..., PortalProcess],
    make_crowd: MakeCrowd,
    tmp_path: Path,
) -> None:
    world = build(on_disk(engine_url, tmp_path), covers=COVERED, lots=3)
    portal = start_portal(world.url, WORKERS="1" if world.url.startswith("sqlite") else "2")
    crowd = make_crowd(portal, world, PATIENCE_SECONDS)
    crowd.start([world.order(f"key-{n}") for n in range(ORDERS)], clients=16)

    for moment in MOMENTS:
        crowd.await_answers(moment)
        portal.kill()
        acknowledged = crowd.answers()
        assert len(acknowledged) < ORDERS
        wait_until_nobody_writes(world.url)
        books = read_at(world.url)
        assert faults_in(books) == []
        assert broken_promises(books, acknowledged) == []
        portal.start()

    answers = assert_exact_end(world, crowd)
    assert any(answer.troubles for answer in answers), "it was killed in the middle of nothing"


def test_a_killed_database_keeps_every_acknowledged_order_whole_and_the_portal_goes_on(
    private_mariadb: PrivateMariaDB,
    start_portal: Callable[..., PortalProcess],
    make_crowd: MakeCrowd,
) -> None:
    url = MariaDatabase.create(private_mariadb.server, "killed").url
    world = build(url, covers=COVERED, lots=3)
    portal = start_portal(world.url, WORKERS="2")
    crowd = make_crowd(portal, world, PATIENCE_SECONDS)
    crowd.start([world.order(f"key-{n}") for n in range(ORDERS)], clients=16)

    for moment in MOMENTS:
        crowd.await_answers(moment)
        private_mariadb.kill()
        acknowledged = crowd.answers()
        assert len(acknowledged) < ORDERS
        private_mariadb.start()
        books = read_at(world.url)
        assert faults_in(books) == []
        assert broken_promises(books, acknowledged) == []

    assert_exact_end(world, crowd)


def assert_exact_end(world: World, crowd: Crowd) -> list[Answer]:
    """Insist that the interrupted run ends as an uninterrupted one would; return its answers."""
    answers = crowd.finish()
    assert outcomes(answers) == {"201": COVERED, "insufficient_credit": ORDERS - COVERED}
    books = read_at(world.url)
    assert [account["balance"] for account in books["accounts"]] == [0]
    assert len(books["orders"]) == COVERED
    assert_whole(world.url, answers)
    return answers


def on_disk(url: str, folder: Path) -> str:
    """Move an SQLite file to where a write costs what it costs; others stay."""
    if not url.startswith("sqlite"):
        return url
    moved = folder / "portal.sqlite3"
    shutil.copyfile(url.removeprefix("sqlite:///"), moved)
    return f"sqlite:///{moved}"


def wait_until_nobody_writes(url: str) -> None:
    """Give MariaDB the moment it needs to notice that its clients are gone."""
    if url.startswith("sqlite"):
        return
    engine = create_engine(url)
    others = text(
        "SELECT COUNT(*) FROM information_schema.processlist "
        "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    )
    with engine.connect() as connection:
        ends = time.monotonic() + 10
        while connection.execute(others).scalar():
            assert time.monotonic() < ends, "connections of dead processes stay"
            time.sleep(0.05)
    engine.dispose()
