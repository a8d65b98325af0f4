"""Orders over HTTP: the portal against the floor, under the same gunicorn, by the same clients."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import world
from benchmarks.serving import need_wrk, result_of, served, wrk
from benchmarks.table import Row

CLIENTS = 16
WARM_SECONDS, SECONDS, ROUNDS = 2, 6, 3
PORTAL, FLOOR = "repasse_bench_orders", "repasse_bench_floor"


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of wrk reported: requests a second, and milliseconds."""

    rate: float
    p50: float
    p99: float


def run() -> Iterator[Row]:
    """Measure the spread rate, the hot account, and how far the slowest fall behind."""
    need_wrk()
    size = world.Size()
    app = world.portal_on(world.fresh(PORTAL))
    world.fill(app, size)
    world.fresh(FLOOR)
    world.fill_floor(FLOOR, size)
    token = world.token_for(app)
    try:
        yield from _measure(token, size)
    finally:
        world.drop(PORTAL)
        world.drop(FLOOR)


def _measure(token: str, size: world.Size) -> Iterator[Row]:
    floors, ours, hot = [], [], []
    for number in range(ROUNDS):
        with served("benchmarks.floor:app", BENCH_DATABASE=FLOOR):
            floors.append(_load("floor", token, size.points, number))
        with served("wsgi:app", DATABASE_URL=world.address_of(PORTAL)):
            ours.append(_load("portal", token, size.points, number))
            hot.append(_load("portal", token, 1, number + ROUNDS))
    floor, our, one = (
        sorted(each, key=lambda x: x.rate)[len(each) // 2] for each in (floors, ours, hot)
    )
    yield Row("orders over HTTP, 16 clients", our.rate, floor.rate, "/s", 0.35, at_least=True)
    yield Row("one hot account, against spread", one.rate, our.rate, "/s", 0.65, at_least=True)
    yield Row("slowest in a hundred, against the median", our.p99, our.p50, "ms", 5)


def _load(kind: str, token: str, points: int, number: int) -> Load:
    _wrk(kind, token, points, f"warm-{number}", WARM_SECONDS)
    return _wrk(kind, token, points, f"run-{number}", SECONDS)


def _wrk(kind: str, token: str, points: int, name: str, seconds: int) -> Load:
    running = wrk(
        "orders", CLIENTS, seconds,
        BENCH_KIND=kind,
        BENCH_TOKEN=token,
        BENCH_POINTS=str(points),
        BENCH_RUN=f"{name}-{points}-{time.time_ns()}",
    )  # fmt: skip
    return Load(*result_of(running))
