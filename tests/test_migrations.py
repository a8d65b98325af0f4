"""Migrations: forwards, backwards and forwards again, on both engines, with data in the tables."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import flask_migrate
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from migrations import tables
from portal import transactions
from portal.config import ROOT, Settings
from portal.credit.queries.verification.triggers import GUARDS, check_triggers
from portal.db import Base
from portal.extensions import db
from tests.trade import make_trade


@pytest.fixture(params=["sqlite", "mariadb"])
def own(request: pytest.FixtureRequest, make_database: Callable[[str], str]) -> Iterator[Engine]:
    """Lend a database with a little of everything that may be taken apart."""
    url = make_database(request.param)
    made = create_engine(url, **transactions.engine_options(url))
    transactions.tune(made)
    with Session(made.execution_options(writes=True)) as session:
        make_trade(session)
        session.commit()
    yield made
    made.dispose()


@pytest.fixture
def traded(session: Session, engine: Engine) -> Engine:
    """Put a little of everything into the usual database."""
    make_trade(session)
    session.commit()
    return engine


@contextlib.contextmanager
def migrations(engine: Engine) -> Iterator[Any]:
    """Move a database up and down."""
    url = engine.url.render_as_string(hide_password=False)
    app = Flask("migrations")
    app.config["SETTINGS"] = Settings(database_url=url, migration_database_url=url, env="testing")
    flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"))
    with app.app_context():
        yield flask_migrate


def shape(engine: Engine) -> dict[str, Any]:
    """Return tables, columns, indexes, keys, checks, views and triggers as they are."""
    found = inspect(engine)
    found.clear_cache()
    tables = {
        name: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)
            ],
            "indexes": sorted(index_shape(index) for index in found.get_indexes(name)),
            "keys": sorted(str(k["constrained_columns"]) for k in found.get_foreign_keys(name)),
            "unique": sorted(str(u["column_names"]) for u in found.get_unique_constraints(name)),
            "checks": sorted(str(c["name"]) for c in found.get_check_constraints(name)),
        }
        for name in found.get_table_names()
    }
    return {"tables": tables, "views": found.get_view_names(), "triggers": triggers(engine)}


def index_shape(index: Any) -> str:
    options = {name: str(option) for name, option in index.get("dialect_options", {}).items()}
    return str(sorted({**index, "dialect_options": options}.items(), key=str))


def triggers(engine: Engine) -> set[str]:
    asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if engine.dialect.name != "sqlite":
        asked = (
            "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
        )
    with engine.connect() as connection:
        return set(connection.scalars(text(asked)))


def broken_keys(connection: Connection) -> list[Any]:
    """Return rows that point nowhere."""
    if connection.dialect.name == "sqlite":
        return list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
    found = inspect(connection)
    present = {
        name: {column["name"] for column in found.get_columns(name)}
        for name in found.get_table_names()
    }
    return [
        (table.name, key.target_fullname)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.parent.name in present.get(table.name, ())
        and connection.scalar(_lost_rows(table, key))
    ]


def _lost_rows(table: Any, key: Any) -> Any:
    there = select(1).where(key.column == key.parent).correlate(table)
    if key.column.table is table:
        other = table.alias()
        there = select(1).where(other.c[key.column.name] == key.parent)
    return select(func.count()).select_from(table).where(key.parent.is_not(None), ~there.exists())


# Up, down, up


def test_a_full_database_goes_down_to_nothing_and_up_again_with_its_guards(own: Engine) -> None:
    first, guarded = shape(own), guard_faults(own)

    with migrations(own) as move:
        move.downgrade(revision="base")
        between, unguarded = shape(own), guard_faults(own)
        move.upgrade()

    assert set(between["tables"]) == {"alembic_version"}
    assert between["views"] == []
    assert between["triggers"] == set()
    assert shape(own) == first
    assert guarded == guard_faults(own) == []
    assert len(unguarded) == len(GUARDS)
    assert triggers(own) == {guard.name for guard in GUARDS}


def test_each_step_goes_down_and_up_with_data_in_the_tables(own: Engine) -> None:
    first = shape(own)

    with migrations(own) as move:
        for revision in revisions()[:-1]:
            move.downgrade(revision=revision.down_revision)
            move.upgrade(revision=revision.revision)
            with own.connect() as connection:
                assert broken_keys(connection) == [], revision.revision
            move.downgrade(revision=revision.down_revision)
        move.upgrade()

    assert shape(own) == first


def test_lines_get_back_the_reasons_that_they_shared(own: Engine) -> None:
    asked = text(
        "SELECT o.because, l.acquisition_because FROM orders o JOIN order_lines l"
        " ON l.order_id = o.id WHERE o.because IS NOT NULL ORDER BY l.order_id, l.position"
    )
    with own.connect() as connection:
        apart = [
            json.loads(shared) + json.loads(rest) for shared, rest in connection.execute(asked)
        ]

    with migrations(own) as move:
        move.downgrade(revision="20261130_0955")
        with own.connect() as connection:
            placed = "SELECT acquisition_because FROM order_lines WHERE acquisition_because <> ''"
            whole = connection.scalars(text(f"{placed} ORDER BY order_id, position")).all()
        move.upgrade()

    assert len(apart) > 0
    assert [json.loads(reasons) for reasons in whole] == apart


@pytest.mark.engines("sqlite")
def test_a_table_that_triggers_guard_is_not_made_anew(traded: Engine) -> None:
    with traded.connect() as connection:
        doing = MigrationContext.configure(connection)
        with Operations.context(doing), pytest.raises(RuntimeError, match="guarded"):
            tables.rebuild("entries", lambda made: made)


def revisions() -> list[Any]:
    """Return every migration, the newest first."""
    return list(ScriptDirectory(str(ROOT / "migrations")).walk_revisions())


def test_migrations_stand_in_one_line() -> None:
    found = revisions()

    assert len([one for one in found if one.is_head]) == 1
    assert not any(one.is_branch_point or one.is_merge_point for one in found)
    assert all(one.doc for one in found)


def test_the_models_ask_for_no_further_migration(engine: Engine) -> None:
    with migrations(engine) as move:
        move.check()


@pytest.mark.engines("sqlite")
def test_a_column_that_no_migration_knows_is_noticed(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE issuers ADD COLUMN planted INTEGER"))

    with migrations(engine) as move, pytest.raises(SystemExit):
        move.check()


def test_no_row_points_nowhere(traded: Engine) -> None:
    with traded.connect() as connection:
        assert broken_keys(connection) == []


def test_a_row_that_points_nowhere_is_found(traded: Engine, engine_url: str) -> None:
    careless = create_engine(engine_url)
    with careless.connect() as connection:
        if careless.dialect.name != "sqlite":
            connection.exec_driver_sql("SET foreign_key_checks=0")
        connection.exec_driver_sql("UPDATE orders SET service_point_id = 4711")
        found = broken_keys(connection)
        connection.rollback()
    careless.dispose()

    assert len(found) > 0


# The journal's guards


def guard_faults(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [fault for check in check_triggers(connection) for fault in check.faults]


@pytest.mark.parametrize("table", ["entries", "deeds"])
@pytest.mark.parametrize("what", ["UPDATE {} SET actor_id = 4711", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_the_journal(
    traded: Engine, table: str, what: str
) -> None:
    with traded.connect() as connection, pytest.raises(DBAPIError, match="never"):
        connection.exec_driver_sql(what.format(table))


@pytest.mark.engines("sqlite")
def test_a_guard_that_was_dropped_is_named(traded: Engine) -> None:
    with traded.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_delete")
        connection.commit()

    assert guard_faults(traded) == ["trigger entries_no_delete is missing"]


# Exact columns


SQLITE_TAKES_ANYTHING = [
    ("orders", "sale_total", "12.5"),
    ("orders", "sale_total", "'12.5'"),
    ("orders", "placed_at", "'2026-12-01'"),
]
"""MariaDB makes the column's own type of these."""
NOWHERE = [
    ("orders", "day", "'2026-13-01'"),
    ("orders", "day", "'yesterday'"),
    ("editions", "valid_until", "'2026-02-30'"),
    ("order_lines", "quantity", "0"),
    ("lots", "remaining", "-1"),
    ("orders", "status", "'lost'"),
]


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(("table", "column", "value"), SQLITE_TAKES_ANYTHING)
def test_sqlite_takes_only_what_a_column_means(
    traded: Engine, table: str, column: str, value: str
) -> None:
    _insist_on_refusal(traded, table, column, value)


@pytest.mark.parametrize(("table", "column", "value"), NOWHERE)
def test_a_column_takes_only_what_it_means(
    traded: Engine, table: str, column: str, value: str
) -> None:
    _insist_on_refusal(traded, table, column, value)


def _insist_on_refusal(engine: Engine, table: str, column: str, value: str) -> None:
    change = f"UPDATE {table} SET {column} = {value}"  # noqa: S608 - the parameters above
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.exec_driver_sql(change)
