"""What the tests of commands ask for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import Settings
from portal.extensions import db
from tests.conftest import CHEAP_ARGON2, SECRET, USUAL_NOW
from tests.databases import SqliteFiles
from tests.visitors import ZONE

Flaskly = Callable[..., Result]


def settings_for(url: str, now: str = USUAL_NOW) -> Settings:
    """Return settings that serve a database at an instant."""
    return Settings(
        database_url=url,
        migration_database_url=url,
        secret_key=SECRET,
        env="testing",
        timezone=ZONE,
        now=now,
        argon2=CHEAP_ARGON2,
    )


def flask_on(url: str, *args: str, now: str = USUAL_NOW) -> Result:
    """Run a `flask` command against a database."""
    app: Flask = create_app(settings_for(url, now))
    try:
        return app.test_cli_runner().invoke(args=list(args))
    finally:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def demo_url(sqlite_files: SqliteFiles) -> Iterator[str]:
    """Lend an SQLite database with the demo, loaded once; for looking only."""
    url = sqlite_files.fresh()
    loaded = flask_on(url, "demo", "load")
    assert loaded.exit_code == 0, loaded.output
    Path(url.removeprefix("sqlite:///")).with_suffix(".txt").write_text(loaded.output)
    yield url
    sqlite_files.remove(url)


@pytest.fixture(scope="session")
def demo_said(demo_url: str) -> str:
    """Return what the command said when it loaded the demo."""
    return Path(demo_url.removeprefix("sqlite:///")).with_suffix(".txt").read_text()


@pytest.fixture(scope="module")
def demo_engine(demo_url: str) -> Iterator[Engine]:
    made = create_engine(demo_url)
    yield made
    made.dispose()


@pytest.fixture
def demo(demo_engine: Engine) -> Iterator[Session]:
    """Look into the demo, and change nothing."""
    with Session(demo_engine) as session:
        yield session


def count(session: Session, model: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0
