"""Orders over HTTP: the portal against the floor, under the same gunicorn, by the same clients."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks import world
from benchmarks.table import Row

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("BENCH_PORT", "8197"))
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
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing: apt-get install wrk")
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
        with _served("benchmarks.floor:app"):
            floors.append(_load("floor", token, size.points, number))
        with _served("wsgi:app"):
            ours.append(_load("portal", token, size.points, number))
            hot.append(_load("portal", token, 1, number + ROUNDS))
    floor, our, one = (
        sorted(each, key=lambda x: x.rate)[len(each) // 2] for each in (floors, ours, hot)
    )
    yield Row("orders over HTTP, 16 clients", our.rate, floor.rate, "/s", 0.35, at_least=True)
    yield Row("one hot account, against spread", one.rate, our.rate, "/s", 0.65, at_least=True)
    yield Row("slowest in a hundred, against the median", our.p99, our.p50, "ms", 5)


@contextmanager
def _served(application: str) -> Iterator[None]:
    environment = os.environ | {
        "PORTAL_ENV": "testing",
        "SECRET_KEY": world.SECRET,
        "DATABASE_URL": world.address_of(PORTAL),
        "BENCH_DATABASE": FLOOR,
        "PORT": str(PORT),
        "WORKERS": "2",
        "THREADS": "8",
    }
    command = [str(ROOT / ".venv/bin/gunicorn"), "-c", "gunicorn.conf.py", application]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait()
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait() -> None:
    """Wait until the server answers, whatever it says."""
    for _ in range(100):
        try:
            urlopen(f"http://127.0.0.1:{PORT}/health/live", timeout=5).close()
        except HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the server did not start")


def _load(kind: str, token: str, points: int, number: int) -> Load:
    _wrk(kind, token, points, f"warm-{number}", WARM_SECONDS)
    return _wrk(kind, token, points, f"run-{number}", SECONDS)


def _wrk(kind: str, token: str, points: int, name: str, seconds: int) -> Load:
    environment = os.environ | {
        "BENCH_KIND": kind,
        "BENCH_TOKEN": token,
        "BENCH_POINTS": str(points),
        "BENCH_RUN": f"{name}-{points}-{time.time_ns()}",
    }
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "-s", "benchmarks/orders.lua",
         f"http://127.0.0.1:{PORT}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    rate, median, slowest, errors = result.split()[1:]
    if int(errors):
        raise SystemExit(f"orders were refused: {done.stdout}")
    return Load(float(rate), float(median) / 1000, float(slowest) / 1000)
