"""What the portal hands out comes in again as it was."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.catalogue.models import Product
from portal.price_imports.models import PriceImport
from portal.pricing.forms.files import FREE, HEAD, PERCENT, PRICE, cells
from portal.pricing.models import PriceTable
from portal.pricing.queries.editions import items_by_sku
from portal.web.exports import Row, csv_lines, xlsx_file
from tests.factories import make_product
from tests.price_imports.lists import import_file, prices_of
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


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("calculation", "heading"), [("fixed", PRICE), ("percent_of_sale", PERCENT)]
)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    figures=st.dictionaries(st.integers(0, 10**11), st.integers(0, 10**8), min_size=1, max_size=3)
)
@example(figures={0: 12_340, 1_234: 9_990_010})
@example(figures={1_234: 0, 999_001: 0})
def test_whatever_figures_are_written_out_are_read_back(
    session: Session, calculation: str, heading: str, kind: str, figures: dict[int, int]
) -> None:
    """Minimum quantities in thousandths; prices, percentages and what is free in 1/10,000."""
    table, product = make_table(session, calculation=calculation), make_product(session)
    items = [
        (product, Decimal(minimum).scaleb(-3), Decimal(figure).scaleb(-4))
        for minimum, figure in figures.items()
    ]
    edition = make_edition(session, table, "2026-01-01", items=items)
    written = written_out(kind, (*HEAD, heading, FREE), cells(items_by_sku(session, edition.id)))

    back = import_file(session, table, written, name=f"vigencia.{kind}").edition

    assert prices_of(session, back.id) == prices_of(session, edition.id)


def written_out(kind: str, head: Sequence[str], rows: Iterable[Row]) -> bytes:
    if kind == "csv":
        return "".join(csv_lines(head, rows)).encode()
    with xlsx_file(head, rows) as file:
        return file.read()
