"""An edition of a sale table as a file that import takes back: one row per product."""

from collections.abc import Iterable, Iterator, Sequence

from flask import Response
from flask_babel import gettext

from portal.i18n import N_
from portal.pricing.forms.files import short_price
from portal.sale_tables.models import SaleEdition, SaleItem
from portal.web.exports import Cell, csv_response, xlsx_response

Row = tuple[SaleItem, str, str]
"""A row of an edition with its product's SKU and name."""

HEAD = (N_("SKU"), N_("Product"), N_("Suggested price"), N_("Sale price"), N_("On site"))


def edition_file(edition: SaleEdition, rows: Sequence[Row], kind: str) -> Response:
    """Answer with an edition as CSV or XLSX."""
    head = [gettext(word) for word in HEAD]
    name = gettext("sale-table") + f"-{edition.sale_table_id}-{edition.number}"
    if kind == "csv":
        return csv_response(name, head, cells(rows))
    return xlsx_response(name, head, cells(rows), gettext("Sale prices"))


def cells(rows: Iterable[Row]) -> Iterator[list[Cell]]:
    """Return the cells of each row; figures without needless zeros."""
    for item, sku, name in rows:
        prices = (item.suggested_price, item.sale_price)
        yield [sku, name, *map(short_price, prices), item.on_site]
