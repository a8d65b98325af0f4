"""The last day ends at midnight of São Paulo, 03:00 in UTC, to the microsecond, while serving."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from portal import clock, transactions
from portal.catalogue.models import Product
from portal.partners.models import ServicePoint
from portal.pricing.models import Edition, PriceAssignment, PriceTable
from tests.fire.books import read_at
from tests.fire.conftest import MakeCrowd, assert_whole
from tests.fire.crowd import Answer, ask, outcomes
from tests.fire.world import World, build, give
from tests.pricing.factories import make_assignment, make_edition, make_table
from tests.servers import PortalProcess
from tests.visitors import ZONE

pytestmark = pytest.mark.xdist_group("fire")

LAST_DAY = date(2026, 12, 1)
NEXT_DAY = date(2026, 12, 2)
BEFORE = "2026-12-02T02:59:59.999999Z"
MIDNIGHT = "2026-12-02T03:00:00.000000Z"
LAST_DAY_BEGINS = "2026-12-01T03:00:00.000000Z"
YESTERDAYS, TODAYS = "110.00", "121.00"


class Clock:
    """The file that a portal's processes read the instant from."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def move_to(self, moment: str) -> None:
        """Move all processes' clock at once: whoever reads finds the old instant or the new."""
        written = self.file.with_suffix(".new")
        written.write_text(moment, encoding="ascii")
        written.rename(self.file)


@pytest.fixture
def clock_file(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "now")


@pytest.fixture
def frozen_instant() -> str | None:
    """What is there was there the day before."""
    return "2026-11-30T12:00:00Z"


@pytest.fixture
def world(engine_url: str) -> World:
    """Three service points: each knows the change of a day in another way.

    The first by two editions of its table, the second by two assignments; the third has a lot
    that ends and one that does not.
    """
    made = build(engine_url, points=3)
    engine = create_engine(made.url, **transactions.engine_options(made.url))
    transactions.tune(engine)
    with Session(engine.execution_options(writes=True)) as session:
        dearer = _items(session, made, "36.6666", "11")
        _end_editions(session, made)
        make_edition(session, session.get_one(PriceTable, made.table), NEXT_DAY, items=dearer)
        dear = make_table(session, "From the next day")
        make_edition(session, dear, "2025-01-01", items=dearer)
        _change_assignment(session, made, dear)
        one, other, third = made.accounts.values()
        for account, amount, ends in (
            (one, 99_900, None), (other, 99_900, None), (third, 20_000, LAST_DAY),
            (third, 12_100, None),
        ):  # fmt: skip
            give(session, account, amount, ends)
        session.commit()
    engine.dispose()
    return made


def _end_editions(session: Session, world: World) -> None:
    (edition,) = session.scalars(select(Edition).where(Edition.price_table_id == world.table))
    edition.valid_until = LAST_DAY


def _change_assignment(session: Session, world: World, dear: PriceTable) -> None:
    """Let the second service point leave a table, which goes on, for a dearer one."""
    of_second = select(ServicePoint).where(ServicePoint.code == world.points[1])
    point = session.scalars(of_second).one()
    cheap = make_table(session, "Until the last day")
    make_edition(session, cheap, "2025-01-01", items=_items(session, world, "33.3333", "10"))
    of_point = select(PriceAssignment).where(PriceAssignment.service_point_id == point.id)
    assigned = session.scalars(of_point).one()
    assigned.price_table_id, assigned.valid_until = cheap.id, LAST_DAY
    make_assignment(session, point, dear, NEXT_DAY)


def _items(session: Session, world: World, *prices: str) -> list[tuple[Any, ...]]:
    goods = [session.get_one(Product, number) for number in world.products.values()]
    return list(zip(goods, prices, strict=True))


def reading(path: str) -> dict[str, Any]:
    return {"method": "GET", "path": f"/api/v1{path}", "key": ""}


def cost(answer: Answer) -> tuple[str, str]:
    """Return day and cost of an order."""
    assert answer.status == 201, answer
    return answer.body["on"], answer.body["totals"]["acquisition"]


