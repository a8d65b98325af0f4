"""T2, T20, T23 in shops: a visitor who does everything learns no figure, and no stranger's data."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from portal.web import filters
from tests.safety.canaries import Canaries, planted, texts_of
from tests.safety.stage import API, Stage
from tests.storefronts.factories import TYPED, Visitor

LANGUAGES = ("", "/es", "/en")


def visitor_of(stage: Stage, slug: str = "loja-sp-a") -> Visitor:
    return Visitor(stage.app.test_client(), f"/loja/{slug}")


def buying(stage: Stage, visitor: Visitor) -> Iterator[Any]:
    """Look everywhere, try what is refused, and buy; yield every answer."""
    for rest in ("", "?q=certificado", "?min_cost=1", "/p/SKU-1", "/p/SKU-3"):
        yield visitor.see(rest)
    for quantity in ("1", "x", "1000", "-1"):
        yield visitor.put("SKU-1", quantity, how="set")
    yield visitor.see("/carrinho")
    yield visitor.see("/dados")
    yield visitor.order(tax_id="1")
    yield visitor.order(seen_total="0.01")
    bought = visitor.order()
    assert bought.status_code == 303, bought.text
    yield bought
    yield from _following(stage, visitor, bought.location)


def _following(stage: Stage, visitor: Visitor, path: str) -> Iterator[Any]:
    """Watch the order while it is paid, carried out and cancelled; nobody waits before it."""
    number, charge = _newest(stage)
    for waiting in _waiting(stage):
        gone = stage.call(
            "administrator", "POST", f"{API}/orders/{waiting}/cancel", json={"reason": "espera"}
        )
        assert gone.status_code == 200, gone.text
    moves: tuple[tuple[str, dict[str, str]], ...] = (
        (f"{API}/charges/{charge}/confirm", {"paid_on": "2026-12-01", "method": "pix"}),
        (f"{API}/orders/{number}/fulfill", {}),
        (f"{API}/orders/{number}/cancel", {"reason": "engano"}),
    )
    for address, sent in (("", {}), *moves):
        if address:
            moved = stage.call("administrator", "POST", address, json=sent)
            assert moved.status_code == 200, moved.text
        yield visitor.client.get(path)
        yield visitor.client.get(f"{path}/estado")
    yield visitor.send("/pedidos", {"email": TYPED["email"]})


def _waiting(stage: Stage) -> list[int]:
    with closing(sqlite3.connect(stage.copy)) as database:
        rows = "SELECT id FROM orders WHERE status = 'awaiting_credit'"
        return [number for (number,) in database.execute(rows).fetchall()]


def _newest(stage: Stage) -> tuple[int, int]:
    with closing(sqlite3.connect(stage.copy)) as database:
        rows = "SELECT order_id, charge_id FROM buyers ORDER BY order_id DESC LIMIT 1"
        number, charge = database.execute(rows).fetchone()
    return int(number), int(charge)


def mails(stage: Stage) -> list[str]:
    """Return all that mails say, to whomever."""
    with closing(sqlite3.connect(stage.copy)) as database:
        found = database.execute("SELECT subject, text, html, recipient FROM mails").fetchall()
    return [" ".join(filter(None, row)) for row in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_who_does_everything_learns_no_figure(stage: Stage, language: str) -> None:
    visitor = visitor_of(stage, f"loja-sp-a{language}")
    answers = [(one.request.path, texts_of(one)) for one in buying(stage, visitor)]

    canaries = Canaries.of(planted(stage.copy))

    assert len(answers) > 20
    assert [(path, seen) for path, text in answers if (seen := canaries.seen_in(text))] == []


def test_no_mail_holds_a_figure(stage: Stage) -> None:
    list(buying(stage, visitor_of(stage)))

    canaries = Canaries.of(planted(stage.copy))

    told = mails(stage)
    assert len(told) > 6
    assert [text for text in told if canaries.seen_in(text)] == []


def test_a_shop_that_shows_what_it_pays_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "price", lambda _value: "123.457,31")

    text = texts_of(visitor_of(stage).see("?pagina=7"))  # no one has drawn this page before

    assert Canaries.of(planted(stage.copy)).seen_in(text)


def test_a_shop_says_nothing_of_another_service_point(stage: Stage) -> None:
    other = stage.world.b
    words = (other.code, "Ponto da Praia", other.link)

    for answer in buying(stage, visitor_of(stage)):
        assert [word for word in words if word in texts_of(answer)] == [], answer.request.path


def test_a_secret_link_and_who_buys_stand_in_no_log(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    path = ""
    for answer in buying(stage, visitor_of(stage)):
        path = path or str(answer.location if "/pedido/" in str(answer.location) else "")

    logged = capfd.readouterr().err

    link = path.rpartition("/")[2]
    assert re.fullmatch("[A-Za-z0-9_-]{32}", link)
    assert logged.count('"event":"request"') > 20
    secrets = (link, stage.world.a.link, *TYPED.values(), "52998224725", "5519991234567")
    assert [word for word in secrets if len(word) > 1 and word in logged] == []


def test_a_link_of_one_shop_opens_nothing_in_another(stage: Stage) -> None:
    foreign = stage.world.b.link

    for rest in ("", "/estado"):
        assert visitor_of(stage).see(f"/pedido/{foreign}{rest}").status_code == 404
        assert visitor_of(stage, "loja-sp-b").see(f"/pedido/{foreign}{rest}").status_code == 200


@pytest.mark.parametrize("name", ["administrator", "owner"])
def test_a_cookie_of_the_portal_opens_nothing_more_in_a_shop(stage: Stage, name: str) -> None:
    inside = stage.get(name, "/loja/loja-sp-a")

    assert inside.text == visitor_of(stage).see().text
    assert "repasse=" not in str(inside.headers)
