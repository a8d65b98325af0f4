"""Lists of sale prices by hand: sent, read, corrected, checked, stored as a draft or published.

The pages are those of lists of acquisition prices (tests/price_imports); here is what is another.
"""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.people.models import User
from portal.price_imports.models import ImportState
from portal.price_imports.queries import GIVEN_UP_AFTER
from portal.pricing.models import EditionState
from portal.sale_tables.models import SaleEdition, SaleImport, SaleTable
from tests.factories import make_user, sign_in
from tests.price_imports.lists import csv_file, xlsx_file
from tests.price_imports.pages import fields_of, wait_for
from tests.sale_tables.factories import Shop, make_sale_edition, row, stored
from tests.sale_tables.pages import READ, checked, good_list, newest, send, sent, text_of
from tests.visitors import MovableClock, PortalClient


def test_a_list_goes_from_file_to_published_edition(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    make_sale_edition(session, table, "2026-01-01", None, [row(shop.skus[0], 14)])
    upload = helena.get(f"/sale-tables/{table.id}/import")
    address = sent(helena, table.id, good_list(shop))

    reading = helena.get(f"{address}/reading")
    page = checked(helena, address, **READ)
    helena.submit(f"{address}/store", {"action": "publish"})
    edition = newest(session)

    assert "Importar preços de venda" in text_of(upload)
    assert "lida como Preço de venda" in text_of(reading)
    assert "1.029,00" in text_of(reading)
    assert "cadastrados junto com a vigência" not in page
    assert "A vigência 2 termina em 31/12/2026." in page
    assert "Importar 2 linhas" in page
    assert helena.get(address).location == f"/sale-tables/{table.id}?edition={edition.id}"
    assert edition.state == EditionState.PUBLISHED
    items = stored(session, edition)
    prices = {number: (one.price, one.on_site) for number, one in items.items()}
    assert prices == {
        shop.products[0].id: (Decimal("15.5"), True),
        shop.products[1].id: (Decimal(1029), False),
        shop.products[2].id: (None, False),
    }
    kept = session.scalars(select(SaleImport)).one()
    assert (kept.state, kept.content, kept.edition_id) == (ImportState.STORED, None, edition.id)
    assert "venda.csv" in helena.get(f"/sale-tables/{table.id}/import").text


def test_an_edition_goes_out_as_a_file_and_comes_back_the_same(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[0], "15.5", suggested=16), row(shop.skus[1], "29.9", on_site=False)]
    edition = make_sale_edition(session, table, "2026-01-01", None, rows)
    for kind in ("csv", "xlsx"):
        path = f"/sale-tables/{table.id}/editions/{edition.id}/file?format={kind}"
        with helena.get(path) as answer:
            content = answer.data
        address = sent(helena, table.id, content, f"venda.{kind}")
        checked(helena, address, **fields_of(helena.get(f"{address}/reading").text))
        helena.submit(f"{address}/store", {"action": "draft"})
        back = newest(session)

        facts = [
            {
                number: (one.suggested_price, one.sale_price, one.on_site)
                for number, one in stored(session, each).items()
            }
            for each in (edition, back)
        ]
        assert back.id != edition.id
        assert facts[0] == facts[1]


