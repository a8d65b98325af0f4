"""The cart: what goes in and out of it, and what becomes of one that was meddled with."""

from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer
from sqlalchemy.orm import Session

from portal.catalogue import services as catalogue
from tests.conftest import SECRET
from tests.factories import NOON, make_actor
from tests.sale_tables.factories import make_sale_edition, row
from tests.storefronts.factories import Stall, Visitor, make_stall


def cookie_of(visitor: Visitor, stall: Stall) -> Any:
    return visitor.client.get_cookie("cart", path=stall.path)


def test_what_is_chosen_is_in_the_cart_and_below_every_page(visitor: Visitor, stall: Stall) -> None:
    answer = visitor.put("ECPF-A1")
    visitor.put("TOKEN", "2")

    assert (answer.status_code, answer.location) == (303, f"{stall.path}/carrinho")
    assert "R$\u00a0368,80" in visitor.see("/carrinho").text
    for rest in ("", "/p/ECNPJ-A1", "?q=token", "/trocas"):
        page = visitor.see(rest).text
        assert "2 produtos" in page
        assert "R$\u00a0368,80" in page
        assert "<!--cart-->" not in page


def test_a_cart_is_nobody_elses(app: Flask, visitor: Visitor, stall: Stall) -> None:
    empty = visitor.see().text
    visitor.put("ECPF-A1")
    visitor.see()
    other = Visitor(app.test_client(), stall.path)

    assert other.see().text == empty
    assert "Seu carrinho está vazio" in other.see("/carrinho").text


