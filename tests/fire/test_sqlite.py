"""Sixteen clients on SQLite: they queue, nobody waits long, and nobody hears of locks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fire.books import read_at
from tests.fire.conftest import MakeCrowd, assert_whole
from tests.fire.crowd import outcomes
from tests.fire.test_kills import on_disk
from tests.fire.world import build
from tests.servers import PortalProcess

pytestmark = pytest.mark.xdist_group("fire")

ORDERS = 480
COVERED = 360
LONGEST_SECONDS = 1.0


@pytest.mark.engines("sqlite")
def test_sixteen_clients_wait_fairly_and_place_what_is_covered(
    engine_url: str,
    start_portal: Callable[..., PortalProcess],
    make_crowd: MakeCrowd,
    tmp_path: Path,
) -> None:
    world = build(on_disk(engine_url, tmp_path), covers=COVERED, lots=3)
    portal = start_portal(world.url, WORKERS="1", THREADS="16")
    crowd = make_crowd(portal, world)

    crowd.start([world.order(f"key-{n}") for n in range(ORDERS)], clients=16)
    answers = crowd.finish()

    assert outcomes(answers) == {"201": COVERED, "insufficient_credit": ORDERS - COVERED}
    assert not any(answer.troubles or answer.replayed for answer in answers)
    waits = [answer.seconds for answer in answers]
    assert max(waits) < LONGEST_SECONDS
    assert "database is locked" not in portal.log
    assert [account["balance"] for account in read_at(world.url)["accounts"]] == [0]
    assert_whole(world.url, answers)