def test_every_wrong_row_is_shown_and_nothing_is_stored(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    before = newest(session)
    wrong = [f"X{number};dez" for number in range(60)]
    content = csv_file("SKU;Preço de venda", f"{shop.skus[0]};9", *wrong)
    address = sent(helena, table.id, content)

    first = checked(helena, address)
    second = text_of(helena.get(f"{address}?page=2"))
    file = helena.get(f"{address}/errors")
    helena.submit(f"{address}/store", {"action": "draft"})

    assert "dez não é um número como 1.234,56." in first
    assert "página 1 de 3, 120 erros" in first
    assert "Não existe produto com este SKU." in second
    assert "O que fazer com ela" not in first
    assert len(file.text.splitlines()) == 121
    assert newest(session).id == before.id


def test_columns_days_and_layout_are_corrected_by_hand(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    content = csv_file("Tabela;;", "x;SKU;valor novo;valor antigo", f"1;{shop.skus[0]};10,00;9,00")
    address = sent(helena, table.id, content)
    columns = {"header": "1", "sku": "1", "sale_price": "3"}

    checked(helena, address, header="-1")
    none = helena.get(f"{address}/reading")
    checked(helena, address, header="1")
    checked(helena, address, **columns, valid_from="2027-02-01")
    helena.submit(f"{address}/store", {"action": "draft"})

    assert "Nenhuma linha diz o que há em cada coluna." in text_of(none)
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
    answer = send(helena, table.id, content, name)

    assert answer.status_code == 422
    assert said in text_of(answer)


def test_a_list_without_rows_comes_to_nothing_and_says_why(
    helena: PortalClient, table: SaleTable
) -> None:
    address = sent(helena, table.id, csv_file("SKU;Preço de venda"))

    page = checked(helena, address)

    assert "A importação não foi concluída" in page
    assert "O arquivo não tem linhas abaixo do cabeçalho." in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_empty_list_is_handed_out(helena: PortalClient, table: SaleTable, kind: str) -> None:
    with helena.get(f"/sale-tables/{table.id}/import/template?format={kind}") as answer:
        status, content = answer.status_code, answer.data

    assert status == 200
    assert kind == "xlsx" or "Preço sugerido;Preço de venda;No site" in content.decode()


def test_a_list_belongs_to_who_sent_it(
    app: Flask, helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    address = sent(helena, table.id, xlsx_file(["SKU", "Venda"], [shop.skus[0], 12]), "v.xlsx")
    other: Any = app.test_client()
    sign_in(other, make_user(session, "owner", shop.point))

    assert other.get(f"/sale-tables/{table.id}").status_code == 200
    for path in ("", "/reading", "/errors", "/progress"):
        assert other.get(f"{address}{path}").status_code == 404
    for path in ("/reading", "/store", "/restart"):
        assert other.submit(f"{address}{path}", READ).status_code == 404


@pytest.mark.engines("sqlite", "mariadb")
def test_a_large_list_of_a_service_point_is_done_by_a_process_of_its_own(
    client: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    sign_in(client, make_user(session, "owner", shop.point))
    rows = [f"{sku};{'Nome longo ' * 8_000};15,00;14,00;sim" for sku in shop.skus]
    content = csv_file("Código;Produto;Preço sugerido;Preço de venda;No site", *rows)
    address = sent(client, table.id, content)

    answer = client.submit(f"{address}/reading", READ | {"check": "1"})
    running = client.get(answer.location)
    wait_for(client, address)
    page = client.get(address).text
    client.submit(f"{address}/store", {"action": "draft"})
    wait_for(client, address)

    assert "<progress" in running.text
    assert "Importar 3 linhas" in page
    session.expire_all()
    made = newest(session)
    assert stored(session, made)[shop.products[0].id].price == Decimal(14)
    assert made.created_by == session.scalars(select(User.id)).one()


def test_a_run_that_was_cut_off_may_begin_again(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable, clock: MovableClock
) -> None:
    address = sent(helena, table.id, good_list(shop))
    checked(helena, address, **READ)
    kept = session.scalars(select(SaleImport)).one()
    kept.state, kept.started_at = ImportState.RUNNING, clock.now()
    session.commit()

    early = helena.get(address).text
    busy = helena.submit(f"{address}/restart")
    clock.advance(seconds=GIVEN_UP_AFTER.total_seconds() + 1)
    late = helena.get(address).text
    helena.submit(f"{address}/restart")

    assert "Importação em andamento" in early
    assert busy.status_code == 409
    assert "Foi interrompida. O arquivo continua aqui." in late
    assert "Importar 2 linhas" in helena.get(address).text


def test_a_price_that_the_site_refuses_is_counted_and_the_list_stays(
    app: Flask, session: Session, shop: Shop, table: SaleTable
) -> None:
    clerk: Any = app.test_client()
    user = make_user(session, "pricing")
    user.profile.permissions = "sale_prices.edit sale_prices.publish sale_prices.view"
    sign_in(clerk, user)
    content = csv_file("Código;Preço de venda;No site", f"{shop.skus[0]};0,01;sim")
    address = sent(clerk, table.id, content)
    checked(clerk, address, on_site="2")

    clerk.submit(f"{address}/store", {"action": "publish"})

    page = clerk.get(address).text
    assert "Nada foi gravado" in page
    assert "O que fazer com ela" in page
    refused = select(Deed).where(Deed.action == "sale_edition.price_refused")
    assert len(session.scalars(refused).all()) == 1
    published = select(SaleEdition).where(SaleEdition.state == EditionState.PUBLISHED)
    assert session.scalars(published).all() == []
