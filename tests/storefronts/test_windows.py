"""Every page of a shop in Chromium: accessible, within its window, by day and by night."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.storefronts.factories import GOODS, Stall, Visitor, make_stall
from tests.storefronts.stories import cancel, fill_up, fulfil, pay, the_order
from tests.story.every_page import SHOPS
from tests.story.windows import PHONE, WIDE, Window, window
from tests.visitors import MovableClock

VIOLATIONS = """async () => {
  const found = await axe.run({resultTypes: ["violations"], preload: false});
  return found.violations.flatMap(one =>
    one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`));
}"""
BY_HAND = {"shop.change_cart", "shop.order", "shop.order_again", "shop.send_mine"}
NO_PAGES = {
    "shop.colours", "shop.logo", "shop.order_state", "shop.robots", "shop.sitemap", "shop.sitemaps",
}  # fmt: skip
LOOKED_AT = {
    "shop.about", "shop.cart", "shop.catalogue", "shop.checkout", "shop.mine", "shop.product",
    "shop.seen_order",
}  # fmt: skip
LONG = (
    ("LONGO", "Certificado-de-nome-comprido-sem-nenhum-espaco-para-quebrar-a-linha", "X" * 60, "1",
     "123456.78"),
)  # fmt: skip


@cache
def axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def faults_of(seen: Window) -> list[str]:
    """Look at the open page wide and on a phone, by day and by night; say what is wrong with it."""
    faults = []
    seen.page.evaluate(axe())
    for size in (WIDE, PHONE):
        seen.page.set_viewport_size(size)
        width = seen.page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            faults.append(f"is {width} px wide in a window of {size['width']}")
        for scheme in ("light", "dark"):
            seen.page.emulate_media(color_scheme=scheme)
            faults += seen.page.evaluate(VIOLATIONS)
    return [f"{seen.page.url}: {fault}" for fault in faults]


def test_every_page_of_a_shop_is_looked_at_here(app: Flask) -> None:
    found = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint[:5] == "shop."}

    assert found == LOOKED_AT | NO_PAGES | BY_HAND == SHOPS


def before_buying(seen: Window, stall: Stall) -> Iterator[None]:
    """Open the pages that one sees on the way to an order."""
    for rest in (
        "", "?q=cpf", "?q=nada", "?categoria=Nada", "/p/ECPF-A1", "/p/NADA", "/carrinho",
        "/privacidade", "/trocas", "/pedidos", "/es", "/en/p/TOKEN", "/pedido/nada",
    ):  # fmt: skip
        seen.page.goto(stall.path + rest)
        yield
    seen.page.goto("/loja/nada")
    yield
    seen.page.goto(f"{stall.path}/p/TOKEN")
    seen.press("Pôr no carrinho")
    yield
    seen.page.get_by_label("Quantidade de Token USB").fill("mil")
    seen.press("Atualizar: Token USB")
    yield
    for rest in ("", "/p/ECPF-A1", "/dados"):
        seen.page.goto(stall.path + rest)
        yield
    seen.press("Pedir e pagar R$ 99,90 com Pix")
    yield


def test_the_way_to_an_order_is_accessible_and_fits(
    session: Session, browser: Any, served: str
) -> None:
    stall = make_stall(session, goods=GOODS + LONG, advice="Para nota: e-CNPJ.", colour="#ffee00")
    session.commit()

    with window(browser, served, reduced_motion="reduce") as seen:
        faults = [fault for _ in before_buying(seen, stall) for fault in faults_of(seen)]
        seen.complaints = [one for one in seen.complaints if "status of 404" not in one]

    assert not faults, "\n".join(faults)


OVERLAPPING = """() => Array.from(document.querySelectorAll(".card")).filter(card => {
  const [price, button] = [".price", ".btn"].map(one => card.querySelector(one));
  const text = document.createRange();
  text.selectNodeContents(price);
  const [left, right] = [text, button].map(one => one.getBoundingClientRect());
  const meet = left.right > right.left && left.bottom > right.top;
  return meet || Math.max(left.right, right.right) > card.getBoundingClientRect().right;
}).map(card => card.innerText)"""


@pytest.mark.parametrize("language", ["", "/es", "/en"])
def test_prices_and_buttons_keep_out_of_each_others_way(
    session: Session, browser: Any, served: str, language: str
) -> None:
    stall = make_stall(session, goods=GOODS + LONG)
    session.commit()
    overlapping = []

    with window(browser, served) as seen:
        seen.page.goto(f"{stall.path}{language}")
        for size in (WIDE, PHONE):
            seen.page.set_viewport_size(size)
            overlapping += seen.page.evaluate(OVERLAPPING)

    assert overlapping == []


def after_buying(
    session: Session, visitor: Visitor, stall: Stall, clock: MovableClock
) -> Iterator[str]:
    """Make an order in each state, and name its page."""
    path = visitor.buy("ECPF-A1", "TOKEN")
    yield path
    pay(session)
    yield path
    fulfil(session)
    yield path
    cancel(session)
    yield path
    path = visitor.buy("ECNPJ-A1")
    cancel(session)
    yield path
    for _ in range(5):
        path = visitor.buy("ECNPJ-A1")
        pay(session)
        if the_order(session).status == "awaiting_credit":
            break
    yield path
    fill_up(session, stall)
    path = visitor.buy("TOKEN")
    until = the_order(session).pay_until
    assert until is not None
    clock.move_to(until)
    yield path


def test_an_order_is_accessible_and_fits_in_each_state(
    session: Session, client: Any, browser: Any, served: str, clock: MovableClock
) -> None:
    stall = make_stall(session, credit_of=150)
    visitor = Visitor(client, stall.path)
    faults, states = [], []

    with window(browser, served, reduced_motion="reduce") as seen:
        for path in after_buying(session, visitor, stall, clock):
            session.commit()
            seen.page.goto(path)
            states.append(seen.page.locator("[data-state]").get_attribute("data-state"))
            faults += faults_of(seen)

    assert not faults, "\n".join(faults)
    assert set(states) == {
        "awaiting_payment", "placed", "fulfilled", "cancelled", "awaiting_credit", "lapsed",
    }  # fmt: skip


def test_a_closed_shop_is_accessible_and_fits(session: Session, browser: Any, served: str) -> None:
    stall = make_stall(session, is_open=False)
    session.commit()

    with window(browser, served, reduced_motion="reduce") as seen:
        seen.page.goto(stall.path)
        faults = faults_of(seen)

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_moves_while_a_page_loads(
    session: Session, client: Any, browser: Any, served: str, size: Any
) -> None:
    stall = make_stall(session)
    order = Visitor(client, stall.path).buy("ECPF-A1")
    session.commit()
    shift = """() => new Promise(done => {
      let sum = 0;
      new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; })
        .observe({type: "layout-shift", buffered: true});
      setTimeout(() => done(sum), 300);
    })"""

    with window(browser, served, viewport=size) as seen:
        for path in (stall.path, f"{stall.path}/p/ECPF-A1", f"{stall.path}/carrinho", order):
            seen.open(path)
            assert seen.page.evaluate(shift) < 0.001, path
        seen.page.evaluate("document.body.prepend('pushes all the rest down')")
        assert seen.page.evaluate(shift) > 0.001


def test_a_shop_is_used_by_keyboard_alone(session: Session, browser: Any, served: str) -> None:
    stall = make_stall(session)
    session.commit()

    with window(browser, served) as seen:
        seen.open(f"{stall.path}/p/TOKEN")
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.textContent") == "Ir para o conteúdo"
        seen.page.locator("#quantity").focus()
        with seen.page.expect_navigation():
            seen.page.keyboard.press("Enter")
        assert seen.page.url.endswith("/carrinho")
