"""The commands of the Makefile, as a newcomer types them."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.databases import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 180
PROFILES = 6

Starter = Callable[..., "Command"]


class Command:
    """`make TARGET` at work, with what it has printed."""

    def __init__(self, target: str, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.output_file = folder / f"{target}-{self.port}.txt"
        unwanted = ("MAKE", "PORTAL_", "SECRET_KEY", "DATABASE_URL", "FLASK_", "WORKERS", "PYTEST_")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", target, f"PORT={self.port}"],
                cwd=ROOT,
                env={**clean, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.output_file.read_text(encoding="utf-8", errors="replace")

    def address(self) -> str:
        """Wait until it says where the portal is."""
        announced = f"http://127.0.0.1:{self.port}"
        ends = time.monotonic() + PATIENCE_SECONDS
        while announced not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < ends, self.output
            time.sleep(0.1)
        return announced

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
        self.process.wait(timeout=60)

    def is_gone(self) -> bool:
        """Whether none of its processes is left."""
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.1)
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    started: list[Command] = []

    def begin(target: str, **environment: str) -> Command:
        started.append(Command(target, tmp_path, **environment))
        return started[-1]

    yield begin
    for command in started:
        command.end()


@pytest.mark.xdist_group("fire")
def test_make_run_prepares_demo_data_once_and_names_its_users_every_time(
    start: Starter, tmp_path: Path
) -> None:
    database = tmp_path / "instance" / "demo.sqlite3"
    first = start("run", DATABASE_URL=f"sqlite:///{database}")
    asked = requests.get(first.address(), timeout=30)
    await_jobs(database)
    first.end()
    orders = count_orders(database)

    second = start("run", DATABASE_URL=f"sqlite:///{database}")
    second.address()
    second.end(signal.SIGINT)  # as Ctrl-C does

    assert asked.status_code == 200
    assert "/sign-in" in asked.url
    assert orders > 0
    assert count_orders(database) == orders
    assert first.is_gone()
    assert second.is_gone()
    for command in (first, second):
        assert len(set(re.findall(r"\S+@\S+\.\w+", command.output))) >= PROFILES, command.output


def count_orders(database: Path) -> int:
    return asked_of(database, "SELECT count(*) FROM orders")


def await_jobs(database: Path) -> None:
    """Wait until the scheduler beside the server has run something."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not asked_of(database, "SELECT count(*) FROM job_runs WHERE state = 'done'"):
        assert time.monotonic() < ends
        time.sleep(0.2)


def asked_of(database: Path, question: str) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute(question).fetchone()[0])
    finally:
        connection.close()


@pytest.mark.engines("sqlite", "mariadb")
@pytest.mark.xdist_group("fire")
def test_make_serve_serves_the_configured_database_as_it_is(
    start: Starter, engine_url: str
) -> None:
    served = start("serve", DATABASE_URL=engine_url, PORTAL_ENV="testing", WORKERS="2")

    answer = requests.get(f"{served.address()}/health/live", timeout=30)

    assert answer.status_code == 200
    assert "@" not in served.output


@pytest.mark.engines("sqlite")
def test_make_serve_means_production_unless_told_otherwise(start: Starter, engine_url: str) -> None:
    refused = start("serve", DATABASE_URL=engine_url)

    assert refused.process.wait(timeout=60) != 0
    assert "SECRET_KEY must be set" in refused.output
    assert "Traceback" not in refused.output
