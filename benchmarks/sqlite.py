"""Orders on SQLite: in process against a raw script of the same transaction, and 16 at once.

The floor writes what the portal writes (order, lines, deed, entry, lot, account) with
synchronous=FULL and plain sqlite3: no rules, no reasons, no key.
"""

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask import Flask

from benchmarks import world
from benchmarks.orders_inside import placing
from benchmarks.table import Row, interleaved, p50
from portal import memory

SIZE = world.Size(points=100, tables=10, products=1_000)
ROUNDS, EACH = 20, 40
CLIENTS, ORDERS_EACH = 16, 40
LONGEST_WAIT_SECONDS = 1.0

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE item (edition INT, product INT, price INT, PRIMARY KEY (edition, product))
    WITHOUT ROWID;
CREATE TABLE edition (id INTEGER PRIMARY KEY, first TEXT, last TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, point INT, total INT, at TEXT);
CREATE TABLE line (order_id INT, position INT, product INT, quantity INT, price INT, amount INT,
    PRIMARY KEY (order_id, position)) WITHOUT ROWID;
CREATE TABLE deed (id INTEGER PRIMARY KEY, at TEXT, what TEXT);
CREATE TABLE entry (account INT, seq INT, order_id INT, qty INT, PRIMARY KEY (account, seq))
    WITHOUT ROWID;
CREATE TABLE lot (id INTEGER PRIMARY KEY, remaining INT);
CREATE TABLE account (id INTEGER PRIMARY KEY, balance INT, seq INT);
"""


def run() -> Iterator[Row]:
    """Measure one client against the floor, then the longest wait among sixteen."""
    with tempfile.TemporaryDirectory() as folder:
        app = world.portal_on(f"sqlite:///{folder}/portal.sqlite3")
        world.fill(app, SIZE)
        memory.settle()
        floor = _floor(Path(folder) / "floor.sqlite3")
        with app.app_context():
            ours, raw = interleaved(
                placing(random.Random(7), SIZE.points), floor, rounds=ROUNDS, each=EACH
            )
        yield Row("orders on SQLite", 1 / p50(ours), 1 / p50(raw), "/s", 0.22, at_least=True)
        longest = max(_sixteen(app))
        yield Row("SQLite, longest wait of 16 clients", longest, LONGEST_WAIT_SECONDS, "s", 1)


def _floor(path: Path) -> Callable[[], None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(_SCHEMA)
    with connection:
        connection.execute("INSERT INTO edition VALUES (1, '2026-01-01', '9999-12-31')")
        connection.executemany(
            "INSERT INTO item VALUES (1, ?, 1000)", [(n,) for n in range(1, SIZE.products + 1)]
        )
        many = [(n,) for n in range(1, SIZE.points + 1)]
        connection.executemany("INSERT INTO lot VALUES (?, 1000000000)", many)
        connection.executemany("INSERT INTO account VALUES (?, 1000000000, 0)", many)
    draw = random.Random(7)
    return lambda: _place(connection, draw)


def _place(connection: sqlite3.Connection, draw: random.Random) -> None:
    point, first = draw.randint(1, SIZE.points), draw.randint(1, 330)
    products = (first, first + 330, first + 660)
    day = "2026-12-01"
    run_ = connection.execute
    run_("BEGIN IMMEDIATE")
    edition = run_("SELECT id FROM edition WHERE first <= ? AND last >= ?", (day, day)).fetchone()[
        0
    ]
    prices = dict(
        run_("SELECT product, price FROM item WHERE edition = ? AND product IN (?,?,?)",
             (edition, *products)).fetchall()
    )  # fmt: skip
    total = sum(prices[product] * 2 for product in products)
    order = run_(
        "INSERT INTO orders (point, total, at) VALUES (?,?,?)", (point, total, day)
    ).lastrowid
    connection.executemany(
        "INSERT INTO line VALUES (?,?,?,?,?,?)",
        [(order, at, p, 2, prices[p], prices[p] * 2) for at, p in enumerate(products)],
    )
    seq = run_("SELECT seq FROM account WHERE id = ?", (point,)).fetchone()[0]
    run_("UPDATE lot SET remaining = remaining - ? WHERE id = ?", (total, point))
    run_("INSERT INTO deed (at, what) VALUES (?, 'placed')", (day,))
    run_("INSERT INTO entry VALUES (?,?,?,?)", (point, seq + 1, order, -total))
    done = run_(
        "UPDATE account SET balance = balance - ?, seq = ? WHERE id = ? AND balance >= ?",
        (total, seq + 1, point, total),
    )
    assert done.rowcount == 1
    run_("COMMIT")


def _sixteen(app: Flask) -> Iterator[float]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        for waits in pool.map(lambda seed: _waits(app, seed), range(CLIENTS)):
            yield from waits


def _waits(app: Flask, seed: int) -> list[float]:
    place = placing(random.Random(seed), SIZE.points)
    waits = []
    with app.app_context():
        for _ in range(ORDERS_EACH):
            begun = time.perf_counter()
            place()
            waits.append(time.perf_counter() - begun)
    return waits
