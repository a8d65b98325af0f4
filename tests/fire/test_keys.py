"""One key, many times: one effect, one answer."""

from collections.abc import Callable

import pytest

from tests.fire.books import read_at
from tests.fire.conftest import assert_whole
from tests.fire.crowd import ask, at_once
from tests.fire.invariants import digest
from tests.fire.world import COST, World, build
from tests.servers import PortalProcess

pytestmark = [pytest.mark.xdist_group("fire"), pytest.mark.engines("mariadb")]

TIMES = 50


@pytest.fixture
def world(engine_url: str) -> World:
    """Credit for two orders."""
    return build(engine_url, covers=2, lots=2)


@pytest.fixture
def address(start_portal: Callable[..., PortalProcess], world: World) -> str:
    """Where the portal answers."""
    return start_portal(world.url, WORKERS="2", THREADS="32").address


def test_a_key_sent_fifty_times_at_once_has_one_effect_and_one_answer(
    world: World, address: str
) -> None:
    for key in ("first", "second"):
        answers = at_once(address, *[(world.token, world.order(key))] * TIMES)

        assert [answer.status for answer in answers] == [201] * TIMES
        assert all(answer.body == answers[0].body for answer in answers)
        assert {answer.etag for answer in answers} == {answers[0].etag}
        assert sorted(answer.replayed for answer in answers) == [False] + [True] * (TIMES - 1)

    books = read_at(world.url)
    assert [order["external_reference"] for order in books["orders"]] == ["first", "second"]
    assert [account["balance"] for account in books["accounts"]] == [0]
    assert_whole(world.url, answers)

    refused = at_once(address, *[(world.token, world.order("third"))] * TIMES)

    assert [answer.outcome for answer in refused] == ["insufficient_credit"] * TIMES
    assert all(answer.body == refused[0].body for answer in refused)
    assert sorted(answer.replayed for answer in refused) == [False] + [True] * (TIMES - 1)
    assert_whole(world.url, [*answers, *refused])


def test_a_key_used_for_something_else_is_refused_and_changes_nothing(
    world: World, address: str
) -> None:
    first = ask(address, world.token, world.order("mine"))
    before = digest(read_at(world.url))
    others = [
        world.order("mine", external_reference="another"),
        world.order("mine", channel="back_office"),
        {**world.order("mine"), "path": f"/api/v1{world.account_path()}/debits",
         "body": {"amount": "1.00", "source": "manual"}},
        {**world.order("mine"), "path": f"/api/v1/orders/{first.number}/cancel",
         "body": {"reason": "r"}},
    ]  # fmt: skip

    answers = at_once(address, *[(world.token, other) for other in others * 5])

    assert {answer.outcome for answer in answers} == {"idempotency_key_reused"}
    assert {answer.status for answer in answers} == {422}
    assert digest(read_at(world.url)) == before
    again = ask(address, world.token, world.order("mine"))
    assert (again.body, again.replayed) == (first.body, True)
    strangers = ask(address, world.tokens[1], world.order("mine"))
    assert (strangers.status, strangers.replayed) == (201, False)
    assert strangers.number != first.number
    spent = sum(-row["qty"] for row in read_at(world.url)["entries"] if row["kind"] == "debit")
    assert spent == 2 * COST
