"""Quotes: a million price rows in ten thousand editions against ten thousand rows in ten."""

import random
from collections.abc import Callable, Iterator

from flask import Flask

from benchmarks import world
from benchmarks.orders_inside import seller, wanted
from benchmarks.table import Row, interleaved, p50
from portal.clock import now
from portal.orders.services import quote
from portal.transactions import read

SMALL, LARGE = "repasse_bench_prices_10k", "repasse_bench_prices_1m"
SMALL_SIZE = world.Size(points=1_000, tables=10, editions=1, products=1_000)
LARGE_SIZE = world.Size(points=1_000, tables=1_000, editions=10, products=100)
ROUNDS, EACH = 20, 40


def run() -> Iterator[Row]:
    """Measure a quote of three lines, and of fifty against one."""
    small = world.portal_on(world.fresh(SMALL))
    world.fill(small, SMALL_SIZE)
    large = world.portal_on(world.fresh(LARGE))
    world.fill(large, LARGE_SIZE)
    ours, floor = interleaved(_quoting(large, 90), _quoting(small, 90), rounds=ROUNDS, each=EACH)
    yield Row(
        "quote, 1,000,000 prices against 10,000", p50(ours) * 1e3, p50(floor) * 1e3, "ms", 1.3
    )
    many, one = interleaved(
        _quoting(large, 90, lines=50), _quoting(large, 90, lines=1), rounds=10, each=20
    )
    yield Row("quote, 50 lines against 1", p50(many) * 1e3, p50(one) * 1e3, "ms", None)
    world.drop(SMALL)
    world.drop(LARGE)


def _quoting(app: Flask, products: int, lines: int = 3) -> Callable[[], None]:
    draw, by = random.Random(7), seller()

    def ask() -> None:
        with app.app_context():
            read(quote, wanted(draw, 1_000, lines, products), by=by, at=now())

    return ask
