"""Alembic's door: one set of scripts for SQLite and MariaDB."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, create_engine, pool

from portal.db import BIG, LONG_TEXT, MOMENT, Base, LastDay, Minor, UTCDateTime
from portal.transactions import SMALL_PAGES

JOURNAL_TRIGGERS_NEED = "journal tables are never altered in batch: triggers would be lost"


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our own types as the plain ones that hold them."""
    if kind != "type":
        return False
    autogen_context.imports.add("from migrations import tables as t")
    names = {Minor: "t.BIG", UTCDateTime: "t.MOMENT", LastDay: "sa.Date()"}
    for own, name in names.items():
        if isinstance(item, own):
            return name
    for plain, name in ((BIG, "t.BIG"), (MOMENT, "t.MOMENT"), (LONG_TEXT, "t.LONG_TEXT")):
        if item is plain:
            return name
    return False


def run(connection: Connection) -> None:
    """Run the scripts; on SQLite with foreign keys off, and checked afterwards."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql(f"PRAGMA {SMALL_PAGES}")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"foreign keys are broken after the migration: {broken[:5]}")


def _engine() -> Any:
    settings = current_app.config["SETTINGS"]
    url = settings.migration_database_url or settings.database_url
    return create_engine(url, poolclass=pool.NullPool)


if context.is_offline_mode():
    raise SystemExit("Migrations need a database: offline scripts are not offered.")
with _engine().connect() as live:
    run(live)
    live.commit()
