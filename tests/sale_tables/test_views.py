"""The pages of sale tables, as people of headquarters and of service points open and send them."""

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.sale_tables.models import SaleEdition, SaleTable
from tests.factories import make_user, sign_in
from tests.pricing.factories import make_point, make_product
from tests.sale_tables.factories import (
    Shop,
    buy_from,
    make_sale_edition,
    make_sale_table,
    make_shop,
    row,
    stored,
)
from tests.sale_tables.pages import text_of
from tests.visitors import PortalClient


@pytest.fixture
def owner(client: PortalClient, session: Session, shop: Shop) -> PortalClient:
    sign_in(client, make_user(session, "owner", shop.point))
    return client


def ticked(answer: Any) -> list[str]:
    tags = re.findall(r"<input[^>]*\schecked[^>]*>", text_of(answer))
    return [value for tag in tags for value in re.findall(r'value="(\w+)"', tag)]


def test_the_list_says_what_is_in_force_where(
    helena: PortalClient, session: Session, shop: Shop
) -> None:
    table = make_sale_table(session, shop, name="Balcão 2026")
    make_sale_edition(session, table, "2026-10-01", None, [row(shop.skus[0], 15)])
    make_sale_table(session, make_shop(session), "site", name="Loja nova")

    page = helena.get("/sale-tables")
    now = helena.get("/sale-tables?state=now&q=balcao")
    site = helena.get("/sale-tables?channel=site&state=none")
    file = helena.get("/sale-tables?format=csv")

    assert page.status_code == 200
    assert "desde 01/10/2026" in text_of(page)
    assert "balcão, site" in text_of(page)
    assert "Loja nova" not in text_of(now)
    assert "Balcão 2026" not in text_of(site)
    assert "Balcão 2026;" + shop.point.name in text_of(file)


def test_people_of_a_service_point_see_its_tables_alone(
    owner: PortalClient, session: Session, shop: Shop
) -> None:
    own = make_sale_table(session, shop, name="Nossa")
    other = make_sale_table(session, make_shop(session), name="Dos outros")

    listed = owner.get("/sale-tables")

    assert "Nossa" in text_of(listed)
    assert "Dos outros" not in text_of(listed)
    assert owner.get(f"/sale-tables/{own.id}").status_code == 200
    assert owner.get(f"/sale-tables/{other.id}").status_code == 404
    assert owner.get(f"/service-points/{shop.point.code}/sale-tables").status_code == 200
    foreign = owner.get(f"/service-points/{other.service_point.code}/sale-tables")
    assert foreign.status_code == 404


@pytest.mark.parametrize("path", ["", "?q=nada", "?channel=nonsense&state=x&sort=nope"])
def test_an_empty_list_says_what_to_do(helena: PortalClient, path: str) -> None:
    page = helena.get(f"/sale-tables{path}")

    assert page.status_code == 200
    assert "Nova tabela de venda" in text_of(page)


def test_an_owner_puts_a_table_on_file_prices_it_and_publishes(
    owner: PortalClient, session: Session, shop: Shop
) -> None:
    form = owner.get("/sale-tables/new")
    made = owner.submit(
        "/sale-tables/new",
        {"name": "Balcão", "service_point": shop.point.code, "channels": ["back_office", "site"]},
    )
    edition = session.scalars(select(SaleEdition)).one()
    path = f"/sale-tables/{edition.sale_table_id}/editions/{edition.id}"
    editor = owner.get(path)
    rows = {
        "valid_from": "2026-12-05", "version": "1",
        "rows-0-sku": shop.skus[0], "rows-0-suggested": "15,00", "rows-0-on_site": "y",
        "rows-1-sku": shop.skus[1], "rows-1-suggested": "29,00", "rows-1-sale": "27,9",
    }  # fmt: skip
    saved = owner.submit(path, rows)
    preview = owner.get(f"{path}/publish")
    published = owner.submit(f"{path}/publish", {"version": "2"})
    table = owner.get(f"/sale-tables/{edition.sale_table_id}")

    assert f'value="{shop.point.code}"' in text_of(form)
    assert [answer.status_code for answer in (made, saved, published)] == [303, 303, 303]
    assert made.location == path
    for sku in shop.skus:
        assert sku in text_of(editor)
    assert "10,00" in text_of(editor), "who sees costs prices beside the acquisition"
    assert "Ainda sem preço" in text_of(preview)
    items = stored(session, edition)
    prices = {number: (one.price, one.on_site) for number, one in items.items()}
    assert prices == {
        shop.products[0].id: (Decimal(15), True),
        shop.products[1].id: (Decimal("27.9"), False),
        shop.products[2].id: (None, False),
    }
    assert "Vigência 1 · futura" in text_of(table)
    assert "33,3" in text_of(table), "the margin of 15,00 over 10,00"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "Nome"),
        ({"channels": []}, "Escolha o balcão, o site ou os dois."),
        ({"channels": ["moon"]}, "moon"),
        ({"service_point": "NO"}, "NO"),
        ({"begins": "31/31/2026"}, "31/31/2026"),
    ],
)
def test_a_bad_table_comes_back_with_what_was_typed(
    helena: PortalClient, session: Session, shop: Shop, sent: dict[str, Any], said: str
) -> None:
    typed = {"name": "Minha", "service_point": shop.point.code, "channels": ["site"]} | sent

    answer = helena.submit("/sale-tables/new", typed)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert typed["name"] in text_of(answer)
    assert session.scalars(select(SaleTable)).all() == []


