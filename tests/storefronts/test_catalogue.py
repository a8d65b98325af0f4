"""The catalogue: what is shown and found, when it is drawn anew, and what machines read of it."""

import gzip
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.catalogue import services as catalogue
from portal.catalogue.services import touch_offers
from portal.partners import services as partners
from portal.storefronts.models import ShopDay
from portal.storefronts.views.public import catalogue as pages
from portal.storefronts.views.public.counter import counter
from tests.factories import NOON, make_actor, make_user, sign_in
from tests.sale_tables.factories import make_sale_edition, row
from tests.storefronts.factories import Stall, Visitor
from tests.visitors import MovableClock

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}


def open_or_close(session: Session, stall: Stall, *, is_open: bool) -> None:
    changes: Any = {"shop": {"slug": stall.point.shop_slug, "enabled": is_open}}
    partners.change_service_point(session, stall.point.code, changes, by=make_actor(), at=NOON)
    touch_offers(session)


@pytest.mark.engines("sqlite", "mariadb")
def test_visitors_see_what_is_sold_at_its_price(visitor: Visitor) -> None:
    page = visitor.see()

    assert page.status_code == 200
    assert "R$\u00a0169,00" in page.text
    assert "e-CPF A1, 12 meses" in page.text
    assert "Imposto de renda e assinaturas" in page.text
    assert "CNPJ 12.ABC.345/01DE-35" in page.text


def test_a_product_has_a_page_with_all_that_the_shop_says(visitor: Visitor) -> None:
    page = visitor.see("/p/ECPF-A1").text

    assert "Instala-se em um computador." in page
    assert "R$\u00a0169,00" in page


@pytest.mark.parametrize(
    ("asked", "found", "not_found"),
    [
        ("?q=cnpj", "e-CNPJ A1", "Token USB"),
        ("?q=midias", "Token USB", "e-CPF A1"),
        ("?categoria=Mídias", "Token USB", "e-CPF A1"),
        ("?pagina=99999999", "Token USB", "Nada"),
        ("?pagina=x", "Token USB", "Nada"),
    ],
)
def test_products_are_found(visitor: Visitor, asked: str, found: str, not_found: str) -> None:
    main = visitor.see(asked).text.partition("<main")[2]

    assert found in main
    assert not_found not in main


def test_a_search_without_result_leads_back(visitor: Visitor) -> None:
    page = visitor.see("?q=<b>nada</b>").text

    assert "Nada foi encontrado" in page
    assert "<b>nada" not in page
    assert "noindex" in page


@pytest.mark.parametrize("rest", ["/p/NADA", "/nada", "/pedido/abc", "/logo-0123456789abcdef"])
def test_what_is_not_there_is_said_in_the_shops_look(visitor: Visitor, rest: str) -> None:
    page = visitor.see(rest)

    assert page.status_code == 404
    assert "Repasse" not in page.text.partition("<main")[2] or rest == "/nada"


def test_an_address_without_shop_is_said_so(client: Any, stall: Stall) -> None:
    for path in ("/loja/outra", "/loja/outra/carrinho", f"/loja/{'x' * 200}"):
        page = client.get(path)

        assert page.status_code == 404
        assert "Não há loja neste endereço" in page.text


