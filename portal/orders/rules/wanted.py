"""What someone wants to order, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from portal.money import ZERO


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A product, how much of it, and at which price if one was typed."""

    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """How a part of the sale is paid; without an amount: whatever is left to pay."""

    method: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order, or a quote, as it is asked for; codes as people know them.

    `payments` None: settled outside the portal. `expected_total` is the sale total that whoever
    orders counts on. `on` is for quotes alone.
    """

    service_point: str
    channel: str
    lines: Sequence[WantedLine]
    issuer: str | None = None
    kind: str = "sale"
    document_type: str = "cash_sale"
    external_reference: str | None = None
    final_total: Decimal | None = None
    payments: Sequence[Payment] | None = None
    expected_total: Decimal | None = None
    on: date | None = None

    def settled(self, total: Decimal) -> "Wanted":
        """Return the order with the amount of a payment that takes what is left of the total."""
        payments = self.payments or ()
        if all(one.amount is not None for one in payments):
            return self
        left = total - sum((one.amount or ZERO for one in payments), ZERO)
        paid = [Payment(one.method, left if one.amount is None else one.amount) for one in payments]
        return replace(self, payments=paid)


class Article(NamedTuple):
    """A product as an order line needs it."""

    id: int
    sku: str
    name: str
    active: bool
    fractional: bool