def test_prices_change_exactly_at_midnight_and_credit_ends_with_its_last_day(
    world: World, start_portal: Callable[..., PortalProcess], clock_file: Clock
) -> None:
    clock_file.move_to(LAST_DAY_BEGINS)
    portal = start_portal(world.url, PORTAL_NOW=f"@{clock_file.file}")

    def order(key: str, point: int) -> Answer:
        return ask(portal.address, world.token, world.order(key, world.points[point]))

    def account() -> dict[str, Any]:
        return ask(portal.address, world.token, reading(world.account_path(world.points[2]))).body

    for moment in (LAST_DAY_BEGINS, BEFORE):
        clock_file.move_to(moment)
        for point in (0, 1):
            assert cost(order(f"{moment}-{point}", point)) == ("2026-12-01", YESTERDAYS)
        assert account()["next_expiry"] == {"on": "2026-12-01", "amount": "200.00"}
        assert account()["balance"] == "321.00"
    last = order("last", 2)
    assert cost(last) == ("2026-12-01", YESTERDAYS)
    assert account()["balance"] == "211.00"

    clock_file.move_to(MIDNIGHT)

    for point in (0, 1):
        assert cost(order(f"after-{point}", point)) == ("2026-12-02", TODAYS)
    assert account()["balance"] == account()["available"] == "121.00"
    assert account()["next_expiry"] is None
    first = order("first", 2)
    assert cost(first) == ("2026-12-02", TODAYS)
    assert first.body["credit"]["lots"] != last.body["credit"]["lots"]
    assert first.body["credit"]["balance"] == "0.00"
    assert order("none", 2).outcome == "insufficient_credit"
    expired = [row for row in read_at(world.url)["entries"] if row["kind"] == "expiry"]
    assert [(row["qty"], row["booked_at"]) for row in expired] == [
        (-9_000, clock.parse_moment(MIDNIGHT))
    ]
    assert_whole(world.url, PORTAL_NOW=MIDNIGHT)


def test_orders_that_run_through_midnight_belong_to_one_day_each(
    world: World,
    start_portal: Callable[..., PortalProcess],
    make_crowd: MakeCrowd,
    clock_file: Clock,
) -> None:
    clock_file.move_to(BEFORE)
    workers = "1" if world.url.startswith("sqlite") else "2"
    portal = start_portal(world.url, WORKERS=workers, PORTAL_NOW=f"@{clock_file.file}")
    crowd = make_crowd(portal, world)
    engine = create_engine(world.url, **transactions.engine_options(world.url))
    transactions.tune(engine)
    clock.configure(timezone=ZONE, now=LAST_DAY_BEGINS)
    with Session(engine.execution_options(writes=True)) as session:
        give(session, world.accounts[world.points[0]], 10_000_000, LAST_DAY)
        give(session, world.accounts[world.points[0]], 10_000_000)
        session.commit()
    engine.dispose()

    crowd.start([world.order(f"key-{n}") for n in range(200)], clients=8)
    crowd.await_answers(60)
    clock_file.move_to(MIDNIGHT)
    answers = crowd.finish()

    assert outcomes(answers) == {"201": 200}
    assert {cost(answer) for answer in answers} == {
        ("2026-12-01", YESTERDAYS),
        ("2026-12-02", TODAYS),
    }
    assert_whole(world.url, answers, PORTAL_NOW=MIDNIGHT)


@pytest.mark.engines("mariadb")
def test_portals_whose_clocks_differ_never_spend_what_one_of_them_has_seen_expire(
    world: World, start_portal: Callable[..., PortalProcess]
) -> None:
    late = start_portal(world.url, WORKERS="1", PORTAL_NOW="2026-12-02T02:59:00Z")
    early = start_portal(world.url, WORKERS="1", PORTAL_NOW="2026-12-02T03:01:00Z")
    ends, stays = world.points[2], world.points[0]

    def order(portal: PortalProcess, key: str, point: str) -> Answer:
        return ask(portal.address, world.token, world.order(key, point))

    for number in range(4):
        assert cost(order(late, f"late-{number}", stays)) == ("2026-12-01", YESTERDAYS)
        assert cost(order(early, f"early-{number}", stays)) == ("2026-12-02", TODAYS)
    assert order(early, "living-lot", ends).body["credit"]["balance"] == "0.00"
    assert order(late, "dead-lot", ends).outcome == "insufficient_credit"
    assert_whole(world.url, PORTAL_NOW=MIDNIGHT)
