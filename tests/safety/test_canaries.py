"""T2: no acquisition price, margin, debit or balance reaches who may not see it, in any byte."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from portal.orders.rules import answers
from tests.safety.canaries import PLANTED, Canaries, planted, spellings, texts_of
from tests.safety.crawl import crawl
from tests.safety.matrix import ORDER
from tests.safety.stage import SECRET, Stage
from tests.safety.world import COSTS_B, GRANTS_B, SECRET_PASSWORD
from tests.visitors import MovableClock

WITHOUT_COSTS = ("visitor", "seller", "clerk", "narrow", "disabled")
OF_OTHERS = ("owner", "regent")
"""They see costs, but not those of unit B."""


@pytest.fixture
def canaries(stage: Stage) -> Canaries:
    return Canaries.of(planted(stage.copy))


def leaks(stage: Stage, name: str, canaries: Canaries, below: str = "/") -> list[str]:
    """Name every address that shows somebody a figure, with what it shows."""
    return [
        f"{path}: {', '.join(sorted(seen))}"
        for path, text in crawl(stage, name, below)
        if (seen := canaries.seen_in(text))
    ]


def test_the_spellings_of_a_figure() -> None:
    assert spellings(Decimal("123456.78")) >= {
        "123456.78", "123.456,78", "123,456.78", "123456,78", "12345678", "1234567800", "123457",
        "123.457", "123,457", "123456",
    }  # fmt: skip


def test_the_planted_figures_are_all_in_the_search(canaries: Canaries) -> None:
    assert {Decimal(text) for text in PLANTED} <= canaries.figures
    assert len(canaries.figures) > 40


def test_who_may_see_costs_does_see_them(
    stage: Stage, canaries: Canaries, capfd: pytest.CaptureFixture[str]
) -> None:
    """The crawl looks where they stand: whoever may see them finds nearly all."""
    seen = set()
    capfd.readouterr()
    for name in ("neighbour", "administrator"):
        for _, text in crawl(stage, name):
            seen |= canaries.seen_in(text)

    missed = {one for one in canaries.figures if not spellings(one) & seen}

    assert len(missed) < len(canaries.figures) / 5, missed  # margins of single lines stand nowhere
    assert_no_secret(stage, canaries, capfd.readouterr().err)


@pytest.mark.parametrize("name", WITHOUT_COSTS)
def test_a_crawl_without_costs_finds_no_figure(
    stage: Stage, canaries: Canaries, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()

    assert leaks(stage, name, canaries) == []
    assert_no_secret(stage, canaries, capfd.readouterr().err)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_crawl_finds_no_figure_of_another_service_point(stage: Stage, name: str) -> None:
    others = Canaries.of(map(Decimal, (*COSTS_B, GRANTS_B)))

    assert leaks(stage, name, others) == []


# What is answered to more than looking


def deeds(stage: Stage, name: str) -> Iterator[Any]:
    """Do and try all that tells something about prices and credit; yield the answers."""
    unit = stage.world.a
    line = {"sku": "SKU-1", "quantity": "1"}
    asked: list[dict[str, Any]] = [
        {"lines": [line | {"unit_price": "950000"}]},
        {"lines": [line | {"unit_price": "1"}]},
        {"lines": [line | {"unit_price": "950000", "quantity": "99"}]},
        {"lines": [line | {"unit_price": "950000", "quantity": "100"}]},
        {"lines": [line | {"unit_price": "950000"}], "expected_total": "1"},
        {"lines": [line | {"sku": "SKU-NADA", "unit_price": "1"}]},
        {"lines": [line], "final_total": "1000"},
        {"lines": [line | {"unit_price": "950000"}], "issuer": stage.world.issuer},
    ]
    for one in asked:
        body = {"service_point": unit.code, "channel": "api", **one}
        quoted = {key: value for key, value in body.items() if key in {*ORDER, "issuer"}}
        yield stage.call(name, "POST", "/api/v1/quotes", json=quoted)
        yield stage.call(name, "POST", "/api/v1/orders", json=body)
        yield stage.call(name, "POST", "/api/v1/orders", json=body | {"draft": True})
        typed = {
            "service_point": unit.code, "lines-0-sku": "SKU-1",
            "lines-0-quantity": one["lines"][0]["quantity"],
            "lines-0-unit_price": one["lines"][0].get("unit_price", ""),
        }  # fmt: skip
        yield stage.ask(name, "POST", "/orders/new", typed)
        yield stage.ask(name, "POST", "/orders/preview", typed)
    for move in ("place", "fulfill", "cancel"):
        number = unit.draft if move == "place" else unit.order
        sent = {"reason": "engano"} if move == "cancel" else {}
        yield stage.call(name, "POST", f"/api/v1/orders/{number}/{move}", json=sent)
    account = f"/api/v1/service-points/{unit.code}/accounts/BRL"
    yield stage.call(name, "POST", f"{account}/debits", json={"amount": "99999999", "source": "x"})
    yield stage.call(name, "PATCH", f"/api/v1/orders/{unit.order}", json={"kind": "internal"})


@pytest.mark.parametrize("name", WITHOUT_COSTS)
def test_no_answer_to_a_deed_holds_a_figure(stage: Stage, name: str) -> None:
    canaries = Canaries.of(planted(stage.copy))

    for answer in deeds(stage, name):
        canaries = Canaries.of(canaries.figures | planted(stage.copy))
        assert answer.status_code < 500
        assert not canaries.seen_in(texts_of(answer)), (answer.request.path, answer.text)


def test_no_log_line_holds_a_figure_or_a_secret(
    stage: Stage, canaries: Canaries, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()

    for name in ("seller", "owner", "administrator"):
        for _ in deeds(stage, name):
            pass
        stage.submit("visitor", "/sign-in", {"email": "x@example.com", "password": SECRET_PASSWORD})

    assert_no_secret(stage, canaries, capfd.readouterr().err)


def assert_no_secret(stage: Stage, canaries: Canaries, logged: str) -> None:
    assert logged.count('"event":"request"') > 100
    assert not Canaries.of(canaries.figures | planted(stage.copy)).seen_in(logged)
    assert [word for word in secrets_of(stage) if word in logged] == []


def secrets_of(stage: Stage) -> list[str]:
    """Return what no log may hold: passwords, tokens, cookies, the key, e-mails."""
    people = stage.world.people.values()
    words = [SECRET, SECRET_PASSWORD]
    words += [value for one in people for value in (one.token, one.cookie, one.email) if value]
    return words


def test_a_secret_that_is_logged_would_be_found(
    stage: Stage, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.web import logs

    usual = logs._where  # noqa: SLF001 - the fault is planted in it
    monkeypatch.setattr(
        logs, "_where", lambda: usual() | {"by": logs.request.headers.get("Authorization")}
    )

    stage.get("owner", "/api/v1/me")

    logged = capfd.readouterr().err
    assert any(word in logged for word in secrets_of(stage))


# Orders and filters tell nothing either


@pytest.mark.parametrize("path", ["/orders", "/service-points"])
@pytest.mark.parametrize("key", ["acquisition", "margin", "credit_policy", "low_balance_threshold"])
def test_sorting_by_what_one_may_not_see_changes_nothing(stage: Stage, path: str, key: str) -> None:
    def rows(query: str) -> list[str]:
        text = stage.get("clerk", f"{path}?{query}format=csv").text
        return text.splitlines()[1:]

    assert rows(f"sort={key}&") == rows(f"sort=-{key}&") == rows("")


@pytest.mark.parametrize(
    "argument", ["policy=LIMITE", "policy=OUTRO", "credit_policy=OUTRO", "min_cost=9", "money=1"]
)
def test_filtering_by_what_one_may_not_see_changes_nothing(stage: Stage, argument: str) -> None:
    plain = stage.get("clerk", "/service-points?format=csv").text

    assert stage.get("clerk", f"/service-points?format=csv&{argument}").text == plain


def test_the_statement_is_shut_to_who_sees_no_costs(stage: Stage) -> None:
    account = f"/api/v1/service-points/{stage.world.a.code}/accounts/BRL"

    for path in (account, f"{account}/entries", f"{account}/lots", "/credit/SP-A/BRL"):
        assert stage.get("seller", path).status_code == 403
        assert stage.get("clerk", path).status_code == 403


# Guessing


def guess(stage: Stage, name: str, *prices: str) -> Any:
    lines = [{"sku": "SKU-1", "quantity": "1", "unit_price": price} for price in prices]
    body = {"service_point": stage.world.a.code, "channel": "api", "lines": lines}
    return stage.call(name, "POST", "/api/v1/orders", json=body)


def correct(stage: Stage, name: str, price: str) -> Any:
    body = {"lines": [{"position": 1, "unit_price": price}]}
    return stage.call(name, "PATCH", f"/api/v1/orders/{stage.world.a.order}", json=body)


def by_page(stage: Stage, name: str, price: str) -> Any:
    typed = {
        "service_point": stage.world.a.code, "lines-0-sku": "SKU-1", "lines-0-quantity": "1",
        "lines-0-unit_price": price,
    }  # fmt: skip
    return stage.ask(name, "POST", "/orders/new", typed)


@pytest.fixture
def guesser(stage: Stage) -> str:
    """The clerk, who may correct sales, but neither see costs nor sell below them."""
    import sqlite3

    with sqlite3.connect(stage.copy) as database:
        database.execute(
            "UPDATE profiles SET permissions = "
            "replace(permissions, ' orders.sell_below_acquisition', '') WHERE code = 'clerk'"
        )
    database.close()
    return "clerk"


@pytest.mark.parametrize("way", [guess, correct, by_page])
def test_five_guesses_an_hour_and_no_more(
    stage: Stage, guesser: str, clock: MovableClock, way: Callable[..., Any]
) -> None:
    answers = [way(stage, guesser, f"{number}").status_code for number in range(1, 8)]
    high = way(stage, guesser, "950000")

    assert answers[:5] == [422] * 5
    assert "429" in f"{answers[5:]} {high.status_code}" or "hora" in high.text
    assert high.status_code in {422, 429}
    clock.advance(hours=1, minutes=1)
    assert way(stage, guesser, "950000").status_code in {200, 201, 303}


def test_one_refusal_does_not_tell_which_of_many_prices_was_too_low(
    stage: Stage, guesser: str
) -> None:
    """Five hundred lines of one product would be five hundred guesses at once."""
    low = guess(stage, guesser, "1", "950000", "960000").json
    higher = guess(stage, guesser, "1", "2", "950000").json

    assert low["code"] == higher["code"] == "price_not_allowed"
    assert low["errors"] == higher["errors"]


# Planted faults


def test_an_answer_that_leaks_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "COSTLY", ())

    found = leaks(stage, "seller", Canaries.of(planted(stage.copy)), "/api/v1/orders")

    assert found


@pytest.mark.parametrize("name", ["seller", "clerk"])
def test_a_list_that_forgets_its_permission_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from portal.web.lists import ListView

    monkeypatch.setattr(ListView, "_open", lambda self, permission: True)

    found = leaks(stage, name, Canaries.of(planted(stage.copy)), "/orders")

    assert {kind for leak in found for kind in ("csv", "xlsx") if kind in leak} == {"csv", "xlsx"}
