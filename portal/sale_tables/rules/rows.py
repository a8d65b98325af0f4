"""What the rows of a sale edition may look like (DESIGN 3.6); figures become integers here."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from portal.errors import Problem
from portal.i18n import N_
from portal.money import PRICE_SCALE, ZERO, from_minor, plain, round_half_up, to_minor
from portal.pricing.rules.editions import differing
from portal.pricing.rules.items import HIGHEST_PRICE
from portal.sale_tables.models import SaleItem

NOT_IN_PORTFOLIO = "not_in_portfolio"
NOT_BOUGHT = N_("The product is not in the service point's portfolio on this day.")
ABOVE_ZERO = N_("Use a price above zero, or leave it empty.")
PRICES = ("suggested_price", "sale_price")
_Reason = tuple[str, str, str]
"""Field, code and text of what is wrong with a row."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row as it was sent or typed."""

    sku: str
    suggested_price: Decimal | None = None
    sale_price: Decimal | None = None
    on_site: bool = False


class StoredRow(NamedTuple):
    """A row as it is stored: the product by its number, prices in 1/10,000.

    `confirmed` is the acquisition price up to which selling below it was agreed to.
    """

    product_id: int
    suggested_price: int | None = None
    sale_price: int | None = None
    on_site: bool = False
    confirmed: int | None = None

    @property
    def price(self) -> int | None:
        """What the final customer pays; None while it is to be priced."""
        return self.suggested_price if self.sale_price is None else self.sale_price

    def covers(self, acquisition: int) -> bool:
        """Whether it may be sold on the site at this acquisition price."""
        if self.price is None:
            return False
        return acquisition <= max(self.price, self.confirmed or 0)


def checked_rows(
    rows: Sequence[NewRow], products: Mapping[str, int], portfolio: Collection[int]
) -> tuple[list[StoredRow], list[Problem]]:
    """Return the rows as they are stored, and what is wrong with them, by `items[3].sale_price`."""
    stored: list[StoredRow] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for at, row in enumerate(rows):
        known = products.get(row.sku)
        reasons = [*_sku_reasons(row, known, seen, portfolio), *_price_reasons(row)]
        seen.add(row.sku)
        problems += [Problem(f"items[{at}].{name}", code, text) for name, code, text in reasons]
        if not reasons and known is not None:
            stored.append(_stored(row, known))
    return stored, problems


def stored_of(item: SaleItem) -> StoredRow:
    """Return a row of the database in integers."""
    return StoredRow(
        item.product_id,
        _minor(item.suggested_price),
        _minor(item.sale_price),
        item.on_site,
        _minor(item.confirmed_acquisition),
    )


def completed(rows: Iterable[StoredRow], products: Iterable[int]) -> list[StoredRow]:
    """Return the rows with one to be priced for each product that has none."""
    given = {row.product_id: row for row in rows}
    missing = sorted(set(products) - given.keys())
    return [*given.values(), *(StoredRow(product) for product in missing)]


def changed_rows(
    before: Iterable[StoredRow], after: Iterable[StoredRow]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows that differ, old and new, named by the product, for the audit trail."""
    old = {row.product_id: _written(row) for row in before}
    new = {row.product_id: _written(row) for row in after}
    return differing(old, new, lambda product, row: (str(product), row))


def price_reason(name: str, value: Decimal | None) -> _Reason | None:
    """Say what is wrong with a price, if anything is."""
    if value is None:
        return None
    if value == ZERO:
        return name, "invalid", ABOVE_ZERO
    if not (ZERO < value <= HIGHEST_PRICE and round_half_up(value, PRICE_SCALE) == value):
        return name, "invalid", N_("Use a figure from zero on, with at most 4 decimals.")
    return None


def _sku_reasons(
    row: NewRow, known: int | None, seen: Collection[str], portfolio: Collection[int]
) -> Iterator[_Reason]:
    if known is None:
        yield "sku", "unknown_product", N_("There is no product with this SKU.")
    elif known not in portfolio:
        yield "sku", NOT_IN_PORTFOLIO, NOT_BOUGHT
    if row.sku in seen:
        yield "sku", "duplicate", N_("The product stands here twice.")


def _price_reasons(row: NewRow) -> Iterator[_Reason]:
    for name in PRICES:
        if reason := price_reason(name, getattr(row, name)):
            yield reason


def _stored(row: NewRow, product_id: int) -> StoredRow:
    return StoredRow(product_id, _minor(row.suggested_price), _minor(row.sale_price), row.on_site)


def _minor(price: Decimal | None) -> int | None:
    return None if price is None else to_minor(price, PRICE_SCALE)


def _written(row: StoredRow) -> str:
    prices = ["-" if one is None else plain(from_minor(one, PRICE_SCALE)) for one in row[1:3]]
    return " / ".join([*prices, "site"] if row.on_site else prices)
