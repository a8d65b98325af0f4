"""An import by its pages: the file, how it is read, what is wrong, what becomes of it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.catalogue.models import Product
from portal.people.models import User
from portal.price_imports.models import ImportState, PriceImport
from portal.price_imports.queries import GIVEN_UP_AFTER
from portal.pricing.models import Edition, EditionState, PriceTable
from tests.factories import make_service_point, make_user, sign_in
from tests.price_imports.lists import csv_file, prices_of, xlsx_file
from tests.price_imports.pages import GOOD, READING, checked, upload, uploaded, wait_for
from tests.pricing.factories import make_edition
from tests.visitors import MovableClock


def test_a_list_goes_from_file_to_published_edition(
    editor: Any, session: Session, table: PriceTable
) -> None:
    product = session.scalars(select(Product).where(Product.sku == "A1")).one()
    make_edition(session, table, "2026-01-01", items=[(product, "70")])
    address = uploaded(editor, table)

    reading = editor.get(f"{address}/reading").text
    page = checked(editor, address)
    stored = editor.submit(f"{address}/store", {"action": "publish"})

    assert "lida como Preço" in reading
    assert "1.228,49" in reading
    assert "A vigência 1 termina em 31/12/2026." in page
    assert "Importar 2 linhas" in page
    assert stored.status_code == 303
    session.expire_all()
    edition = session.scalars(select(Edition).where(Edition.number == 2)).one()
    assert edition.state == EditionState.PUBLISHED
    assert prices_of(session, edition.id) == {("A1", "0"): "1228.4900", ("A2", "0"): "80.0000"}
    assert editor.get(address).location == f"/price-tables/{table.id}?edition={edition.id}"
    kept = session.scalars(select(PriceImport)).one()
    assert (kept.state, kept.content) == (ImportState.STORED, None)


def test_every_bad_row_is_shown_page_by_page_and_as_a_file(
    editor: Any, session: Session, table: PriceTable
) -> None:
    rows = [f"X{number};dez" for number in range(60)]
    address = uploaded(editor, table, csv_file("Código;Preço", "A1;1", *rows))

    first = checked(editor, address)
    second = editor.get(f"{address}?page=2").text
    stored = editor.submit(f"{address}/store", {"action": "draft"})
    file = editor.get(f"{address}/errors")

    assert first.count("dez não é um número como 1.234,56.") == 25
    assert "página 1 de 3, 120 erros" in first
    assert "em 60 linhas" in first
    assert "Não existe produto com este SKU." in second
    assert "O que fazer com ela" not in first
    assert file.content_type.startswith("text/csv")
    assert len(file.text.splitlines()) == 121
    assert "3;Preço;invalid;dez não é um número como 1.234,56." in file.text
    assert stored.status_code == 303
    assert "120" in editor.get(address).text
    assert session.scalars(select(Edition)).all() == []


def test_columns_are_corrected_where_their_names_do_not_tell(
    editor: Any, session: Session, table: PriceTable
) -> None:
    content = csv_file("Tabela de janeiro;;", "x;SKU;valor novo;valor antigo", "1;A1;10,00;9,00")
    address = uploaded(editor, table, content)

    shown = editor.get(f"{address}/reading").text
    checked(editor, address, header="1", sku="1", price="3")
    editor.submit(f"{address}/store", {"action": "draft"})

    assert 'value="1" selected' in shown or '<option selected value="1">' in shown
    edition = session.scalars(select(Edition)).one()
    assert prices_of(session, edition.id) == {("A1", "0"): "9.0000"}


def test_another_separator_or_header_finds_the_columns_anew(
    editor: Any, session: Session, table: PriceTable
) -> None:
    address = uploaded(editor, table, csv_file("Código|Preço;x", "A1|10;y", "A2|20;z"))

    editor.submit(f"{address}/reading", READING | {"separator": "|", "check": "1"})
    other = editor.get(f"{address}/reading").text
    editor.submit(f"{address}/reading", READING | {"separator": "|", "header": "-1"})
    none = editor.get(f"{address}/reading").text

    assert "lida como SKU" in other
    assert "lida como SKU" not in none
    assert "Nenhuma linha diz o que há em cada coluna." in none
    kept = session.scalars(select(PriceImport)).one()
    assert kept.state == ImportState.UPLOADED


def test_thousands_or_decimals_is_asked_where_the_file_does_not_tell(
    editor: Any, session: Session, table: PriceTable
) -> None:
    address = uploaded(editor, table, csv_file("Código;Preço", "A1;1.234", "A2;5"))

    shown = editor.get(f"{address}/reading").text
    unsure = checked(editor, address)
    checked(editor, address, decimal=".")
    editor.submit(f"{address}/store", {"action": "draft"})

    assert "Milhar ou decimal?" in shown
    assert "1.234 pode ser milhar ou decimal" in unsure
    edition = session.scalars(select(Edition)).one()
    assert prices_of(session, edition.id)["A1", "0"] == "1.2340"


def test_missing_products_are_created_where_that_was_ticked(
    editor: Any, session: Session, table: PriceTable
) -> None:
    content = csv_file("Código;Nome;Categoria;Preço", "N1;Novo produto;Mídias;10")
    address = uploaded(editor, table, content, create_products="y")
    columns = {"name": "1", "category": "2", "price": "3"}

    without = checked(editor, address, **columns)
    page = checked(editor, address, create_products="y", **columns)
    editor.submit(f"{address}/store", {"action": "draft"})

    assert "Não existe produto com este SKU." in without
    assert "cadastrados junto com a vigência" in page
    product = session.scalars(select(Product).where(Product.sku == "N1")).one()
    assert product.name == "Novo produto"


def test_overlapping_days_offer_to_let_the_others_make_room(
    editor: Any, session: Session, table: PriceTable
) -> None:
    product = session.scalars(select(Product).where(Product.sku == "A1")).one()
    later = make_edition(session, table, "2027-02-01", items=[(product, "70")])
    address = uploaded(editor, table)

    page = checked(editor, address)
    refused = editor.submit(f"{address}/store", {"action": "publish"})
    editor.submit(f"{address}/store", {"action": "replace"})

    assert "A vigência 1 é substituída." in page
    assert refused.status_code == 422
    session.expire_all()
    assert later.state == EditionState.SUPERSEDED


def test_a_refusal_at_the_end_is_said_and_another_way_is_open(
    editor: Any, session: Session, table: PriceTable
) -> None:
    product = session.scalars(select(Product).where(Product.sku == "A1")).one()
    make_edition(session, table, "2026-01-01", items=[(product, "70")])
    address = uploaded(editor, table, valid_from="2026-11-01")
    checked(editor, address, valid_from="2026-11-01")

    editor.submit(f"{address}/store", {"action": "publish"})
    refused = editor.get(address).text
    editor.submit(f"{address}/store", {"action": "publish", "reason": "Correção"})

    assert "Nada foi gravado" in refused
    assert "dias passados" in refused
    session.expire_all()
    states = list(session.scalars(select(Edition.state).order_by(Edition.number)))
    assert states == [EditionState.PUBLISHED, EditionState.PUBLISHED]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "lista.csv", "O arquivo está vazio."),
        (b"\x89PNG\r\n\x1a\n\x00", "lista.csv", "O arquivo não é um texto"),
        (b"PK\x03\x04rest", "lista.xlsx", "não é uma pasta de trabalho XLSX"),
        (b"a;b", "lista.pdf", "Arquivos com nome terminado em .pdf não são lidos."),
    ],
)
def test_a_file_that_is_no_list_is_refused_at_once(
    editor: Any, session: Session, table: PriceTable, content: bytes, name: str, words: str
) -> None:
    answer = upload(editor, table, content, name)

    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(PriceImport)).all() == []


def test_the_days_are_checked_before_the_file_is_kept(
    editor: Any, session: Session, table: PriceTable
) -> None:
    backwards = upload(editor, table, GOOD, valid_until="2026-01-01")
    missing = editor.submit(f"/price-tables/{table.id}/import", {"valid_from": "2027-01-01"})

    assert (backwards.status_code, missing.status_code) == (422, 422)
    assert "Escolha um arquivo." in missing.text


def test_an_import_is_its_owners_alone(
    editor: Any, app: Flask, session: Session, table: PriceTable
) -> None:
    address = uploaded(editor, table)
    other = app.test_client()
    sign_in(other, make_user(session, "pricing"))

    for path in ("", "/reading", "/errors", "/progress"):
        assert other.get(f"{address}{path}").status_code == 404
    for path in ("/reading", "/store", "/restart"):
        assert other.submit(f"{address}{path}", READING).status_code == 404


def test_people_without_the_permission_see_none_of_it(
    client: Any, session: Session, table: PriceTable
) -> None:
    point = make_service_point(session)
    for user in (make_user(session, "auditor"), make_user(session, "owner", point)):
        sign_in(client, user)

        assert client.get(f"/price-tables/{table.id}/import").status_code == 403
        client.submit("/sign-out")


def test_a_large_list_is_done_by_a_process_of_its_own(
    editor: Any, session: Session, table: PriceTable
) -> None:
    rows = [f"N{number};Produto de nome longo {number};{number},25" for number in range(1, 8_000)]
    content = csv_file("Código;Nome;Preço", *rows)
    address = uploaded(editor, table, content, create_products="y")
    columns = {"name": "1", "price": "2", "create_products": "y"}

    answer = editor.submit(f"{address}/reading", READING | columns | {"check": "1"})
    running = editor.get(answer.location)
    wait_for(editor, address)
    page = editor.get(address).text
    editor.submit(f"{address}/store", {"action": "draft"})
    wait_for(editor, address)

    assert "<progress" in running.text
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in running.text
    assert "Importar 7.999 linhas" in page
    edition = session.scalars(select(Edition)).one()
    assert len(prices_of(session, edition.id)) == 7_999


def test_a_run_that_was_cut_off_is_shown_and_may_begin_again(
    editor: Any, session: Session, table: PriceTable, clock: MovableClock
) -> None:
    address = uploaded(editor, table)
    checked(editor, address)
    kept = session.scalars(select(PriceImport)).one()
    kept.state, kept.started_at = ImportState.RUNNING, clock.now()
    session.flush()

    early = editor.get(address).text
    busy = editor.submit(f"{address}/restart")
    clock.advance(seconds=GIVEN_UP_AFTER.total_seconds() + 1)
    late = editor.get(address).text
    editor.submit(f"{address}/restart")

    assert "Importação em andamento" in early
    assert busy.status_code == 409
    assert "Foi interrompida. O arquivo continua aqui." in late
    assert "Importar 2 linhas" in editor.get(address).text


def test_a_list_is_stored_once_however_often_it_is_sent(
    editor: Any, session: Session, table: PriceTable
) -> None:
    address = uploaded(editor, table)
    checked(editor, address)

    editor.submit(f"{address}/store", {"action": "draft"})
    again = editor.submit(f"{address}/store", {"action": "draft"})

    assert again.status_code == 409
    assert len(session.scalars(select(Edition)).all()) == 1


def test_a_workbook_with_several_sheets_lets_one_choose(
    editor: Any, session: Session, table: PriceTable
) -> None:
    content = xlsx_file(("SKU", "Preço"), ("A1", 19.9))
    address = uploaded(editor, table, content, "lista.xlsx")

    page = checked(editor, address, separator="", sheet="Preços")

    assert "Importar 1 linhas" in page
    assert session.scalars(select(PriceImport)).one().state == ImportState.CHECKED


def test_a_file_of_200_mb_is_refused_before_it_is_read(editor: Any, table: PriceTable) -> None:
    answer = editor.post(
        f"/price-tables/{table.id}/import",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        environ_overrides={"CONTENT_LENGTH": "200000000"},
    )

    assert answer.status_code == 413


def test_a_file_that_nobody_stored_is_forgotten_after_a_month(
    editor: Any, session: Session, table: PriceTable, clock: MovableClock
) -> None:
    address = uploaded(editor, table)
    clock.advance(days=31)
    sign_in(editor, session.scalars(select(User)).one())

    uploaded(editor, table)

    session.expire_all()
    old, new = session.scalars(select(PriceImport).order_by(PriceImport.id))
    assert old.content is None
    assert new.content is not None
    assert editor.get(f"{address}/reading").status_code == 422
