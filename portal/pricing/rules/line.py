"""The one price function: what a piece costs the service point, and why (DESIGN 3.4, 3.5)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from portal.money import PRICE_SCALE, QUANTITY_SCALE, amount_of, from_minor, to_minor
from portal.pricing.errors import NoEditionInForce, NoPrice, NotInPortfolio, SalePriceMissing
from portal.pricing.rules.because import Found, Step, opening, reasons
from portal.pricing.rules.book import Level, PriceBook
from portal.pricing.rules.calculation import share_of_sale


class AcquisitionPrice(NamedTuple):
    """What a line costs the service point; `free` when a 0.00 was ticked as such.

    `opening` are the reasons that it shares with all lines of its order, `own` its own.
    """

    unit_price: Decimal
    amount: Decimal
    price_table_id: int
    edition_id: int
    opening: Sequence[Step]
    own: Sequence[Step]
    free: bool = False

    @property
    def because(self) -> list[Step]:
        """All its reasons, from the assignment to the amount."""
        return [*self.opening, *self.own]


def price_line(
    book: PriceBook,
    product_id: int,
    sku: str,
    quantity: Decimal,
    sale_unit_price: Decimal | None,
) -> AcquisitionPrice:
    """Price one line of an order, with its reasons.

    `sale_unit_price` is the line's final one, after discount or surcharge; only tables that take
    a percentage of it need it. Raises NoPrice, NotInPortfolio, SalePriceMissing.
    """
    chosen = _chosen(book, sku)
    units = to_minor(quantity, QUANTITY_SCALE)
    found = _find(book, product_id, sku, units)
    prices = _prices(book, found, sku, sale_unit_price)
    unit_price = from_minor(prices[-1], PRICE_SCALE)
    amount = amount_of(unit_price, quantity)
    own = reasons(book, found, sku, units, sale_unit_price, prices, amount)
    free = found.item.free and not prices[-1]
    edition = chosen.edition
    return AcquisitionPrice(
        unit_price, amount, chosen.table.id, edition.id if edition else 0, opening(book), own, free
    )


def insist_on_portfolio(book: PriceBook, product_id: int, sku: str, quantity: Decimal) -> None:
    """Raise NoPrice or NotInPortfolio where a line cannot be bought at whatever sale price."""
    _chosen(book, sku)
    _find(book, product_id, sku, to_minor(quantity, QUANTITY_SCALE))


def _chosen(book: PriceBook, sku: str) -> Level:
    if not book.levels:
        raise (NoPrice if book.assignment is None else NoEditionInForce)(sku, book.day)
    return book.levels[0]


def find(levels: Sequence[Level], product_id: int, quantity: int) -> Found | None:
    """Return the item that counts and how many tables below the chosen one it stands.

    Only tables that are calculated from another are looked through; a product missing elsewhere
    is refused, or a forgotten row would quietly sell at another table's price.
    """
    for depth, level in enumerate(levels):
        item = level.reached(product_id, quantity)
        if item is not None:
            return Found(item, depth)
        if level.edition is None or not level.table.is_adjusted:
            break
    return None


def _find(book: PriceBook, product_id: int, sku: str, quantity: int) -> Found:
    found = find(book.levels, product_id, quantity)
    if found is None:
        raise NotInPortfolio(sku, book.levels[0].table.name, book.day)
    return found


def _prices(book: PriceBook, found: Found, sku: str, sale: Decimal | None) -> list[int]:
    """Return the price of the item found, and what each table above makes of it."""
    if found.item.price is None and sale is None:
        raise SalePriceMissing(sku)
    price = own_price(found, None if sale is None else to_minor(sale, PRICE_SCALE))
    return [price, *adjusted(book.levels, found, price)] if found.depth else [price]


def own_price(found: Found, sale_unit_price: int | None) -> int:
    """Return what the item itself says: its price, or its share of the sale price."""
    if found.item.price is not None:
        return found.item.price
    return share_of_sale(sale_unit_price or 0, found.item.percent or 0)


def adjusted(levels: Sequence[Level], found: Found, price: int) -> list[int]:
    """Return what each table above the item makes of its price, the nearest first."""
    prices: list[int] = []
    for level in reversed(levels[: found.depth]):
        price = level.table.adjustment.apply(price)
        prices.append(price)
    return prices
