"""What the tests under fire ask for."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.fire.books import read_at
from tests.fire.crowd import Answer, Crowd
from tests.fire.invariants import broken_promises, faults_in
from tests.fire.world import World
from tests.servers import KEPT, ROOT, PortalProcess

MakeCrowd = Callable[..., Crowd]


@pytest.fixture
def frozen_instant() -> str | None:
    """Let the clock run: the portal's processes do."""
    return None


@pytest.fixture
def make_crowd(tmp_path: Path) -> Iterator[MakeCrowd]:
    """Send clients, as processes, to a portal."""
    made: list[Crowd] = []

    def make(portal: PortalProcess, world: World, patience: float = 0.0) -> Crowd:
        folder = tmp_path / f"crowd-{len(made)}"
        made.append(Crowd(folder, portal.address, world.token, patience))
        return made[-1]

    yield make
    for crowd in made:
        crowd.stop()


def verify(url: str, **environment: str) -> str:
    """Run `flask ledger verify` as a process; return what it found wrong, nothing if all holds."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "ledger", "verify"],
        cwd=ROOT,
        env=kept | {"DATABASE_URL": url, "PORTAL_ENV": "testing"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def assert_whole(url: str, answers: Iterable[Answer] = (), **environment: str) -> None:
    """Insist on all invariants, on what clients were told, and on the portal's own proof."""
    books = read_at(url)
    assert faults_in(books) == []
    assert broken_promises(books, answers) == []
    assert verify(url, **environment) == ""
