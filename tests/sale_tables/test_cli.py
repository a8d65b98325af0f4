"""Lists of sale prices from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from portal.pricing.models import EditionState
from portal.sale_tables.models import SaleTable
from tests.price_imports.lists import csv_file
from tests.sale_tables.factories import Shop, stored
from tests.sale_tables.pages import good_list, newest


@pytest.fixture
def run(app: Flask, session: Session, tmp_path: Path) -> Callable[..., Result]:
    """Import a list by the command."""

    def imported(table: SaleTable, content: bytes, *words: Any) -> Result:
        file = tmp_path / "venda.csv"
        file.write_bytes(content)
        begun = ("sale-prices", "import", file, "--table", table.id, "--valid-from", "2027-01-01")
        asked = [*map(str, begun), *words]
        session.commit()
        return app.test_cli_runner().invoke(args=asked)

    return imported


@pytest.mark.engines("sqlite", "mariadb")
def test_a_list_is_imported_and_published(
    run: Callable[..., Result], session: Session, shop: Shop, table: SaleTable
) -> None:
    done = run(table, good_list(shop), "--publish", "--replace")

    assert done.exit_code == 0, done.output
    session.expire_all()
    edition = newest(session)
    assert edition.state == EditionState.PUBLISHED
    said = f"Edition {edition.number} (id {edition.id}) published. 2 rows.\n"
    assert done.output == said
    assert len(stored(session, edition)) == len(shop.products)


def test_a_dry_run_stores_nothing(
    run: Callable[..., Result], session: Session, shop: Shop, table: SaleTable
) -> None:
    before = newest(session).id

    done = run(table, good_list(shop), "--dry-run")

    assert (done.exit_code, done.output) == (0, "Nothing stored: a dry run. 2 rows.\n")
    assert newest(session).id == before


def test_bad_rows_are_listed_and_the_command_fails(
    run: Callable[..., Result], session: Session, table: SaleTable
) -> None:
    before = newest(session).id

    done = run(table, csv_file("sku;sale price", "NONE;dez"))

    assert done.exit_code == 1
    assert "row 2, sale_price: invalid: dez is no number such as 1.234,56." in done.output
    assert "row 2, sku: unknown_product: There is no product with this SKU." in done.output
    assert newest(session).id == before


def test_products_are_never_put_on_file(
    run: Callable[..., Result], shop: Shop, table: SaleTable
) -> None:
    assert "No such option" in run(table, good_list(shop), "--create-products").output
