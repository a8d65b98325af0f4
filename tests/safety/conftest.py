"""The world of two service points, furnished once per worker and copied for each module."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from portal import clock as portal_clock
from portal import transactions
from portal.app import create_app
from portal.extensions import db
from tests.databases import SqliteFiles
from tests.factories import NOON
from tests.safety.shops import open_shops
from tests.safety.stage import Stage, checkpoint, make_settings
from tests.safety.world import World, furnish, people_of
from tests.visitors import ZONE, PortalClient


def open_portal(url: str) -> Flask:
    """Build the portal on a database."""
    app = create_app(make_settings(url))
    app.config["OPEN_SESSIONS"] = []
    app.test_client_class = PortalClient
    return app


def build(url: str) -> World:
    """Furnish a fresh database and hire the cast."""
    portal_clock.configure(timezone=ZONE, now=NOON.isoformat())
    app = open_portal(url)
    engine = create_engine(url, **transactions.engine_options(url))
    transactions.tune(engine)
    with Session(engine.execution_options(writes=True), expire_on_commit=False) as session:
        world = furnish(session)
        open_shops(session, world)
        session.commit()
        people_of(session, world, app)
    engine.dispose()
    with app.app_context():
        db.engine.dispose()
    return world


@pytest.fixture(scope="session")
def furnished(sqlite_files: SqliteFiles) -> tuple[Path, World]:
    """Furnish the world once; returns its file."""
    url = sqlite_files.fresh()
    world = build(url)
    checkpoint(open_portal(url))
    return Path(url.removeprefix("sqlite:///")), world


@pytest.fixture(scope="session")
def open_stage(furnished: tuple[Path, World], sqlite_files: SqliteFiles) -> Callable[[], Stage]:
    """Open the portal on a copy of the world."""

    def make() -> Stage:
        template, world = furnished
        url = sqlite_files.fresh()
        copy = Path(url.removeprefix("sqlite:///"))
        stage = Stage(open_portal(url), world, template, copy)
        stage.reset()
        return stage

    return make


@pytest.fixture(scope="module")
def module_stage(open_stage: Callable[[], Stage]) -> Iterator[Stage]:
    """Open one portal for all tests of a module."""
    stage = open_stage()
    yield stage
    with stage.app.app_context():
        db.engine.dispose()


@pytest.fixture
def stage(module_stage: Stage) -> Stage:
    """Lend the portal with the world as it was furnished."""
    module_stage.reset()
    return module_stage
