"""Priced lines and their sums."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from portal.money import QUANTITY_SCALE, ZERO, to_minor
from portal.orders.errors import NotOnSite
from portal.orders.rules.sale import SalePrice
from portal.orders.rules.wanted import Article, WantedLine
from portal.pricing.models import Calculation
from portal.pricing.rules import AcquisitionPrice, PriceBook
from portal.pricing.rules.calculation import WHOLE
from portal.sale_tables.rules.book import SaleRow


class PricedLine(NamedTuple):
    """A line with both prices."""

    wanted: WantedLine
    article: Article
    acquisition: AcquisitionPrice
    sale: SalePrice


class Totals(NamedTuple):
    """Sums of rounded lines (DESIGN 2)."""

    acquisition: Decimal
    sale: Decimal

    @property
    def margin(self) -> Decimal:
        """What the service point keeps."""
        return self.sale - self.acquisition

    @classmethod
    def of(cls, lines: Iterable[PricedLine]) -> "Totals":
        """Add the lines up."""
        acquisition = sale = ZERO
        for line in lines:
            acquisition += line.acquisition.amount
            sale += line.sale.amount
        return cls(acquisition, sale)


def is_below_acquisition(line: PricedLine, book: PriceBook) -> bool:
    """Whether a line is sold for less than it costs.

    Under a percentage of the sale price that is a percentage over 100 (DESIGN 3.7): the rounding
    of the acquisition price alone does not count.
    """
    chosen = book.levels[0]
    if chosen.table.calculation == Calculation.PERCENT_OF_SALE:
        quantity = to_minor(line.wanted.quantity, QUANTITY_SCALE)
        item = chosen.reached(line.article.id, quantity)
        return item is not None and (item.percent or 0) > WHOLE
    return line.sale.unit_price < line.acquisition.unit_price


def insist_on_site(line: PricedLine, row: SaleRow | None, book: PriceBook) -> None:
    """Refuse a row that has fallen below acquisition, until someone confirms it (DESIGN 3.7)."""
    if row is None or not is_below_acquisition(line, book):
        return
    if not row.covers(line.acquisition.unit_price):
        raise NotOnSite(sku=line.wanted.sku)
