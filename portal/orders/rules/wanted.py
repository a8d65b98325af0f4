"""What someone wants to order, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A product, how much of it, and at which price if one was typed."""

    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """How a part of the sale is paid."""

    method: str
    amount: Decimal


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


@dataclass(frozen=True, slots=True)
class Article:
    """A product as an order line needs it."""

    id: int
    sku: str
    name: str
    active: bool
    fractional: bool
