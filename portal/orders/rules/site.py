"""What a shop's visitor orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

PAY_WITHIN = timedelta(hours=24)
"""How long a visitor has to pay, unless the shop says otherwise."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who orders in a shop; `kind` is person or company, documents and numbers are checked."""

    kind: str
    name: str
    tax_id: str
    email: str
    phone: str
    language: str
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class SiteWanted:
    """What a visitor orders: SKUs and quantities, and the total that was seen."""

    service_point_id: int
    issuer_id: int | None
    lines: Sequence[tuple[str, Decimal]]
    buyer: Buyer
    seen_total: Decimal
    pay_within: timedelta = PAY_WITHIN
