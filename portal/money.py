"""Exact money: rounding half up, splits that add up, numbers as integers of their minor unit."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

AMOUNT_SCALE = 2
PRICE_SCALE = 4
PERCENT_SCALE = 4
QUANTITY_SCALE = 3
ZERO = Decimal(0)
HUNDRED = Decimal(100)

_EXACT = Context(prec=60)
_TENS: tuple[int, ...] = tuple(10**scale for scale in range(19))
_STEPS = tuple(Decimal(1).scaleb(-scale) for scale in range(19))
"""The smallest step of each number of decimals."""


def round_half_up(value: Decimal, scale: int) -> Decimal:
    """Round to `scale` decimals, halves away from zero (DESIGN 2)."""
    return value.quantize(_STEPS[scale], ROUND_HALF_UP, _EXACT)


def amount_of(unit_price: Decimal, quantity: Decimal) -> Decimal:
    """Return a line's amount: unit price times quantity, rounded once to 2 decimals."""
    return round_half_up(_EXACT.multiply(unit_price, quantity), AMOUNT_SCALE)


def percent_off(price: Decimal, percent: Decimal) -> Decimal:
    """Return the price less a percentage (negative: a surcharge), to 4 decimals."""
    left = _EXACT.multiply(price, HUNDRED - percent)
    return round_half_up(_EXACT.divide(left, HUNDRED), PRICE_SCALE)


def to_minor(value: Decimal, scale: int) -> int:
    """Return the value as an integer of its minor unit; ValueError if that would lose a digit."""
    try:
        dividend, divisor = value.as_integer_ratio()
    except (OverflowError, ValueError) as error:  # nothing finite
        raise ValueError(f"{value} has more than {scale} decimals") from error
    units, rest = divmod(dividend * _TENS[scale], divisor)
    if rest:
        raise ValueError(f"{value} has more than {scale} decimals")
    return units


def from_minor(value: int, scale: int) -> Decimal:
    """Return an integer of the minor unit as a Decimal with `scale` decimals."""
    return Decimal(value).scaleb(-scale, _EXACT)


def divide_half_up(dividend: int, divisor: int) -> int:
    """Divide non-negative integers, rounding half up."""
    return (2 * dividend + divisor) // (2 * divisor)


def split(total: Decimal, weights: Sequence[Decimal], scale: int = AMOUNT_SCALE) -> list[Decimal]:
    """Split a total by weights so that the parts add up to it.

    Largest remainder, ties to the earlier part (DESIGN 2). ValueError when the weights are
    empty, negative, or all zero.
    """
    if not weights or min(weights) < 0 or not any(weights):
        raise ValueError("weights must be positive")
    with localcontext(_EXACT):
        units = to_minor(abs(total), scale)
        shares = _scaled(weights)
        whole = sum(shares)
        parts = [units * share // whole for share in shares]
        rests = [units * share % whole for share in shares]
        left = units - sum(parts)
        for index in sorted(range(len(parts)), key=lambda at: (-rests[at], at))[:left]:
            parts[index] += 1
    sign = -1 if total < 0 else 1
    return [from_minor(sign * part, scale) for part in parts]


def _scaled(weights: Sequence[Decimal]) -> list[int]:
    digits = max(0, *(-int(weight.as_tuple().exponent) for weight in weights))
    return [to_minor(weight, digits) for weight in weights]


def text_of(value: Decimal, scale: int) -> str:
    """Write a value with exactly `scale` decimals (at most 6), as the API does."""
    return str(round_half_up(value, scale))


def plain(value: Decimal) -> str:
    """Write a value without trailing zeros or exponent: quantities and percents."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