def test_a_table_is_renamed_and_sold_elsewhere(
    helena: PortalClient, session: Session, shop: Shop
) -> None:
    table = make_sale_table(session, shop, "site")
    page = helena.get(f"/sale-tables/{table.id}/edit")

    edited = helena.submit(
        f"/sale-tables/{table.id}/edit",
        {"name": "Outro", "channels": ["back_office"], "version": "1"},
    )
    late = helena.submit(
        f"/sale-tables/{table.id}/edit", {"name": "X", "channels": ["site"], "version": "1"}
    )
    session.expire_all()

    assert ticked(page) == ["site"]
    assert edited.status_code == 303
    assert (table.name, [str(one) for one in table.channels]) == ("Outro", ["back_office"])
    assert late.status_code == 422


@pytest.mark.parametrize("part", ["items", "unpriced", "editions", "nonsense"])
def test_a_table_shows_its_parts(
    helena: PortalClient, session: Session, shop: Shop, part: str
) -> None:
    table = make_sale_table(session, shop)
    make_sale_edition(session, table, "2026-01-01", "2026-06-30", [row(shop.skus[0], 14)])
    make_sale_edition(session, table, "2026-07-06", None, [row(shop.skus[0], 15)])

    page = helena.get(f"/sale-tables/{table.id}?part={part}")

    assert page.status_code == 200
    assert "De 01/07/2026 a 05/07/2026 nenhuma vigência vale" in text_of(page)
    shown = {"unpriced": "Sem preço eles não são vendidos", "editions": "Encerrada"}
    assert shown.get(part, shop.products[0].name) in text_of(page)


def test_what_joined_the_portfolio_shows_to_be_priced_and_what_left_is_no_longer_sold(
    helena: PortalClient, session: Session, shop: Shop
) -> None:
    table = make_sale_table(session, shop)
    rows = [row(sku, 99) for sku in shop.skus]
    make_sale_edition(session, table, "2026-11-01", None, rows)
    joined = make_product(session, "NOVO-1")
    buy_from(session, shop, "2026-11-15", [(shop.products[0], 10), (joined, 7)])

    page = text_of(helena.get(f"/sale-tables/{table.id}"))
    unpriced = text_of(helena.get(f"/sale-tables/{table.id}?part=unpriced"))
    point = text_of(helena.get(f"/service-points/{shop.point.code}/sale-tables"))

    assert "saiu do portfólio: não é mais vendido" in page
    assert "NOVO-1" in unpriced
    assert shop.skus[1] not in unpriced
    assert f"/sale-tables/{table.id}?part=unpriced" in point


@pytest.mark.parametrize(
    "path", ["?edition=0", "?edition=x", "?after=nonsense", "?q=nada", "?page=9"]
)
def test_an_odd_address_of_a_table_is_still_a_page(
    helena: PortalClient, session: Session, shop: Shop, path: str
) -> None:
    table = make_sale_table(session, shop)

    assert helena.get(f"/sale-tables/{table.id}{path}").status_code == 200
    assert helena.get(f"/sale-tables/{table.id}{path}&part=unpriced").status_code == 200


def test_a_table_of_a_point_that_buys_nothing_says_what_to_do(
    helena: PortalClient, session: Session
) -> None:
    empty = Shop(make_point(session), None)  # type: ignore[arg-type] # it buys by no table
    table = make_sale_table(session, empty)

    page = text_of(helena.get(f"/sale-tables/{table.id}"))

    assert "atribua antes uma tabela de preço" in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_edition_is_handed_out_as_a_file(
    helena: PortalClient, session: Session, shop: Shop, kind: str
) -> None:
    table = make_sale_table(session, shop)
    edition = make_sale_edition(
        session, table, "2026-01-01", None, [row(shop.skus[0], "15.5", suggested=16)]
    )

    path = f"/sale-tables/{table.id}/editions/{edition.id}/file?format={kind}"
    with helena.get(path) as answer:
        status, content = answer.status_code, answer.data

    assert status == 200
    line = f"{shop.skus[0]};{shop.products[0].name};16,00;15,50;1"
    assert kind == "xlsx" or line in content.decode()


def test_a_seller_sees_prices_without_acquisition_or_margin(
    client: PortalClient, session: Session, shop: Shop
) -> None:
    buy_from(session, shop, "2026-11-20", [(shop.products[0], "13.37")])
    table = make_sale_table(session, shop)
    edition = make_sale_edition(session, table, "2026-11-25", None, [row(shop.skus[0], "15.5")])
    sign_in(client, make_user(session, "seller", shop.point))

    page = client.get(f"/sale-tables/{table.id}")
    pages = [client.get(f"/sale-tables/{table.id}/editions/{edition.id}/compare"), page]

    assert page.status_code == 200
    assert "15,50" in text_of(page)
    for answer in pages:
        assert "13,37" not in text_of(answer)
        assert "Margem" not in text_of(answer)
        assert "Aquisição" not in text_of(answer)
    below = client.get(f"/sale-tables/{table.id}/editions/{edition.id}/below")
    assert below.status_code == 403
    assert client.get("/sale-tables/new").status_code == 403
