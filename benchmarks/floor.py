"""The floor of an order over HTTP: the least honest transaction, Flask and PyMySQL alone.

Three prices in force, order, three lines, two entries, guarded debit last, commit. No token,
no key, no rules, no reasons. Served by the same gunicorn as the portal: `benchmarks.floor:app`.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import pymysql
from flask import Flask, request

SCHEMA = (
    """CREATE TABLE f_edition (id BIGINT PRIMARY KEY, price_table BIGINT NOT NULL,
       valid_from DATE NOT NULL, valid_until DATE NOT NULL,
       KEY in_force (price_table, valid_from, valid_until))""",
    """CREATE TABLE f_item (edition BIGINT NOT NULL, product BIGINT NOT NULL, price BIGINT NOT NULL,
       PRIMARY KEY (edition, product))""",
    """CREATE TABLE f_point (id BIGINT PRIMARY KEY, price_table BIGINT NOT NULL,
       balance BIGINT NOT NULL)""",
    """CREATE TABLE f_order (id BIGINT PRIMARY KEY AUTO_INCREMENT, point BIGINT NOT NULL,
       total BIGINT NOT NULL, placed_at DATETIME(6) NOT NULL, KEY (point))""",
    """CREATE TABLE f_line (order_id BIGINT NOT NULL, position INT NOT NULL,
       product BIGINT NOT NULL, quantity BIGINT NOT NULL, price BIGINT NOT NULL,
       amount BIGINT NOT NULL,
       PRIMARY KEY (order_id, position))""",
    """CREATE TABLE f_entry (id BIGINT PRIMARY KEY AUTO_INCREMENT, order_id BIGINT NOT NULL,
       account BIGINT NOT NULL, amount BIGINT NOT NULL, KEY (order_id))""",
)
PRICES = """SELECT product, price FROM f_item WHERE product IN (%s, %s, %s) AND edition = (
    SELECT e.id FROM f_edition e JOIN f_point p ON p.price_table = e.price_table
    WHERE p.id = %s AND e.valid_from <= %s AND e.valid_until >= %s)"""
LINES = "INSERT INTO f_line VALUES (%s,%s,%s,%s,%s,%s),(%s,%s,%s,%s,%s,%s),(%s,%s,%s,%s,%s,%s)"
ENTRIES = "INSERT INTO f_entry (order_id, account, amount) VALUES (%s,%s,%s),(%s,%s,%s)"
DEBIT = "UPDATE f_point SET balance = balance - %s WHERE id = %s AND balance >= %s"
DAY = "2026-12-01"

app = Flask(__name__)
_local = threading.local()


def connect(database: str) -> pymysql.Connection[Any]:
    """Open a connection to the benchmark's database, without autocommit."""
    host = os.environ.get("BENCH_MARIADB_HOST", "127.0.0.1")
    port = int(os.environ.get("BENCH_MARIADB_PORT", "3306"))
    return pymysql.connect(host=host, port=port, user="root", database=database, autocommit=False)


def place(connection: pymysql.Connection[Any], point: int, lines: list[tuple[int, int]]) -> int:
    """Do the least honest transaction; return the order's number."""
    cursor = connection.cursor()
    products = [product for product, _ in lines]
    cursor.execute(PRICES, (*products, point, DAY, DAY))
    prices: dict[int, int] = dict(cursor.fetchall())
    amounts = [(prices[product] * quantity + 50) // 100 for product, quantity in lines]
    total = sum(amounts)
    cursor.execute(
        "INSERT INTO f_order (point, total, placed_at) VALUES (%s, %s, NOW(6))", (point, total)
    )
    number = cursor.lastrowid
    rows: list[int] = []
    for position, ((product, quantity), amount) in enumerate(zip(lines, amounts, strict=True)):
        rows += (number, position, product, quantity, prices[product], amount)
    cursor.execute(LINES, rows)
    cursor.execute(ENTRIES, (number, point, -total, number, 0, total))
    if cursor.execute(DEBIT, (total, point, total)) != 1:
        connection.rollback()
        raise ValueError("not enough credit")
    connection.commit()
    return int(number)


@app.post("/orders")
def order() -> tuple[dict[str, Any], int]:
    """Place what the body asks for."""
    if not hasattr(_local, "connection"):
        _local.connection = connect(os.environ["BENCH_DATABASE"])
    body = request.get_json()
    lines = [(line["product"], line["quantity"]) for line in body["lines"]]
    return {"number": str(place(_local.connection, body["point"], lines))}, 201
