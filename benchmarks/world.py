"""Databases to measure on: service points, price tables and credit, through bulk inserts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import pymysql
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from benchmarks import floor
from portal.actors import PORTAL
from portal.app import create_app
from portal.clock import now
from portal.config import Settings
from portal.credit.models import LotKind
from portal.credit.services import open_account
from portal.credit.services.grants import Terms, grant
from portal.db import InsertRows
from portal.transactions import transact

HOST = os.environ.get("BENCH_MARIADB_HOST", "127.0.0.1")
MARIADB_PORT = int(os.environ.get("BENCH_MARIADB_PORT", "3306"))
SECRET = "a-secret-for-benchmarks-only"
BEGINNING = date(2026, 1, 1)
FOREVER = date(9999, 12, 31)
CHUNK = 5_000
RICH = 10**13
"""Cents: more than any run can spend."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is: each table has its editions, each edition all the products."""

    points: int = 1_000
    tables: int = 100
    editions: int = 1
    products: int = 1_000


def connect(database: str | None = None) -> pymysql.Connection[Any]:
    """Open a raw connection to the server."""
    return pymysql.connect(
        host=HOST, port=MARIADB_PORT, user="root", database=database, autocommit=True
    )


def fresh(name: str) -> str:
    """Make an empty database; return its address."""
    with connect() as server, server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    return address_of(name)


def address_of(name: str) -> str:
    """Return the address of a benchmark's database."""
    return f"mysql+pymysql://root@{HOST}:{MARIADB_PORT}/{name}"


def drop(name: str) -> None:
    """Remove a database that a benchmark made."""
    with connect() as server, server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


def portal_on(url: str) -> Flask:
    """Return the portal on a database that is migrated to the head."""
    app = create_app(Settings(database_url=url, secret_key=SECRET, env="testing"))
    with app.app_context():
        upgrade()
    return app


def fill(app: Flask, size: Size) -> None:
    """Fill a migrated database: products, points, tables, editions, prices, credit."""
    with app.app_context():
        transact(_fill_catalogue, size)
        for first in range(0, size.tables * size.editions, 20):
            transact(_fill_prices, size, first, min(first + 20, size.tables * size.editions))
        for first in range(0, size.points, 250):
            transact(_fill_credit, range(first, min(first + 250, size.points)))


def _fill_catalogue(session: Session, size: Size) -> None:
    connection = session.connection()
    at = moment(connection)
    rows(
        connection, "products",
        ("id", "sku", "name", "kind", "active", "fractional", "created_at", "updated_at",
         "version"),
        ((n, f"SKU-{n}", f"Product {n}", "service", 1, 0, at, at, 1)
         for n in range(1, size.products + 1)),
    )  # fmt: skip
    rows(
        connection, "service_points",
        ("id", "code", "name", "max_discount_percent", "max_surcharge_percent",
         "may_edit_final_price", "debt_enabled", "collects", "shop_enabled", "active",
         "created_at", "version"),
        ((n, f"SP-{n:05}", f"Service point {n}", 0, 0, 1, 0, "service_point", 0, 1, at, 1)
         for n in range(1, size.points + 1)),
    )  # fmt: skip
    rows(
        connection,
        "price_tables",
        ("id", "name", "kind", "calculation", "created_at", "version"),
        ((n, f"Table {n}", "general", "fixed", at, 1) for n in range(1, size.tables + 1)),
    )
    rows(
        connection, "price_assignments",
        ("service_point_id", "mode", "price_table_id", "valid_from", "valid_until", "created_at"),
        ((n, "general", 1 + n % size.tables, BEGINNING, FOREVER, at)
         for n in range(1, size.points + 1)),
    )  # fmt: skip


def _fill_prices(session: Session, size: Size, first: int, last: int) -> None:
    """The last edition of each table is in force; those before it lie a year earlier each."""
    connection = session.connection()
    at = moment(connection)
    rows(
        connection, "editions",
        ("id", "price_table_id", "number", "state", "valid_from", "valid_until", "created_at",
         "version"),
        ((n + 1, 1 + n // size.editions, 1 + n % size.editions, "published",
          *_window(size, n % size.editions), at, 1) for n in range(first, last)),
    )  # fmt: skip
    rows(
        connection, "edition_items",
        ("edition_id", "product_id", "min_quantity", "price", "free"),
        ((n + 1, product, 0, 100_000 + product * 100, 0)
         for n in range(first, last) for product in range(1, size.products + 1)),
    )  # fmt: skip


def _window(size: Size, at: int) -> tuple[date, date]:
    """Return the window of the table's edition number `at`, counted from 0."""
    back = size.editions - 1 - at
    if back == 0:
        return BEGINNING, FOREVER
    return date(BEGINNING.year - back, 1, 1), date(BEGINNING.year - back, 12, 31)


def _fill_credit(session: Session, points: Iterable[int]) -> None:
    for number in points:
        account = open_account(session, service_point_id=number + 1, at=now())
        terms = Terms(RICH, RICH, LotKind.PAID, None)
        grant(
            session, account_id=account.id, service_point_id=number + 1, terms=terms,
            reason="benchmark", by=PORTAL, at=now(),
        )  # fmt: skip


def rows(
    connection: Connection, table: str, columns: Sequence[str], given: Iterable[Sequence[Any]]
) -> None:
    """Insert rows in large multi-row statements."""
    statement = InsertRows(table, *columns)
    for chunk in _chunks(given):
        statement.run(connection, chunk)


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def moment(connection: Connection) -> datetime:
    """Return the instant at which a world was made, in the form its driver takes."""
    aware = datetime(2026, 1, 1, tzinfo=UTC)
    return aware if connection.dialect.name == "sqlite" else aware.replace(tzinfo=None)


def fill_floor(name: str, size: Size) -> None:
    """Fill the floor's own tables with as many points, prices and as much credit."""
    with connect(name) as server, server.cursor() as cursor:
        for statement in floor.SCHEMA:
            cursor.execute(statement)
        cursor.executemany(
            "INSERT INTO f_edition VALUES (%s, %s, %s, %s)",
            [(n, n, BEGINNING, FOREVER) for n in range(1, size.tables + 1)],
        )
        cursor.executemany(
            "INSERT INTO f_point VALUES (%s, %s, %s)",
            [(n, 1 + n % size.tables, RICH) for n in range(1, size.points + 1)],
        )
        for edition in range(1, size.tables + 1):
            cursor.executemany(
                "INSERT INTO f_item VALUES (%s, %s, %s)",
                [(edition, n, 100_000 + n * 100) for n in range(1, size.products + 1)],
            )


def token_for(app: Flask) -> str:
    """Make a user of headquarters who may do all; return a token of theirs."""
    runner = app.test_cli_runner()
    made = runner.invoke(
        args=["users", "create", "--email", "bench@example.com", "--password", "Long-enough-1",
              "--profile", "administrator"],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    token = runner.invoke(args=["tokens", "create", "--user", "bench@example.com", "--name", "b"])
    assert token.exit_code == 0, token.output
    return token.output.strip().splitlines()[-1]


def count(app: Flask, table: str) -> int:
    """Count a table's rows."""
    with app.app_context():
        return transact(
            lambda s: int(s.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one())
        )
