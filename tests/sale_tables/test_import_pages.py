"""Lists of sale prices by hand: sent, read, corrected, stored as a draft or published."""

import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pricing.models import EditionState
from portal.sale_tables.models import SaleImport, SaleTable
from tests.factories import make_user, sign_in
from tests.price_imports.lists import csv_file, xlsx_file
from tests.sale_tables.factories import Shop, make_sale_edition, row, stored
from tests.sale_tables.pages import newest, text_of
from tests.visitors import PortalClient


def send(client: Any, table: SaleTable, content: bytes, name: str = "venda.csv") -> Any:
    data = {"valid_from": "2027-01-01", "file": (io.BytesIO(content), name)}
    return client.submit(f"/sale-tables/{table.id}/import", data)


def sent(client: Any, table: SaleTable, content: bytes, name: str = "venda.csv") -> str:
    answer = send(client, table, content, name)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def good(shop: Shop) -> bytes:
    return csv_file(
        "Código;Produto;Preço sugerido;Preço de venda;No site",
        f"{shop.skus[0]};Um;16,00;15,50;sim",
        f"{shop.skus[1]};Dois;1.029,00;;não",
    )


def test_a_list_goes_from_file_to_published_edition(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    make_sale_edition(session, table, "2026-01-01", None, [row(shop.skus[0], 14)])
    upload = helena.get(f"/sale-tables/{table.id}/import")
    address = sent(helena, table, good(shop))

    page = helena.get(address)
    stored_answer = helena.submit(f"{address}/store", {"action": "publish"})
    edition = newest(session)

    assert "Importar preços de venda" in text_of(upload)
    assert "lida como Preço de venda" in text_of(page)
    assert "1.029,00" in text_of(page)
    assert "A vigência 2 termina em 31/12/2026." in text_of(page)
    assert "Importar 2 linhas" in text_of(page)
    assert stored_answer.location == f"/sale-tables/{table.id}?edition={edition.id}"
    assert edition.state == EditionState.PUBLISHED
    items = stored(session, edition)
    prices = {number: (one.price, one.on_site) for number, one in items.items()}
    assert prices == {
        shop.products[0].id: (Decimal("15.5"), True),
        shop.products[1].id: (Decimal(1029), False),
        shop.products[2].id: (None, False),
    }
    assert session.scalars(select(SaleImport)).all() == []


def test_an_edition_goes_out_as_a_file_and_comes_back_the_same(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[0], "15.5", suggested=16), row(shop.skus[1], "29.9", on_site=False)]
    edition = make_sale_edition(session, table, "2026-01-01", None, rows)
    for kind in ("csv", "xlsx"):
        path = f"/sale-tables/{table.id}/editions/{edition.id}/file?format={kind}"
        with helena.get(path) as answer:
            content = answer.data
        address = sent(helena, table, content, f"venda.{kind}")
        made = helena.submit(f"{address}/store", {"action": "draft"})
        back = newest(session)

        assert made.location == f"/sale-tables/{table.id}/editions/{back.id}"
        facts = [
            {
                number: (one.suggested_price, one.sale_price, one.on_site)
                for number, one in stored(session, each).items()
            }
            for each in (edition, back)
        ]
        assert facts[0] == facts[1]


def test_every_wrong_row_is_shown_and_nothing_is_stored(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    before = newest(session)
    wrong = [f"X{number};dez" for number in range(60)]
    address = sent(helena, table, csv_file("SKU;Preço de venda", f"{shop.skus[0]};9", *wrong))

    first = text_of(helena.get(address))
    second = text_of(helena.get(f"{address}?page=2"))
    file = helena.get(f"{address}/errors")
    stored_answer = helena.submit(f"{address}/store", {"action": "draft"})

    assert "dez não é um número como 1.234,56." in first
    assert "página 1 de 3, 120 erros" in first
    assert "Não existe produto com este SKU." in second
    assert "Importar" not in first.partition("<main")[2].partition("O que fazer com ela")[2]
    assert len(file.text.splitlines()) == 121
    assert stored_answer.location == address
    assert newest(session).id == before.id


def test_columns_days_and_layout_are_corrected_by_hand(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    content = csv_file("Tabela;;", "x;SKU;valor novo;valor antigo", f"1;{shop.skus[0]};10,00;9,00")
    address = sent(helena, table, content)
    read = {
        "read": "1", "separator": ";", "sheet": "", "header": "1", "decimal": "", "sku": "1",
        "sale_price": "3", "suggested_price": "-1", "on_site": "-1", "name": "-1",
        "valid_from": "2027-02-01", "valid_until": "",
    }  # fmt: skip

    helena.get(address)
    again = helena.submit(address, read | {"header": "-1"})
    none = helena.get(address)
    helena.submit(address, read | {"header": "1"})
    helena.submit(address, read)
    backwards = helena.submit(address, read | {"valid_until": "2027-01-01"})
    helena.submit(f"{address}/store", {"action": "draft"})

    assert again.status_code == 303
    assert "Nenhuma linha diz o que há em cada coluna." in text_of(none)
    assert backwards.status_code == 422
    made = newest(session)
    assert made.valid_from.isoformat() == "2027-02-01"
    assert stored(session, made)[shop.products[0].id].price == Decimal(9)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "venda.csv", "vazio"),
        (b"\x00\x01\x02\x03" * 50, "venda.xlsx", "XLSX"),
        (b"", "", "Escolha um arquivo."),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(
    helena: PortalClient, table: SaleTable, content: bytes, name: str, said: str
) -> None:
    answer = send(helena, table, content, name)

    assert answer.status_code == 422
    assert said in text_of(answer)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_empty_list_is_handed_out(helena: PortalClient, table: SaleTable, kind: str) -> None:
    with helena.get(f"/sale-tables/{table.id}/import/template?format={kind}") as answer:
        status, content = answer.status_code, answer.data

    assert status == 200
    assert kind == "xlsx" or "Preço sugerido;Preço de venda;No site" in content.decode()


def test_a_list_belongs_to_who_sent_it(
    app: Flask, helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    address = sent(helena, table, xlsx_file(["SKU", "Venda"], [shop.skus[0], 12]), "v.xlsx")
    other: Any = app.test_client()
    sign_in(other, make_user(session, "owner", shop.point))

    assert other.get(f"/sale-tables/{table.id}").status_code == 200
    assert other.get(address).status_code == 404
    assert other.submit(f"{address}/store", {"action": "draft"}).status_code == 404
