"""What the portal hands out comes in again as it was."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.catalogue.models import Product
from portal.price_imports.models import PriceImport
from portal.pricing.models import PriceTable
from tests.factories import make_product
from tests.price_imports.lists import prices_of
from tests.price_imports.pages import downloaded, fields_of, uploaded
from tests.pricing.factories import make_edition, make_table


def test_the_empty_list_is_read_as_it_is_written(editor: Any, table: PriceTable) -> None:
    for kind in ("csv", "xlsx"):
        file = downloaded(editor, f"/price-tables/{table.id}/import/template?format={kind}")

        address = uploaded(editor, table, file, f"lista.{kind}")
        page = editor.get(f"{address}/reading").text

        for column in ("SKU", "Nome", "Categoria", "A partir de", "Preço", "Gratuito"):
            assert f"lida como {column}" in page


def test_an_edition_comes_back_unchanged_from_its_own_export(
    editor: Any, client: FlaskClient, session: Session
) -> None:
    for sku in ("-10", "=A", "'-10", "+B;C", "@x", "é ç", "007"):
        make_product(session, sku, name='Nome; com "aspas" e\nlinha')
    products = list(session.scalars(select(Product)))
    items = [
        (one, minimum, price)
        for one in products
        for minimum, price in (("0", "0"), ("1.5", "1234.5678"), ("10", "0.0001"))
    ]
    table = make_table(session)
    percent = make_table(session, calculation="percent_of_sale")
    for one in (table, percent):
        edition = make_edition(session, one, "2026-01-01", items=items)
        for kind in ("csv", "xlsx"):
            file = downloaded(
                editor, f"/price-tables/{one.id}/editions/{edition.id}/file?format={kind}"
            )
            address = uploaded(editor, one, file, f"vigencia.{kind}")
            kept = session.scalars(select(PriceImport).order_by(PriceImport.id.desc())).first()
            assert kept is not None
            form = editor.get(f"{address}/reading").text
            editor.submit(f"{address}/reading", fields_of(form) | {"check": "1"})
            editor.submit(f"{address}/store", {"action": "draft"})
            session.expire_all()
            session.refresh(kept)

            assert kept.edition_id is not None, editor.get(address).text
            assert prices_of(session, kept.edition_id) == prices_of(session, edition.id)
