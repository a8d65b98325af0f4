"""What a day's sale prices are read into: the table in force for a channel, and its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from portal.money import ZERO


class SaleRow(NamedTuple):
    """What the table says of a product; `list_price` None while it is to be priced.

    `confirmed_acquisition` is up to which acquisition price somebody agreed to sell it below.
    """

    list_price: Decimal | None
    on_site: bool
    confirmed_acquisition: Decimal | None
    sale_table_id: int
    table_name: str
    edition_id: int
    edition_number: int

    @property
    def confirmed_below(self) -> bool:
        """Whether somebody agreed to sell it below acquisition on the site."""
        return self.confirmed_acquisition is not None

    def covers(self, acquisition: Decimal) -> bool:
        """Whether it may be sold on the site at this acquisition price."""
        if self.list_price is None:
            return False
        return acquisition <= max(self.list_price, self.confirmed_acquisition or ZERO)


@dataclass(frozen=True, slots=True)
class TableInForce:
    """The sale table whose edition holds on the day."""

    id: int
    name: str
    edition_id: int
    edition_number: int
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class SaleBook:
    """All that is needed for the list prices of one service point, channel and day.

    `table` is None when no sale table is in force there.
    """

    day: date
    channel: str
    table: TableInForce | None = None
    rows: Mapping[int, SaleRow] = field(default_factory=dict)

    def reached(self, product_id: int) -> SaleRow | None:
        """Return the product's row; None when the table in force has none, or none is in force."""
        return self.rows.get(product_id)