def test_a_closed_shop_says_so_and_takes_nothing(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    visitor.put("ECPF-A1")
    open_or_close(session, stall, is_open=False)

    for rest in ("", "/p/ECPF-A1", "/dados"):
        page = visitor.see(rest)
        assert page.status_code == 200
        assert "fechada" in page.text
        assert "R$" not in page.text
    assert "fechada" in visitor.put("ECPF-A1").text

    open_or_close(session, stall, is_open=True)
    assert "R$\u00a0169,00" in visitor.see().text


def test_an_inactive_service_points_shop_is_closed(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    change: Any = {"active": False}
    partners.change_service_point(session, stall.point.code, change, by=make_actor(), at=NOON)

    assert "fechada" in visitor.see().text


# Drawn once, answered often


def test_a_second_visit_is_answered_without_a_body(visitor: Visitor) -> None:
    first = visitor.see()

    second = visitor.see(headers={"If-None-Match": first.headers["ETag"]})

    assert second.status_code == 304
    assert second.data == b""
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Cache-Control"] == "private, no-cache"


def test_a_page_is_drawn_once(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    usual = pages.render_template
    monkeypatch.setattr(
        pages, "render_template", lambda name, **facts: drawn.append(name) or usual(name, **facts)
    )

    texts = {visitor.see().text for _ in range(3)}
    visitor.see("?categoria=Mídias")

    assert drawn == ["storefronts/catalogue.html"] * 2
    assert len(texts) == 1


def test_a_page_travels_packed_where_it_may(visitor: Visitor) -> None:
    plain = visitor.see()
    packed = visitor.see(headers={"Accept-Encoding": "gzip, br"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]


def new_price(session: Session, stall: Stall) -> None:
    make_sale_edition(
        session, stall.sold, "2026-12-01", None, [row("ECPF-A1", "159")], replace=True
    )


def new_name(session: Session, stall: Stall) -> None:
    catalogue.change_product(session, "ECPF-A1", {"name": "e-CPF novo"}, by=make_actor(), at=NOON)


def gone(session: Session, stall: Stall) -> None:
    catalogue.change_product(session, "ECPF-A1", {"active": False}, by=make_actor(), at=NOON)


def new_looks(session: Session, stall: Stall) -> None:
    stall.shop.headline = "Outro título"
    touch_offers(session)


@pytest.mark.parametrize(
    ("change", "said", "still"),
    [
        (new_price, "R$\u00a0159,00", True),
        (new_name, "e-CPF novo", True),
        (gone, "e-CPF A1, 12 meses", False),
        (new_looks, "Outro título", True),
    ],
)
def test_what_has_changed_is_seen_at_once(
    session: Session, visitor: Visitor, stall: Stall, change: Any, said: str, still: bool
) -> None:
    before = visitor.see()

    change(session, stall)
    after = visitor.see(headers={"If-None-Match": before.headers["ETag"]})

    assert after.status_code == 200
    assert (said in after.text) is still


@pytest.mark.engines("sqlite", "mariadb")
def test_tomorrows_prices_are_shown_tomorrow(
    session: Session, visitor: Visitor, stall: Stall, clock: MovableClock
) -> None:
    make_sale_edition(
        session, stall.sold, "2026-12-02", None, [row("ECPF-A1", "159")], replace=True
    )
    today = visitor.see().text

    clock.move_to("2026-12-02T03:00:00Z")

    assert "R$\u00a0169,00" in today
    assert "R$\u00a0159,00" in visitor.see().text


def test_a_page_asks_the_database_once(visitor: Visitor, statements: list[str]) -> None:
    visitor.see()
    statements.clear()

    visitor.see()

    assert len(statements) == 1, statements


# Nobody is known


def test_looking_sets_no_cookie_and_asks_for_none(visitor: Visitor) -> None:
    for rest in ("", "/p/ECPF-A1", "/privacidade", "/trocas", "/pedidos", "/carrinho"):
        assert "Set-Cookie" not in visitor.see(rest).headers


def test_the_portals_own_people_see_what_everybody_sees(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    before = visitor.see().text

    sign_in(visitor.client, make_user(session, "administrator"))

    assert visitor.see().text == before


@pytest.mark.engines("sqlite", "mariadb")
def test_visits_are_counted_and_moving_about_is_not(
    app: Flask, session: Session, visitor: Visitor, stall: Stall
) -> None:
    visitor.see(headers=BROWSER)
    visitor.see("/p/ECPF-A1", headers=BROWSER | {"Referer": f"http://localhost{stall.path}"})
    visitor.see(headers={"User-Agent": "Googlebot/2.1"})
    visitor.send("/carrinho", {"sku": "ECPF-A1"}, headers=BROWSER)
    visitor.send("/carrinho", {"sku": "TOKEN"}, headers=BROWSER)
    visitor.see("/dados", headers=BROWSER)
    with app.app_context():
        counter().write_down()
    visitor.see(headers=BROWSER)
    with app.app_context():
        counter().write_down()

    day = session.scalars(select(ShopDay)).one()

    assert (day.visits, day.carts, day.checkouts) == (2, 1, 1)
    assert (day.service_point_id, day.day.isoformat()) == (stall.point.id, "2026-12-01")
