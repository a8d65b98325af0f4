"""Import: 100,000 rows of CSV and XLSX, read, checked with an error per row, stored in MariaDB.

Floor: csv with Decimal, a staging table, set-based checks, INSERT ... SELECT, by PyMySQL alone.
"""

import csv
import io
import multiprocessing
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pymysql
import xlsxwriter
from flask import Flask
from flask_migrate import Migrate, upgrade

from benchmarks.table import Row
from portal.app import create_app
from portal.clock import now
from portal.config import ROOT, Settings
from portal.extensions import db
from portal.people.rules.permissions import COMMAND_LINE
from portal.periods import Period
from portal.price_imports import services
from portal.price_imports.services import Wanted
from portal.pricing.models import PriceTable
from portal.transactions import transact

ROWS = 100_000
ROUNDS = 5
HOST = os.environ.get("BENCH_MARIADB_HOST", "127.0.0.1")
DATABASE = "repasse_bench_imports"
FROM = Period(date(2027, 1, 1))
_STAGE = """CREATE TEMPORARY TABLE f_stage (row_no INT PRIMARY KEY, sku VARCHAR(64)
    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, min_quantity BIGINT NOT NULL,
    price BIGINT NOT NULL)"""
_FILL = "INSERT INTO f_stage VALUES "
_UNKNOWN = """SELECT s.row_no FROM f_stage s LEFT JOIN products p ON p.sku = s.sku
    WHERE p.id IS NULL"""
_TWICE = """SELECT MIN(row_no) FROM f_stage GROUP BY sku, min_quantity HAVING COUNT(*) > 1"""
_STORE = """INSERT INTO edition_items (edition_id, product_id, min_quantity, price, percent, free)
    SELECT %s, p.id, s.min_quantity, s.price, NULL, 0 FROM f_stage s
    JOIN products p ON p.sku = s.sku"""


def run() -> Iterator[Row]:
    """Measure in turns; the best of each, which other work on the machine disturbs least."""
    text, book = csv_list(), xlsx_list()
    floors: list[float] = []
    ours: list[float] = []
    books: list[float] = []
    with database() as app, app.app_context():
        table_id = prepare()
        for _ in range(ROUNDS):
            floors.append(timed(lambda: floor(text, table_id)))
            ours.append(timed(lambda: ours_once(table_id, "list.csv", text)))
            books.append(timed(lambda: ours_once(table_id, "list.xlsx", book)))
        memory = memory_of(app.config["SETTINGS"], table_id, text)
    base, mine, sheet = map(min, (floors, ours, books))
    yield Row("import, 100,000 rows of CSV", mine, base, "s", 2.5)
    yield Row("import, XLSX beyond CSV against 0.5 s", max(sheet - mine, 0), 0.5, "s", 1)
    yield Row("import, memory against 300 MB", memory, 300, "MB", 1)


def ours_once(table_id: int, name: str, content: bytes) -> None:
    """Import as the command line does."""
    checked = services.check_file(services.open_file(name, content), percentages=False)
    wanted = Wanted(FROM, file_name=name)
    done = transact(
        services.import_prices, table_id, checked, wanted, percentages=False, by=COMMAND_LINE,
        at=now(),
    )  # fmt: skip
    assert done.report.rows == ROWS


def floor(content: bytes, table_id: int) -> None:
    """Do the least that is honest: exact figures, both checks in the database, one transaction."""
    connection = pymysql.connect(host=HOST, user="root", database=DATABASE, autocommit=False)
    with connection, connection.cursor() as cursor:
        reader = csv.reader(io.StringIO(content.decode("cp1252"), newline=""), delimiter=";")
        next(reader)
        rows = [
            (number, sku, 0, int(Decimal(price.replace(".", "").replace(",", ".")) * 10_000))
            for number, (sku, _name, _minimum, price) in enumerate(reader, 2)
        ]
        cursor.execute(_STAGE)
        for at in range(0, len(rows), 2_000):
            part = rows[at : at + 2_000]
            marks = ",".join(["(%s,%s,%s,%s)"] * len(part))
            cursor.execute(_FILL + marks, [value for row in part for value in row])
        cursor.execute(_UNKNOWN)
        assert not cursor.fetchall()
        cursor.execute(_TWICE)
        assert not cursor.fetchall()
        cursor.execute(
            "INSERT INTO editions (price_table_id, number, state, valid_from, valid_until,"
            " created_at, version) VALUES (%s, 1, 'draft', '2027-01-01', '9999-12-31', NOW(6), 1)",
            (table_id,),
        )
        cursor.execute(_STORE, (cursor.lastrowid,))
        connection.commit()


def memory_of(settings: Settings, table_id: int, content: bytes) -> float:
    """Return the most memory, in MB, of a process that starts, imports the list, and ends."""
    context = multiprocessing.get_context("spawn")
    told = context.SimpleQueue()
    child = context.Process(target=_import_alone, args=(settings, table_id, content, told))
    child.start()
    child.join()
    return float(told.get())


def _import_alone(settings: Settings, table_id: int, content: bytes, told: Any) -> None:
    with create_app(settings).app_context():
        ours_once(table_id, "list.csv", content)
    told.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024)


def csv_list() -> bytes:
    """Return a list as an ERP writes it."""
    draw = random.Random(1)
    lines = ["Código;Descrição;A partir de;Preço"]
    lines += [
        f"SKU-{at:06};Produto número {at};;{draw.randint(1, 10**7) / 100:.2f}".replace(".", ",")
        for at in range(ROWS)
    ]
    return "\r\n".join(lines).encode("cp1252")


def xlsx_list() -> bytes:
    """Return the same as a workbook."""
    file, draw = io.BytesIO(), random.Random(1)
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Código", "Descrição", "A partir de", "Preço"])
    for at in range(ROWS):
        price = draw.randint(1, 10**7) / 100
        sheet.write_row(at + 1, 0, [f"SKU-{at:06}", f"Produto número {at}", None, price])
    book.close()
    return file.getvalue()


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def prepare() -> int:
    """Store the products and a price table; return the table's number."""
    connection = pymysql.connect(host=HOST, user="root", database=DATABASE, autocommit=True)
    with connection, connection.cursor() as cursor:
        for at in range(0, ROWS, 2_000):
            marks = ",".join(["(%s, 'x', 'service', 1, 0, NOW(6), NOW(6), 1)"] * 2_000)
            cursor.execute(
                "INSERT INTO products (sku, name, kind, active, fractional, created_at, updated_at,"
                f" version) VALUES {marks}",
                [f"SKU-{number:06}" for number in range(at, at + 2_000)],
            )
    return transact(_table)


def _table(session: Any) -> int:
    table = PriceTable(name="Benchmark", kind="general", created_at=now())
    session.add(table)
    session.flush()
    return table.id


@contextmanager
def database() -> Iterator[Flask]:
    """Lend an application on a fresh database, which goes away with it."""
    url = f"mysql+pymysql://root@{HOST}/{DATABASE}?charset=utf8mb4"
    settings = Settings(database_url=url, migration_database_url=url, env="testing")
    _administer(f"DROP DATABASE IF EXISTS {DATABASE}")
    _administer(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    try:
        migrating = Flask("migrations")
        migrating.config["SETTINGS"] = settings
        Migrate(migrating, db, directory=str(ROOT / "migrations"))
        with migrating.app_context():
            upgrade()
        app = create_app(settings)
        yield app
        with app.app_context():
            db.engine.dispose()
    finally:
        _administer(f"DROP DATABASE IF EXISTS {DATABASE}")


def _administer(statement: str) -> None:
    connection = pymysql.connect(host=HOST, user="root", autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
