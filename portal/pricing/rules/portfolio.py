"""What a service point may buy on one day, by whichever issuer, and what a piece costs it.

Figures are the database's integers. A product that only some issuers carry is in the portfolio;
it costs what the dearest of them asks, so that no way of ordering it sells below that unnoticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.pricing.rules.book import Level
from portal.pricing.rules.line import adjusted, find, own_price

PIECE = 1_000
"""One piece, in quantities of 1/1,000."""


@dataclass(frozen=True, slots=True)
class Route:
    """The tables through which an order goes with an issuer, or without one."""

    issuer_id: int | None
    issuer: str
    levels: Sequence[Level]

    def product_ids(self) -> set[int]:
        """Return all products that its tables hold, from whatever quantity."""
        found: set[int] = set()
        for level in self.levels:
            found.update(level.items)
            if level.edition is None or not level.table.is_adjusted:
                break
        return found

    def unit_price(self, product_id: int, sale_unit_price: int | None) -> int | None:
        """Return what one piece costs; None when it has no price for a single piece.

        Tables that take a percentage of the sale price have none before there is a sale price.
        """
        return self.price_from(product_id, PIECE, sale_unit_price)

    def price_from(self, product_id: int, quantity: int, sale_unit_price: int | None) -> int | None:
        """Return what a piece costs whoever orders so many."""
        found = find(self.levels, product_id, quantity)
        if found is None or (found.item.price is None and sale_unit_price is None):
            return None
        price = own_price(found, sale_unit_price)
        return adjusted(self.levels, found, price)[-1] if found.depth else price

    def first_quantity(self, product_id: int) -> int:
        """Return the least quantity, from one piece on, that has a price."""
        breaks = [
            item.min_quantity for level in self.levels for item in level.items.get(product_id, ())
        ]
        return max(PIECE, min(breaks, default=0))


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Every route of a service point on a day."""

    day: date
    routes: Sequence[Route] = ()

    def product_ids(self) -> set[int]:
        """Return what is in it."""
        return set().union(*(route.product_ids() for route in self.routes))

    def dearest(self, product_id: int, sale_unit_price: int | None) -> int | None:
        """Return what one piece costs by the dearest route; None when no route has a price.

        Where a product is sold from a higher quantity only, it is the price from there.
        """
        prices = [
            route.price_from(product_id, route.first_quantity(product_id), sale_unit_price)
            for route in self.routes
        ]
        return max((price for price in prices if price is not None), default=None)