def test_a_page_with_another_cart_is_another_page(visitor: Visitor) -> None:
    before = visitor.see().headers["ETag"]
    visitor.put("ECPF-A1")

    page = visitor.see(headers={"If-None-Match": before})

    assert page.status_code == 200
    assert visitor.see(headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert "Cookie" in page.headers["Vary"]


def test_more_and_less_and_none(visitor: Visitor, stall: Stall) -> None:
    visitor.put("ECPF-A1")
    visitor.put("ECPF-A1", "2")
    assert 'value="3"' in visitor.see("/carrinho").text

    visitor.put("ECPF-A1", "5", how="set")
    assert "R$\u00a0845,00" in visitor.see("/carrinho").text

    visitor.put("ECPF-A1", "0", how="set")
    assert "Seu carrinho está vazio" in visitor.see("/carrinho").text
    assert cookie_of(visitor, stall) is None


@pytest.mark.parametrize("quantity", ["", "-1", "1,5", "1000", "NaN", "1e3", "um", "9" * 5000])
def test_a_quantity_that_is_none_changes_nothing(visitor: Visitor, quantity: str) -> None:
    visitor.put("ECPF-A1")

    answer = visitor.put("ECPF-A1", quantity, how="set")

    assert answer.status_code == 422
    assert "número inteiro até 999" in answer.text
    assert "R$\u00a0169,00" in visitor.see("/carrinho").text


def test_what_is_sold_in_parts_may_be_ordered_in_parts(session: Session, visitor: Visitor) -> None:
    catalogue.change_product(session, "TOKEN", {"fractional": True}, by=make_actor(), at=NOON)

    visitor.put("TOKEN", "1,5")

    assert "R$\u00a0149,85" in visitor.see("/carrinho").text


def test_a_product_that_is_not_sold_cannot_be_put_in(visitor: Visitor) -> None:
    assert visitor.put("NADA").status_code == 404
    assert "vazio" in visitor.see("/carrinho").text


def test_a_cart_keeps_no_price(session: Session, visitor: Visitor, stall: Stall) -> None:
    visitor.put("ECPF-A1")
    written = cookie_of(visitor, stall).decoded_value
    make_sale_edition(
        session, stall.sold, "2026-12-01", None, [row("ECPF-A1", "149.50")], replace=True
    )

    assert URLSafeSerializer(SECRET, salt="shop-cart").loads(written) == [
        stall.point.id, [["ECPF-A1", "1"]],
    ]  # fmt: skip
    assert "R$\u00a0149,50" in visitor.see("/carrinho").text


def test_a_product_that_left_is_said_to_be_gone_once(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    visitor.put("ECPF-A1")
    visitor.put("TOKEN")
    catalogue.change_product(session, "TOKEN", {"active": False}, by=make_actor(), at=NOON)

    page = visitor.see("/carrinho").text

    assert "não é mais vendido aqui" in page
    assert "R$\u00a0169,00" in page
    assert "não é mais vendido" not in visitor.see("/carrinho").text


def test_a_cookie_is_held_close(visitor: Visitor, stall: Stall) -> None:
    header = visitor.put("ECPF-A1").headers["Set-Cookie"]

    assert header.startswith("cart=")
    for word in ("HttpOnly", "SameSite=Lax", f"Path={stall.path}", "Max-Age=2592000"):
        assert word in header
    secure = visitor.send(
        "/carrinho", {"sku": "ECPF-A1"}, base_url="https://localhost",
        headers={"Origin": "https://localhost"},
    )  # fmt: skip
    assert secure.headers["Set-Cookie"].startswith("__Secure-cart=")
    assert "; Secure" in secure.headers["Set-Cookie"]


def test_a_cart_that_was_meddled_with_is_empty(visitor: Visitor, stall: Stall) -> None:
    visitor.put("ECPF-A1")
    good = cookie_of(visitor, stall).decoded_value
    forged = URLSafeSerializer("another-secret-of-16", salt="shop-cart")
    other_salt = URLSafeSerializer(SECRET, salt="session")
    wrong = [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        "x" + good,
        "",
        "." * 3000,
        forged.dumps([stall.point.id, [["TOKEN", "1"]]]),
        other_salt.dumps([stall.point.id, [["TOKEN", "1"]]]),
        URLSafeSerializer(SECRET, salt="shop-cart").dumps([stall.point.id, [["TOKEN", "-5"]]]),
        URLSafeSerializer(SECRET, salt="shop-cart").dumps("TOKEN"),
        URLSafeSerializer(SECRET, salt="shop-cart").dumps([stall.point.id + 1, [["TOKEN", "1"]]]),
    ]

    for text in wrong:
        visitor.client.set_cookie("cart", text, path=stall.path)
        assert "Seu carrinho está vazio" in visitor.see("/carrinho").text, text
        assert 'aria-label="Carrinho"' not in visitor.see().text


def test_a_cart_of_one_shop_is_not_another_shops(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    goods = (("ECPF-X", "Outro", "Outros", "10", "20"),)
    other = make_stall(session, "outra", goods=goods)
    visitor.put("ECPF-A1")
    held = cookie_of(visitor, stall).decoded_value

    visitor.client.set_cookie("cart", held, path=other.path)

    assert "vazio" in visitor.client.get(f"{other.path}/carrinho").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "", "Referer": "https://evil.example/loja"},
        {"Origin": "", "Referer": ""},
    ],
)
def test_forms_of_other_sites_are_refused(
    visitor: Visitor, stall: Stall, headers: dict[str, str]
) -> None:
    for rest in ("/carrinho", "/dados", "/pedidos", "/pedido/abc/de-novo"):
        answer = visitor.send(rest, {"sku": "ECPF-A1"}, headers=headers)
        assert answer.status_code == 403
    assert cookie_of(visitor, stall) is None


def test_a_full_cart_takes_no_more(session: Session, client: Any) -> None:
    goods = tuple((f"P-{n}", f"Produto {n}", "Tudo", "10", "20") for n in range(21))
    visitor = Visitor(client, make_stall(session, goods=goods).path)
    for number in range(20):
        assert visitor.put(f"P-{number}").status_code == 303

    answer = visitor.put("P-20")

    assert answer.status_code == 422
    assert "até 20 produtos" in answer.text
