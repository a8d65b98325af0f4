"""What a shop shows: its products at their prices, found by words, category and page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from portal.texts import fold, words_of

PAGE = 50
NO_CATEGORY = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A product as visitors see it. There is no other figure in it than its sale price."""

    product_id: int
    sku: str
    name: str
    category: str
    fractional: bool
    price: Decimal
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Products under the name of their category."""

    category: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of what was asked for."""

    groups: tuple[Group, ...]
    found: int
    number: int
    pages: int


def categories(items: Iterable[Item]) -> list[str]:
    """Return the categories that have something to sell, in the order of the items."""
    return list(dict.fromkeys(item.category for item in items if item.category))


def shelf(items: Sequence[Item], *, words: str = "", category: str = "", page: int = 1) -> Shelf:
    """Return one page of the items that say all the words and are of the category."""
    wanted = [fold(word) for word in words_of(words)]
    found = [
        item
        for item in items
        if (not category or item.category == category) and _says(item, wanted)
    ]
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(page, 1), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    groups = tuple(
        Group(name, tuple(group)) for name, group in groupby(shown, key=lambda item: item.category)
    )
    return Shelf(groups, len(found), number, pages)


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items by category, those without one last, the cheapest first."""
    return sorted(
        items, key=lambda item: (not item.category, fold(item.category), item.price, item.name)
    )


def _says(item: Item, wanted: Sequence[str]) -> bool:
    if not wanted:
        return True
    said = fold(f"{item.name} {item.sku} {item.category} {item.summary}")
    return all(word in said for word in wanted)
