"""The pages of those who run a shop."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.orders.models import Order, OrderState
from portal.sale_tables.models import SaleItem
from portal.storefronts.models import ShopDay
from tests.factories import NOON, make_service_point
from tests.payments.factories import make_pix_account
from tests.storefronts.factories import Stall

Visit = Callable[..., Any]
TYPED = {
    "name": "Ipê Certificados",
    "tagline": "Em Campinas",
    "headline": "Pronto hoje",
    "colour": "#ffcc00",
    "legal_name": "Contábil Ipê Serviços Ltda",
    "phone": "(19) 3000-1234",
    "version": "1",
}


# The list and the overview


def test_an_owner_of_one_shop_is_led_to_it_and_headquarters_to_the_list(
    visit: Visit, owner: Any, stall: Stall, path: str, session: Session
) -> None:
    bare = make_service_point(session, name="Sem loja nenhuma")

    listed = visit("administrator").get("/shops")
    both = visit("owner", stall.point, bare).get("/shops")

    assert owner.get("/shops").location == path
    assert 'href="/shops"' in owner.get("/").text
    for page in (listed.text, both.text):
        assert "/loja/contabil-ipe" in page
        assert "Sem loja nenhuma" in page
    assert "Sem loja nenhuma" in visit("administrator").get("/shops?state=none").text
    assert "Contábil Ipê" not in visit("administrator").get("/shops?state=closed").text
    assert ";Aberta;" in visit("administrator").get("/shops?format=csv").text


def test_the_overview_shows_visits_carts_orders_and_sales_with_their_numbers(
    owner: Any, stall: Stall, path: str, session: Session
) -> None:
    day = date(2026, 11, 30)
    session.add(
        ShopDay(service_point_id=stall.point.id, day=day, visits=123, carts=45, checkouts=17)
    )
    facts: dict[str, Any] = {"channel": "site", "created_at": NOON, "version": 1}
    for status, total in ((OrderState.PLACED, 98765), (OrderState.AWAITING_CREDIT, 11)):
        session.add(
            Order(
                service_point_id=stall.point.id,
                status=status,
                day=day,
                placed_at=NOON,
                sale_total=Decimal(total),
                **facts,
            )
        )

    daily, monthly = owner.get(path).text, owner.get(f"{path}?by=month").text

    for page in (daily, monthly):
        assert "98.765,00" in page
        assert ">123<" in page.replace("</td>", "<")
        assert page.count("<svg class=") >= 4
        assert f"channel=site&amp;point={stall.point.code}&amp;status=awaiting_credit" in page
    assert "30/11/2026" in daily
    assert "novembro 2026" in monthly


def test_a_bare_service_point_reads_what_is_missing_and_where_to_put_it_right(
    visit: Visit, session: Session
) -> None:
    point = make_service_point(session)

    page = visit("owner", point).get(f"/service-points/{point.code}/shop").text

    missing = page.partition("O que falta para a loja abrir")[2]
    for name in (
        "Um endereço",
        "Uma tabela de venda",
        "Produtos no site",
        "chave Pix",
        "Quem vende",
    ):
        assert name in missing
    assert f"/service-points/{point.code}/shop/address" in missing
    assert "Abrir a loja" not in page
    assert "Ainda não veio ninguém" in page


def test_a_shop_is_closed_and_opened_again(
    owner: Any, stall: Stall, path: str, session: Session
) -> None:
    closed = owner.submit(f"{path}/opening", {"open": "0"}, follow_redirects=True).text
    shut = owner.get(stall.path).text
    opened = owner.submit(f"{path}/opening", {"open": "1"}, follow_redirects=True).text

    assert "A loja está fechada." in closed
    assert "Abrir a loja" in closed
    assert "e-CPF A1" not in shut
    assert "A loja está aberta." in opened
    assert "e-CPF A1" in owner.get(stall.path).text


def test_a_shop_that_lacks_something_does_not_open(visit: Visit, session: Session) -> None:
    point = make_service_point(session)
    owner = visit("owner", point)

    page = owner.submit(
        f"/service-points/{point.code}/shop/opening", {"open": "1"}, follow_redirects=True
    )

    assert "A loja ainda não pode abrir" in page.text
    session.refresh(point)
    assert not point.shop_enabled


# Products


def test_what_is_on_site_is_listed_found_and_described(
    owner: Any, stall: Stall, path: str, session: Session
) -> None:
    row = session.get_one(SaleItem, (stall.edition.id, stall.products["TOKEN"].id))
    row.on_site = False

    everything = owner.get(f"{path}/products").text
    off = owner.get(f"{path}/products?state=off").text
    found = owner.get(f"{path}/products?q=e-cnpj").text
    owner.submit(f"{path}/products/TOKEN", {"summary": "Para guardar o A3", "details": "x\n\ny"})

    assert "Marque-o para o site" in everything
    assert f"/sale-tables/{stall.sold.id}/editions/{stall.edition.id}" in everything
    assert "Token USB" in off
    assert "e-CPF A1" not in off
    assert "e-CNPJ A1" in found
    assert "Token USB" not in found
    assert "Nenhum produto corresponde" in owner.get(f"{path}/products?q=nada+disso").text
    assert "Para guardar o A3" in owner.get(f"{path}/products").text


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999999999999999999", "2", "٣"])
def test_a_page_of_products_that_is_not_there_is_the_nearest(
    owner: Any, path: str, page: str
) -> None:
    answer = owner.get(f"{path}/products?page={page}")

    assert answer.status_code == 200
    assert "Token USB" in answer.text


# Whose


def test_a_shop_of_others_is_not_there_and_sellers_do_not_run_theirs(
    visit: Visit, stall: Stall, path: str, session: Session
) -> None:
    stranger = visit("owner", make_service_point(session))
    seller = visit("seller", stall.point)
    rests = ("", "/settings", "/address", "/products", "/products/TOKEN", "/poster", "/logo-file")

    for rest in rests:
        assert stranger.get(path + rest).status_code == 404
        assert seller.get(path + rest).status_code == 403
    for rest in ("/opening", "/settings", "/preview", "/logo", "/address", "/products/TOKEN"):
        assert stranger.submit(path + rest, TYPED).status_code == 404
        assert seller.submit(path + rest, TYPED).status_code == 403
    assert seller.get("/shops").status_code == 403


def test_no_page_of_a_shop_shows_what_the_service_point_pays(
    owner: Any, stall: Stall, path: str, session: Session
) -> None:
    make_pix_account(session, None)
    item = session.get_one(SaleItem, (stall.edition.id, stall.products["TOKEN"].id))
    item.sale_price, item.confirmed_acquisition, item.confirmed_at = Decimal(40), None, None

    pages = [owner.get(path + rest).text for rest in ("", "/settings", "/products")]

    assert "Retido" in pages[2]
    for cost in ("62,37", "89,91", "41,73", "62.37", "89.91", "41.73"):
        assert not [page for page in pages if cost in page]
