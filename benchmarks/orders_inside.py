"""Orders in process: the portal's service against the same raw transaction, one connection each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count

from benchmarks import floor, world
from benchmarks.table import Row, interleaved, p50
from portal import memory
from portal.actors import PORTAL, Actor
from portal.clock import now
from portal.keys import Key, Seal
from portal.orders.rules import Wanted, WantedLine
from portal.orders.services import place_order
from portal.transactions import transact_on_connection

NAME, FLOOR = "repasse_bench_inside", "repasse_bench_inside_floor"
ROUNDS, EACH = 20, 50
AT_ONCE = 100
_numbers = count(1)


def run() -> Iterator[Row]:
    """Measure one client; the token's look-up and the key's are part of ours."""
    size = world.Size()
    app = world.portal_on(world.fresh(NAME))
    world.fill(app, size)
    world.fresh(FLOOR)
    world.fill_floor(FLOOR, size)
    connection = floor.connect(FLOOR)
    draw = random.Random(7)
    memory.settle()
    with app.app_context():
        ours, raw = interleaved(
            placing(draw, size.points), lambda: _raw(connection, draw), rounds=ROUNDS, each=EACH
        )
    connection.close()
    world.drop(NAME)
    world.drop(FLOOR)
    yield Row("orders in process", 1 / p50(ours), 1 / p50(raw), "/s", 0.30, at_least=True)


def _raw(connection: object, draw: random.Random) -> None:
    first = draw.randint(1, 330)
    floor.place(connection, draw.randint(1, 1000), [(first, 2), (first + 330, 1), (first + 660, 3)])


def placing(draw: random.Random, points: int, by: Actor | None = None) -> Callable[[], None]:
    """Return what places one order of three lines for a random service point, under a new key.

    Orders and keys are made up many at once, so that the usual call does nothing but place one.
    """
    actor = by or seller()
    made_up: list[tuple[Wanted, Seal]] = []

    def place() -> None:
        if not made_up:
            made_up.extend(
                (wanted(draw, points), Seal(_key(), lambda placed: (201, "{}")))
                for _ in range(AT_ONCE)
            )
        order, seal = made_up.pop()
        transact_on_connection(place_order, order, by=actor, at=now(), seal=seal)

    return place


def seller() -> Actor:
    """Return someone of headquarters who may order and see costs."""
    return Actor(
        user_id=1, email="", name="", profile_name="", headquarters=True,
        permissions=PORTAL.permissions | {"orders.place", "costs.view"},
    )  # fmt: skip


def wanted(draw: random.Random, points: int, lines: int = 3, products: int = 900) -> Wanted:
    """Return an order of so many lines, of different products."""
    step = products // lines
    first = draw.randint(1, step)
    return Wanted(
        service_point=f"SP-{draw.randint(1, points):05}",
        channel="api",
        lines=[
            WantedLine(f"SKU-{first + at * step}", Decimal(2), Decimal("150.00"))
            for at in range(lines)
        ],
    )


def _key() -> Key:
    stamp = f"{time.time_ns()}-{next(_numbers)}".encode()
    return Key(stamp.ljust(32, b"-")[:32], bytes(32))
