"""The cart: products and quantities, never a price; and how it stands against what is sold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.money import QUANTITY_SCALE, ZERO, amount_of, plain, round_half_up
from portal.storefronts.errors.visitors import CartFull
from portal.storefronts.rules.offers import Item

MOST_LINES = 20
MOST_PIECES = Decimal(999)
_LONGEST_SKU = 64


@dataclass(frozen=True, slots=True)
class CartLine:
    """So much of one product."""

    sku: str
    quantity: Decimal


Cart = tuple[CartLine, ...]


@dataclass(frozen=True, slots=True)
class Priced:
    """A line of the cart at today's price."""

    item: Item
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """The cart today: what it costs, and what of it is no longer sold."""

    lines: tuple[Priced, ...]
    total: Decimal
    gone: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many different products are in it."""
        return len(self.lines)


def with_quantity(cart: Cart, sku: str, quantity: Decimal) -> Cart:
    """Return the cart with so much of a product; none takes it out."""
    if quantity <= 0:
        return tuple(line for line in cart if line.sku != sku)
    changed = CartLine(sku, min(quantity, MOST_PIECES))
    if any(line.sku == sku for line in cart):
        return tuple(changed if line.sku == sku else line for line in cart)
    if len(cart) >= MOST_LINES:
        raise CartFull(most=MOST_LINES)
    return (*cart, changed)


def with_more(cart: Cart, sku: str, quantity: Decimal) -> Cart:
    """Return the cart with more of a product."""
    held = next((line.quantity for line in cart if line.sku == sku), ZERO)
    return with_quantity(cart, sku, held + quantity)


def without(cart: Cart, skus: Iterable[str]) -> Cart:
    """Return the cart without some products."""
    gone = set(skus)
    return tuple(line for line in cart if line.sku not in gone)


def standing(cart: Cart, sold: Mapping[str, Item]) -> Standing:
    """Return what the cart costs at the prices at hand, and what is no longer sold."""
    lines = tuple(
        Priced(item, quantity, amount_of(item.price, quantity))
        for line in cart
        if (item := sold.get(line.sku)) is not None
        for quantity in [_sold_as(line.quantity, item)]
    )
    gone = tuple(line.sku for line in cart if line.sku not in sold)
    return Standing(lines, sum((line.amount for line in lines), Decimal("0.00")), gone)


def quantity_of(text: str, *, fractional: bool) -> Decimal | None:
    """Return a quantity as visitors type it, `2`, `1,5` or `1.5`; None if it is none."""
    bare = text.strip().replace(",", ".")
    digits = bare.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(bare) > 8:
        return None
    quantity = Decimal(bare)
    if quantity > MOST_PIECES or quantity != round_half_up(quantity, QUANTITY_SCALE):
        return None
    return quantity if fractional or quantity == quantity.to_integral_value() else None


def packed(cart: Cart) -> list[list[str]]:
    """Return the cart as it is written into its cookie."""
    return [[line.sku, plain(line.quantity)] for line in cart]


def unpacked(written: Any) -> Cart:
    """Read a cart that was written before; one that makes no sense is empty."""
    try:
        lines = tuple(CartLine(str(sku), Decimal(quantity)) for sku, quantity in written)
    except (TypeError, ValueError, InvalidOperation):
        return ()
    return lines if _is_sound(lines) else ()


def _is_sound(lines: Sequence[CartLine]) -> bool:
    names = {line.sku for line in lines}
    return len(names) == len(lines) <= MOST_LINES and all(
        0 < len(line.sku) <= _LONGEST_SKU
        and line.quantity.is_finite()
        and 0 < line.quantity <= MOST_PIECES
        for line in lines
    )


def _sold_as(quantity: Decimal, item: Item) -> Decimal:
    """Return the quantity as the product is sold: it may have ceased to be sold in parts."""
    if item.fractional or quantity == quantity.to_integral_value():
        return quantity
    return max(Decimal(1), round_half_up(quantity, 0))
