"""How a price comes about: adjusted, rounded, or taken from the sale price (DESIGN 3.5).

All figures are integers: prices of 1/10,000, percentages of 1/10,000 of a per cent.
"""

from dataclasses import dataclass

from portal.money import divide_half_up

PRICE_UNIT = 10_000
WHOLE = 1_000_000
"""100 per cent."""
ENDING_UNIT = PRICE_UNIT // 100
CENT = PRICE_UNIT // 100


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an adjusted table does to the price of its base. At most one of step and ending."""

    percent: int
    step: int | None = None
    ending: int | None = None

    def apply(self, price: int) -> int:
        """Return the adjusted price, rounded once."""
        exact = price * (WHOLE + self.percent)
        if self.step is not None:
            return divide_half_up(exact, WHOLE * self.step) * self.step
        if self.ending is not None:
            return _to_ending(exact, self.ending)
        return divide_half_up(exact, WHOLE)


def _to_ending(exact: int, ending: int) -> int:
    """Return the nearest whole number plus the ending; of two equally near the higher."""
    above = 2 * (exact - ending * WHOLE) + PRICE_UNIT * WHOLE
    whole = max(above // (2 * PRICE_UNIT * WHOLE), 0)
    return whole * PRICE_UNIT + ending


def share_of_sale(sale_unit_price: int, percent: int) -> int:
    """Return a percentage of the sale price, rounded half up to 2 decimals."""
    return divide_half_up(sale_unit_price * percent, WHOLE * CENT) * CENT
