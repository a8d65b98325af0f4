"""What a day's prices are read into: the tables that count, and their items.

Figures are the database's integers; `price_line` turns them into exact decimals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from portal.pricing.models import Calculation, TableKind
from portal.pricing.rules.calculation import ENDING_UNIT, Adjustment


class Assignment(NamedTuple):
    """What the service point uses on the day, from when to when."""

    id: int
    mode: str
    valid_from: date
    valid_until: date | None

    @property
    def is_own(self) -> bool:
        """Whether the service point uses its own tables."""
        return self.mode == TableKind.OWN


class BookItem(NamedTuple):
    """A row of an edition: from `min_quantity` (1/1,000) a price, or a percentage."""

    min_quantity: int
    price: int | None
    percent: int | None
    free: bool


class Table(NamedTuple):
    """A price table as a day's prices need it."""

    id: int
    name: str
    issuer_id: int | None
    calculation: str
    base_table_id: int | None = None
    percent: int = 0
    rounding_step: int | None = None
    rounding_ending: int | None = None

    @property
    def is_adjusted(self) -> bool:
        """Whether its prices come from another table."""
        return self.calculation == Calculation.ADJUSTED

    @property
    def adjustment(self) -> Adjustment:
        """What it does to the price of its base."""
        ending = self.rounding_ending
        in_units = None if ending is None else ending * ENDING_UNIT
        return Adjustment(self.percent, self.rounding_step, in_units)


class InForce(NamedTuple):
    """The edition of a table that holds on the day."""

    id: int
    number: int
    valid_from: date
    valid_until: date | None


@dataclass(slots=True)
class Level:
    """A table with its edition in force, if it has one, and its items by product."""

    table: Table
    edition: InForce | None
    items: Mapping[int, Sequence[BookItem]] = field(default_factory=dict)

    def reached(self, product_id: int, quantity: int) -> BookItem | None:
        """Return the item with the largest minimum quantity not above the quantity."""
        best = None
        for item in self.items.get(product_id, ()):
            if item.min_quantity <= quantity and (
                best is None or item.min_quantity > best.min_quantity
            ):
                best = item
        return best


class Candidate(NamedTuple):
    """A table that an assignment in force allows, with its edition in force, if any."""

    assignment: Assignment
    table: Table
    edition: InForce | None


@dataclass(slots=True)
class PriceBook:
    """All that is needed to price lines of one service point, issuer and day.

    `levels` begins with the table that applies; each further one is the base of the one before.
    It is empty when nothing is assigned, or nothing assigned has an edition in force.
    """

    day: date
    issuer_id: int | None
    service_point: str = ""
    issuer: str = ""
    assignment: Assignment | None = None
    levels: Sequence[Level] = ()
    opening: Sequence[Any] | None = None
    """The reasons that all lines share, kept while the book is open."""


def choose(candidates: Sequence[Candidate], issuer_id: int | None) -> Candidate | None:
    """Return the table of the issuer if it has an edition in force, else the one without issuer."""
    in_force = [candidate for candidate in candidates if candidate.edition is not None]
    for wanted in (issuer_id, None):
        for candidate in in_force:
            if candidate.table.issuer_id == wanted:
                return candidate
    return None
