"""The figures of an account, as amounts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.money import from_minor


@dataclass(frozen=True, slots=True)
class Expiry:
    """The day on which credit expires next, and how much."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Figures:
    """What an account shows: lots past their day no longer count, whoever has booked them."""

    balance: Decimal
    held: Decimal
    available: Decimal
    debt: Decimal
    overdraft: Decimal
    next_expiry: Expiry | None = None


def figures_of(
    *, balance: int, held: int, floor: int, scale: int, next_expiry: tuple[date, int] | None = None
) -> Figures:
    """Return the figures of an account whose lots past their day have been taken off.

    Live credit and debt never stand side by side (DESIGN 4.3), so what is below zero is debt.
    """

    def amount(minor: int) -> Decimal:
        return from_minor(minor, scale)

    return Figures(
        balance=amount(balance),
        held=amount(held),
        available=amount(balance - held - floor),
        debt=amount(max(0, -balance)),
        overdraft=amount(-floor),
        next_expiry=Expiry(next_expiry[0], amount(next_expiry[1])) if next_expiry else None,
    )
