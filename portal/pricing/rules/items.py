"""What the rows of an edition may look like (DESIGN 3.2); figures become integers here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from portal.errors import Problem
from portal.i18n import N_
from portal.money import PERCENT_SCALE, PRICE_SCALE, QUANTITY_SCALE, ZERO, round_half_up, to_minor

HIGHEST_PRICE = Decimal("999999999.9999")
HIGHEST_PERCENT = Decimal(10_000)
HIGHEST_QUANTITY = Decimal(999_999_999)
_Reason = tuple[str, str, str]
"""Field, code and text of what is wrong with a row."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """A row as it was sent or typed."""

    sku: str
    price: Decimal | None = None
    percent: Decimal | None = None
    min_quantity: Decimal | None = None
    free: bool = False


class ItemRow(NamedTuple):
    """A row as it is stored: integers of the minor units, the product by its number."""

    product_id: int
    min_quantity: int
    price: int | None
    percent: int | None
    free: bool

    @property
    def key(self) -> tuple[int, int]:
        """What is there once in an edition: product and minimum quantity."""
        return self.product_id, self.min_quantity

    @property
    def figure(self) -> int:
        """The price or the percentage, whichever the table holds."""
        return (self.price if self.price is not None else self.percent) or 0


def checked_items(
    items: Sequence[NewItem], products: Mapping[str, int], *, percentages: bool
) -> tuple[list[ItemRow], list[Problem]]:
    """Return the rows as they are stored, and what is wrong with them, by `items[3].price`."""
    rows: list[ItemRow] = []
    problems: list[Problem] = []
    seen: set[tuple[str, Decimal]] = set()
    for at, item in enumerate(items):
        key = (item.sku, item.min_quantity or ZERO)
        reasons = list(_reasons(item, key in seen, item.sku in products, percentages=percentages))
        seen.add(key)
        problems += [Problem(f"items[{at}].{name}", code, text) for name, code, text in reasons]
        if not reasons:
            rows.append(_row(item, products[item.sku], percentages=percentages))
    return rows, problems


def _reasons(item: NewItem, repeated: bool, known: bool, *, percentages: bool) -> Iterator[_Reason]:
    if not known:
        yield "sku", "unknown_product", N_("There is no product with this SKU.")
    if repeated:
        yield "sku", "duplicate", N_("The product stands here twice with this minimum quantity.")
    if not _fits(item.min_quantity, HIGHEST_QUANTITY, QUANTITY_SCALE):
        yield "min_quantity", "invalid", N_("Use a quantity from zero on, with at most 3 decimals.")
    yield from _figure_reasons(item, percentages=percentages)


def _figure_reasons(item: NewItem, *, percentages: bool) -> Iterator[_Reason]:
    name = "percent" if percentages else "price"
    value, stranger = (item.percent, item.price) if percentages else (item.price, item.percent)
    if stranger is not None:
        other = "price" if percentages else "percent"
        text = (
            N_("This table takes percentages of the sale price, not prices.")
            if percentages
            else N_("This table takes prices, not percentages.")
        )
        yield other, "invalid", text
    elif value is None and not item.free:
        yield name, "required", N_("The row is empty. Give a price, or remove it.")
    elif value is not None:
        yield from _value_reasons(name, value, free=item.free)


def _value_reasons(name: str, value: Decimal, *, free: bool) -> Iterator[_Reason]:
    highest = HIGHEST_PERCENT if name == "percent" else HIGHEST_PRICE
    if not _fits(value, highest, PRICE_SCALE):
        yield name, "invalid", N_("Use a figure from zero on, with at most 4 decimals.")
    elif value == ZERO and not free:
        yield name, "not_marked_free", N_("A price of zero must be marked as free.")
    elif value and free:
        yield "free", "invalid", N_("What is free has no price.")


def _fits(value: Decimal | None, highest: Decimal, scale: int) -> bool:
    if value is None:
        return True
    return ZERO <= value <= highest and round_half_up(value, scale) == value


def _row(item: NewItem, product_id: int, *, percentages: bool) -> ItemRow:
    minimum = to_minor(item.min_quantity or ZERO, QUANTITY_SCALE)
    if percentages:
        percent = to_minor(item.percent or ZERO, PERCENT_SCALE)
        return ItemRow(product_id, minimum, None, percent, item.free)
    return ItemRow(product_id, minimum, to_minor(item.price or ZERO, PRICE_SCALE), None, item.free)


def by_key(rows: Iterable[ItemRow]) -> dict[tuple[int, int], ItemRow]:
    """Return the rows by product and minimum quantity."""
    return {row.key: row for row in rows}


def row_name(row: ItemRow) -> str:
    """Return what names a row on a page that changes some of many: `product:minimum`."""
    return f"{row.product_id}:{row.min_quantity}"
