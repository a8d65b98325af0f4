"""Sixteen processes order at once, out of one account and out of a hundred."""

import random
from collections.abc import Callable

import pytest

from tests.fire.books import read_at
from tests.fire.conftest import MakeCrowd, assert_whole
from tests.fire.crowd import outcomes
from tests.fire.world import COST, build
from tests.servers import PortalProcess

pytestmark = pytest.mark.xdist_group("fire")

ORDERS = 2_000
COVERED = 1_500


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("accounts", [1, 100])
def test_what_accounts_cover_is_placed_to_the_cent_and_not_one_order_more(
    accounts: int,
    engine_url: str,
    start_portal: Callable[..., PortalProcess],
    make_crowd: MakeCrowd,
) -> None:
    world = build(engine_url, points=accounts, covers=COVERED // accounts, lots=3)
    jobs = [world.order(f"key-{n}", world.points[n % accounts]) for n in range(ORDERS)]
    random.Random(7).shuffle(jobs)  # noqa: S311 - the same order each time
    portal = start_portal(world.url, WORKERS="4", THREADS="8")

    crowd = make_crowd(portal, world)
    crowd.start(jobs, clients=16)
    answers = crowd.finish()

    assert outcomes(answers) == {"201": COVERED, "insufficient_credit": ORDERS - COVERED}
    assert {answer.status for answer in answers} == {201, 422}
    assert not any(answer.troubles or answer.replayed for answer in answers)
    books = read_at(world.url)
    assert {account["balance"] for account in books["accounts"]} == {0}
    assert sum(-row["qty"] for row in books["entries"] if row["kind"] == "debit") == COVERED * COST
    for answer in answers:
        if answer.status == 422:
            assert (answer.body["shortfall"], answer.body["available"]) == ("110.00", "0.00")
    assert_whole(world.url, answers)
