"""What tests of the pages of sale tables share."""

import io
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.sale_tables.models import SaleEdition
from tests.price_imports import pages
from tests.price_imports.lists import csv_file
from tests.price_imports.pages import address_in
from tests.sale_tables.factories import Shop

READING = {
    "separator": ";",
    "sheet": "",
    "header": "0",
    "decimal": "",
    "sku": "0",
    "sale_price": "1",
    "suggested_price": "-1",
    "on_site": "-1",
    "name": "-1",
    "valid_from": "2027-01-01",
}
"""How the shortest list is read: a product and its sale price."""


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def path_of(edition: SaleEdition) -> str:
    return f"/sale-tables/{edition.sale_table_id}/editions/{edition.id}"


def newest(session: Session) -> SaleEdition:
    return session.scalars(select(SaleEdition).order_by(SaleEdition.id.desc()).limit(1)).one()


def good_list(shop: Shop) -> bytes:
    """A list of two of the shop's three products, in the order of READ."""
    return csv_file(
        "Código;Produto;Preço sugerido;Preço de venda;No site",
        f"{shop.skus[0]};Um;16,00;15,50;sim",
        f"{shop.skus[1]};Dois;1.029,00;;não",
    )


READ = READING | {"name": "1", "suggested_price": "2", "sale_price": "3", "on_site": "4"}
"""How `good_list` is read."""


def send(client: Any, table_id: int, content: bytes, name: str = "venda.csv", **form: str) -> Any:
    """Send a file by the form."""
    data = {"valid_from": "2027-01-01", "file": (io.BytesIO(content), name)} | form
    return client.submit(f"/sale-tables/{table_id}/import", data)


def sent(client: Any, table_id: int, content: bytes, name: str = "venda.csv", **form: str) -> str:
    """Send a file; return the address of its import."""
    return address_in(send(client, table_id, content, name, **form))


def checked(client: Any, address: str, **changes: str) -> str:
    """Have the rows checked; return the page that follows."""
    return pages.checked(client, address, READING, **changes)
