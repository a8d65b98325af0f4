"""Words that the migrations share; frozen, so that an old migration keeps its meaning."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateColumn

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT, "mysql", "mariadb")
LONG_BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB, "mysql", "mariadb")
CODE = sa.String(64).with_variant(sa.String(64, collation="utf8mb4_bin"), "mysql", "mariadb")
DIGEST = sa.LargeBinary(32).with_variant(mysql.BINARY(32), "mysql", "mariadb")

_MARIADB = {"engine": "InnoDB", "charset": "utf8mb4", "collate": "utf8mb4_unicode_ci"}


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> sa.Table:
    """Create a table; on SQLite, which checks no types, with a check for each exact column."""
    if is_sqlite():
        parts += tuple(_exact(part) for part in parts if _needs_check(part))
    for dialect in ("mysql", "mariadb"):
        options |= {f"{dialect}_{key}": value for key, value in _MARIADB.items()}
    return op.create_table(name, *parts, **options)


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column; on SQLite with the check that `create_table` gives an exact one."""
    whole = sa.Table(table, sa.MetaData(), column)
    spec = str(CreateColumn(whole.c[column.name]).compile(dialect=op.get_bind().dialect))
    if isinstance(column.type, sa.Boolean):
        name = f"CONSTRAINT ck_{table}_{column.name} " if is_sqlite() else ""
        spec += f" {name}CHECK ({column.name} IN (0, 1))"
    elif is_sqlite() and _needs_check(column):
        spec += f" CONSTRAINT ck_exact_{column.name} CHECK ({_exact(column).sqltext})"
    op.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {spec}".replace(":", "\\:")))


def rebuild(table: str, change: Callable[[str], str]) -> None:
    """Make a table of SQLite anew, with its rows and indexes, out of its changed text.

    Never a journal's: what is guarded by triggers is refused, for they would be lost.
    """
    bind = op.get_bind()
    parts = dict[str, list[str]](table=[], index=[], trigger=[])
    asked = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql <> ''")
    for kind, text in bind.execute(asked, {"table": table}):
        parts[kind].append(text)
    if parts["trigger"]:
        raise RuntimeError(f"{table} is guarded by triggers")
    (old,) = parts["table"]
    made = re.sub(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_anew", change(old))
    for text in (
        made,
        f"INSERT INTO {table}_anew SELECT * FROM {table}",  # noqa: S608 - names from code
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_anew RENAME TO {table}",
        *parts["index"],
    ):
        bind.exec_driver_sql(text)


def is_sqlite() -> bool:
    """Whether the migration runs on SQLite."""
    return op.get_bind().dialect.name == "sqlite"


def _needs_check(part: sa.schema.SchemaItem) -> bool:
    return isinstance(part, sa.Column) and isinstance(part.type, sa.Integer | sa.Date | sa.DateTime)


def _exact(column: Any) -> sa.CheckConstraint:
    name = column.name
    if isinstance(column.type, sa.Integer):
        rule = f"typeof({name}) IN ('integer', 'null')"
    elif isinstance(column.type, sa.DateTime):
        # Without the fraction: SQLite rounds .9995 and more up to the next second.
        seconds = f"strftime('%Y-%m-%d %H:%M:%S', substr({name}, 1, 19), '+0 days')"
        rule = (
            f"{name} IS NULL OR ({name} IS {seconds} || substr({name}, 20) AND length({name}) = 26)"
        )
    else:
        rule = f"{name} IS NULL OR {name} IS date({name}, '+0 days')"
    return sa.CheckConstraint(rule, name=op.f(f"ck_exact_{name}"))


def refuse(table: str, event: str, why: str, *, when: str | None = None) -> None:
    """Create a trigger that refuses an event on a table, always or under a condition."""
    name = f"{table}_no_{event.lower()}"
    if is_sqlite():
        condition = f"WHEN {when.replace('<=>', 'IS')}" if when else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )
        return
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{why}'"
    body = f"BEGIN IF {when} THEN {signal}; END IF; END" if when else signal
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {body}")
