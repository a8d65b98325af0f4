"""Two people at the same instant, over HTTP: every end could have been reached in turn."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.extensions import db
from portal.orders.errors import NotADraft
from portal.orders.rules import Wanted, WantedLine
from portal.orders.services.drafts import redraft
from portal.transactions import transact
from tests.conftest import SECRET
from tests.databases import MariaDatabase, Server
from tests.factories import make_actor
from tests.fire.books import read_at
from tests.fire.conftest import assert_whole
from tests.fire.crowd import Answer, ask, at_once, post
from tests.fire.invariants import faults_in
from tests.fire.world import World, build
from tests.servers import PortalProcess

pytestmark = pytest.mark.xdist_group("fire")

ROUNDS = 20
_keys = count(1)
Job = dict[str, Any]


@pytest.fixture(scope="module")
def world(mariadb_server: Server) -> Iterator[World]:
    """Service points with credit for a hundred orders, one for each story."""
    database = MariaDatabase.create(mariadb_server, "two_at_once")
    yield build(database.url, points=12, covers=100, lots=2)
    database.drop()


@pytest.fixture(scope="module")
def portal(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """A portal of several processes, the same for all stories."""
    folder: Path = tmp_path_factory.mktemp("portal")
    started = PortalProcess(folder, world.url, WORKERS="3").start()
    yield started
    started.kill()


class Pair:
    """Two users who ask at the same instant."""

    def __init__(self, world: World, portal: PortalProcess) -> None:
        self.world, self.address = world, portal.address

    def ask(self, job: Job) -> Answer:
        """Let the first one ask; insist on success."""
        answer = ask(self.address, self.world.token, job)
        assert answer.status in {200, 201}, answer
        return answer

    def both(self, one: Job, other: Job) -> list[Answer]:
        """Let both ask at once."""
        first, second = self.world.tokens
        return at_once(self.address, (first, one), (second, other))

    def place(self, point: str, **facts: Any) -> int:
        """Place the usual order."""
        return self.ask(self.world.order(key(), point, **facts)).number


@pytest.fixture
def pair(world: World, portal: PortalProcess) -> Pair:
    return Pair(world, portal)


@pytest.fixture(autouse=True)
def _whole(world: World) -> Iterator[None]:
    """After each story all invariants hold."""
    yield
    assert faults_in(read_at(world.url)) == []


def key() -> str:
    return f"pair-{next(_keys)}"


def day(after: int) -> str:
    return (clock.today() + timedelta(days=after)).isoformat()


def read(path: str, headers: dict[str, str] | None = None) -> Job:
    return {"method": "GET", "path": f"/api/v1{path}", "key": "", "headers": headers}


# Prices


def make_table(pair: Pair) -> int:
    body = {"name": f"Table {next(_keys)}", "kind": "general", "calculation": {"type": "fixed"}}
    return int(pair.ask(post("/price-tables", body, key())).body["id"])


def edition(begin: int, end: int, **facts: Any) -> dict[str, Any]:
    items = [{"sku": "FIRE-A", "price": "12.50"}]
    return {"valid_from": day(begin), "valid_until": day(end), "items": items} | facts


@pytest.mark.parametrize("drafted", [True, False], ids=["drafts published", "published when made"])
def test_of_two_who_publish_overlapping_editions_one_is_told_window_overlap(
    pair: Pair, drafted: bool
) -> None:
    for number in range(ROUNDS):
        table = make_table(pair)
        wanted = [edition(10, 20), edition(10 + number % 11, 30)]
        path = f"/price-tables/{table}/editions"
        if drafted:
            made = [pair.ask(post(path, body, key())).body["id"] for body in wanted]
            jobs = [post(f"{path}/{one}/publish", {}, key()) for one in made]
        else:
            jobs = [post(path, body | {"publish": True}, key()) for body in wanted]

        answers = pair.both(*jobs)

        won, lost = sorted(answers, key=lambda answer: answer.status)
        assert won.body.get("state") == "published", won
        assert (lost.status, lost.outcome) == (409, "window_overlap")
        assert lost.body["conflicts_with"] == won.body["id"]
        listed = pair.ask(read(path)).body["items"]
        assert [one["id"] for one in listed if one["state"] == "published"] == [won.body["id"]]
        assert len(listed) == (2 if drafted else 1)


def test_two_assignments_put_at_once_never_mix(pair: Pair) -> None:
    path = f"/service-points/{pair.world.points[0]}/price-assignments"
    begun = {"mode": "general", "price_table": pair.world.table, "valid_from": "2025-01-01"}
    tables = [make_table(pair) for _ in range(2)]
    for number in range(ROUNDS // 2):
        wanted = [
            [begun | {"valid_until": day(5 + number)},
             {"mode": "general", "price_table": tables[0], "valid_from": day(6 + number)}],
            [begun | {"valid_until": day(9)}, {"mode": "own", "valid_from": day(10)}],
        ]  # fmt: skip
        version = pair.ask(read(path)).etag
        guarded = number % 2 == 0
        headers = {"If-Match": version} if guarded and version else {}
        jobs = [
            {"method": "PUT", "path": f"/api/v1{path}", "key": "", "body": {"items": items},
             "headers": headers}
            for items in wanted
        ]  # fmt: skip

        answers = pair.both(*jobs)

        if guarded:
            assert sorted(answer.status for answer in answers) == [200, 412]
        else:
            assert [answer.status for answer in answers] == [200, 200]
        stored = pair.ask(read(path)).body["items"]
        kept = [{name: one[name] for name in one if name != "id"} for one in stored]
        assert kept in [with_all_fields(items) for items in wanted]


def with_all_fields(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"price_table": None, "valid_until": None} | item for item in items]


# Orders

MOVES = {
    ("draft", "place"): "placed",
    ("draft", "cancel"): "cancelled",
    ("placed", "fulfill"): "fulfilled",
    ("placed", "cancel"): "cancelled",
    ("fulfilled", "cancel"): "cancelled",
}
DEEDS = ("place", "fulfill", "cancel")


def in_turn(state: str, *deeds: str) -> tuple[str, tuple[bool, ...]]:
    """Return how deeds done one after the other end."""
    went: list[bool] = []
    for deed in deeds:
        went.append((state, deed) in MOVES)
        state = MOVES.get((state, deed), state)
    return state, tuple(went)


def move(number: int, deed: str) -> Job:
    return post(f"/orders/{number}/{deed}", {"reason": "r"} if deed == "cancel" else {}, key())


@pytest.mark.parametrize("state", ["draft", "placed", "fulfilled"])
def test_any_two_moves_at_once_end_as_they_would_in_turn(pair: Pair, state: str) -> None:
    point = pair.world.points[["draft", "placed", "fulfilled"].index(state) + 1]
    for one, other in [*product(DEEDS, DEEDS)] * 2:
        number = pair.place(point, draft=state == "draft")
        if state == "fulfilled":
            pair.ask(move(number, "fulfill"))

        answers = pair.both(move(number, one), move(number, other))

        assert {answer.status for answer in answers} <= {200, 409}, answers
        first, second = (answer.status == 200 for answer in answers)
        end = pair.ask(read(f"/orders/{number}")).body["status"]
        possible = [in_turn(state, one, other)]
        end_other, went = in_turn(state, other, one)
        possible.append((end_other, went[::-1]))
        assert (end, (first, second)) in possible, (state, one, other, answers)


def test_an_order_cancelled_ten_times_at_once_gives_its_credit_back_once(pair: Pair) -> None:
    point = pair.world.points[4]
    before = balance(pair, point)
    for _ in range(5):
        number = pair.place(point)

        answers = at_once(
            pair.address, *[(pair.world.tokens[n % 2], move(number, "cancel")) for n in range(10)]
        )

        ends = sorted(answer.outcome for answer in answers)
        assert ends == ["200"] + ["already_cancelled"] * 9
        assert balance(pair, point) == before


def balance(pair: Pair, point: str) -> str:
    return str(pair.ask(read(pair.world.account_path(point))).body["balance"])


def drain(pair: Pair, point: str) -> None:
    """Take all that an account holds."""
    left = balance(pair, point)
    if left != "0.00":
        debit(pair, point, left)


def debit(pair: Pair, point: str, amount: str) -> int:
    return int(pair.ask(debiting(pair, point, amount)).body["transaction"])


def debiting(pair: Pair, point: str, amount: str) -> Job:
    body = {"amount": amount, "source": "manual"}
    return post(f"{pair.world.account_path(point)}/debits", body, key())


def granting(pair: Pair, point: str, amount: str) -> Job:
    body = {"amount": amount, "paid": amount, "kind": "paid", "reason": "r"}
    return post(f"{pair.world.account_path(point)}/grants", body, key())


def test_a_second_debit_beside_a_cancellation_takes_what_came_back_or_nothing(pair: Pair) -> None:
    point = pair.world.points[5]
    drain(pair, point)
    pair.ask(granting(pair, point, "110.00"))
    number = pair.place(point)
    for _ in range(ROUNDS):
        cancelled, placed = pair.both(move(number, "cancel"), pair.world.order(key(), point))

        assert cancelled.status == 200
        assert placed.outcome in {"201", "insufficient_credit"}
        if placed.status == 201:
            assert balance(pair, point) == "0.00"
            number = placed.number
        else:
            assert balance(pair, point) == "110.00"
            number = pair.place(point)


def test_a_grant_beside_a_debit_is_spent_whole_or_not_at_all(pair: Pair) -> None:
    point = pair.world.points[6]
    drain(pair, point)
    for _ in range(ROUNDS):
        granted, placed = pair.both(granting(pair, point, "110.00"), pair.world.order(key(), point))

        assert granted.status == 201
        assert placed.outcome in {"201", "insufficient_credit"}
        assert balance(pair, point) == ("0.00" if placed.status == 201 else "110.00")
        drain(pair, point)


def test_a_debit_reversed_twice_at_once_comes_back_once(pair: Pair) -> None:
    point = pair.world.points[7]
    before = balance(pair, point)
    for _ in range(5):
        reverse = f"/transactions/{debit(pair, point, '33.33')}/reverse"

        answers = pair.both(*(post(reverse, {"reason": "r"}, key()) for _ in range(2)))

        assert sorted(answer.outcome for answer in answers) == ["201", "already_reversed"]
        assert balance(pair, point) == before


def test_a_grant_taken_back_beside_its_use_is_one_or_the_other(pair: Pair) -> None:
    point = pair.world.points[8]
    drain(pair, point)
    for _ in range(ROUNDS // 2):
        granted = pair.ask(granting(pair, point, "110.00")).body["transaction"]

        back, placed = pair.both(
            post(f"/transactions/{granted}/reverse", {"reason": "r"}, key()),
            pair.world.order(key(), point),
        )

        ends = (back.outcome, placed.outcome)
        assert ends in {("201", "insufficient_credit"), ("lot_in_use", "201")}
        assert balance(pair, point) == "0.00"


def test_credit_of_a_new_type_granted_twice_at_once_opens_one_account(pair: Pair) -> None:
    for number, point in enumerate(pair.world.points[:5]):
        body = {"code": f"T{number}", "name": "T", "scale": 0, "unit_value": "1"}
        pair.ask(post("/credit-types", body, key()))
        path = f"/service-points/{point}/accounts/T{number}"
        grant = {"amount": "5", "paid": "5", "kind": "paid", "reason": "r"}

        answers = pair.both(*(post(f"{path}/grants", grant, key()) for _ in range(2)))

        assert [answer.status for answer in answers] == [201, 201]
        assert pair.ask(read(path)).body["balance"] == "10"


def test_an_overdraft_lowered_beside_debits_never_lets_one_below_the_limit_of_its_time(
    pair: Pair,
) -> None:
    point = pair.world.points[9]
    policy = f"LIMIT-{next(_keys)}"
    pair.ask(post("/credit-policies", {"code": policy, "name": "L", "money": "220.00"}, key()))
    drain(pair, point)
    path = f"/api/v1/service-points/{point}"
    pair.ask({"method": "PATCH", "path": path, "key": "", "body": {"credit_policy": policy}})
    for limit in ("110.00", "330.00", "0.00", "220.00"):
        lowering = {"method": "PATCH", "path": f"/api/v1/credit-policies/{policy}", "key": "",
                    "body": {"money": limit}}  # fmt: skip

        changed, placed = pair.both(lowering, pair.world.order(key(), point))

        assert changed.status == 200
        assert placed.outcome in {"201", "insufficient_credit"}


def changing(path: str, body: dict[str, Any], version: str | None = None) -> Job:
    headers = {"If-Match": version} if version else {}
    return {
        "method": "PATCH", "path": f"/api/v1{path}", "key": "", "body": body, "headers": headers,
    }  # fmt: skip


def test_two_corrections_of_one_order_both_count(pair: Pair) -> None:
    point = pair.world.points[10]
    for _ in range(ROUNDS // 2):
        number = pair.place(point)
        jobs = [
            changing(f"/orders/{number}", {"lines": [{"position": at, "unit_price": price}]})
            for at, price in ((1, "61.00"), (2, "23.00"))
        ]

        answers = pair.both(*jobs)

        assert [answer.status for answer in answers] == [200, 200]
        assert pair.ask(read(f"/orders/{number}")).body["totals"]["sale"] == "206.00"


def test_a_draft_corrected_while_it_is_placed_is_placed_whole(pair: Pair) -> None:
    point = pair.world.points[11]
    for _ in range(ROUNDS // 2):
        number = pair.place(point, draft=True)
        body = {"lines": [{"position": 1, "unit_price": "70.00"}]}

        changed, placed = pair.both(changing(f"/orders/{number}", body), move(number, "place"))

        assert (changed.status, placed.status) == (200, 200)
        stored = pair.ask(read(f"/orders/{number}")).body
        assert (stored["status"], stored["totals"]["sale"]) == ("placed", "230.00")


def test_a_draft_typed_anew_while_it_is_placed_is_placed_whole(pair: Pair) -> None:
    """Typing anew is a page's deed: it runs beside the portal's processes, in this one."""
    point = pair.world.points[11]
    settings = Settings(database_url=pair.world.url, env="testing", secret_key=SECRET)
    app = create_app(settings)
    line = WantedLine("FIRE-B", Decimal(2), Decimal(30))
    wanted = Wanted(point, "back_office", [line])
    with app.app_context():
        for _ in range(ROUNDS // 2):
            number = pair.place(point, draft=True)
            job = (pair.world.token, move(number, "place"))
            with ThreadPoolExecutor(1) as pool:
                placed = pool.submit(ask, pair.address, *job)
                try:
                    transact(redraft, number, wanted, by=make_actor(), at=clock.now(), version=None)
                except NotADraft:
                    typed = False
                else:
                    typed = True

            assert placed.result().status == 200
            stored = pair.ask(read(f"/orders/{number}")).body
            assert stored["totals"]["sale"] == ("60.00" if typed else "170.00")
        db.engine.dispose()


CHANGED_BY_VERSION = ("product", "issuer", "service point", "policy", "table", "edition", "order")


def something(pair: Pair, what: str) -> tuple[str, str]:
    """Return the address of something that can be changed, and the field."""
    if what == "product":
        return "/products/FIRE-B", "name"
    if what == "service point":
        return f"/service-points/{pair.world.points[11]}", "name"
    if what == "order":
        return f"/orders/{pair.place(pair.world.points[11])}", "external_reference"
    if what == "table":
        return f"/price-tables/{make_table(pair)}", "name"
    if what == "edition":
        path = f"/price-tables/{make_table(pair)}/editions"
        made = pair.ask(post(path, edition(10, 20), key())).body["id"]
        return f"{path}/{made}", "valid_until"
    code, path = f"C-{next(_keys)}", "/issuers" if what == "issuer" else "/credit-policies"
    pair.ask(post(path, {"code": code, "name": "N"}, key()))
    return f"{path}/{code}", "name"


@pytest.mark.parametrize("what", CHANGED_BY_VERSION)
def test_of_two_who_change_the_same_version_one_is_told(pair: Pair, what: str) -> None:
    path, field = something(pair, what)
    for number in range(ROUNDS // 2):
        version = pair.ask(read(path)).etag
        values = (
            [day(30 + 2 * number), day(31 + 2 * number)]
            if field == "valid_until"
            else [f"one {next(_keys)}", f"other {next(_keys)}"]
        )

        answers = pair.both(*(changing(path, {field: value}, version) for value in values))

        assert sorted(answer.status for answer in answers) == [200, 412]
        won = [answer.status for answer in answers].index(200)
        assert pair.ask(read(path)).body[field] == values[won]


def test_after_all_that_the_ledger_is_whole(world: World) -> None:
    assert_whole(world.url)
