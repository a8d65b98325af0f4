"""An edition as a file that import takes back: one row per product and minimum quantity."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from flask import Response
from flask_babel import gettext

from portal.i18n import N_
from portal.money import AMOUNT_SCALE, PRICE_SCALE, plain, round_half_up
from portal.pricing.models import Edition, EditionItem
from portal.web.exports import Cell, csv_response, xlsx_response

Row = tuple[EditionItem, str, str]
"""A row of an edition with its product's SKU and name."""

HEAD = (N_("SKU"), N_("Product"), N_("Minimum quantity"))
PRICE = N_("Price")
PERCENT = N_("Percentage of the sale")
FREE = N_("Free")


def edition_file(
    edition: Edition, rows: Sequence[Row], kind: str, *, percentages: bool
) -> Response:
    """Answer with an edition as CSV or XLSX."""
    figure = PERCENT if percentages else PRICE
    head = [gettext(word) for word in (*HEAD, figure, FREE)]
    name = gettext("price-table") + f"-{edition.price_table_id}-{edition.number}"
    if kind == "csv":
        return csv_response(name, head, cells(rows))
    return xlsx_response(name, head, cells(rows), gettext("Prices"))


def cells(rows: Iterable[Row]) -> Iterator[list[Cell]]:
    """Return the cells of each row; figures without needless zeros.

    A minimum quantity may have three decimals: the prices beside it tell what its comma means.
    """
    for item, sku, name in rows:
        figure = item.price if item.price is not None else item.percent
        minimum = Decimal(plain(item.min_quantity)) if item.min_quantity else None
        yield [sku, name, minimum, short_price(figure), item.free]


def short_price(price: Decimal | None) -> Decimal | None:
    """Return a price with two decimals, or four if it needs more.

    Never three: import could not tell `1,234` from one thousand two hundred and thirty-four.
    """
    if price is None:
        return None
    short = round_half_up(price, AMOUNT_SCALE)
    return short if short == price else round_half_up(price, PRICE_SCALE)
