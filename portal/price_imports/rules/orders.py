"""What is to be done with an uploaded file, as it is kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from portal.periods import Period
from portal.price_imports.rules.settings import Reading


class Deed(StrEnum):
    """What a run does with the file."""

    CHECK = "check"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Order:
    """How a file is read, for which days, and what becomes of it."""

    period: Period
    reading: Reading = field(default_factory=Reading)
    create_products: bool = False
    deed: Deed = Deed.CHECK
    publish: bool = False
    replace: bool = False
    reason: str | None = None
    address: str = ""
    request_id: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        end = self.period.end
        return {
            "valid_from": self.period.start.isoformat(),
            "valid_until": end.isoformat() if end else None,
            "reading": self.reading.as_json(),
            "create_products": self.create_products,
            "deed": self.deed.value,
            "publish": self.publish,
            "replace": self.replace,
            "reason": self.reason,
            "address": self.address,
            "request_id": self.request_id,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Order":
        """Return what was kept."""
        end = kept["valid_until"]
        period = Period(
            date.fromisoformat(kept["valid_from"]), date.fromisoformat(end) if end else None
        )
        plain = ("create_products", "publish", "replace", "reason", "address", "request_id")
        return cls(
            period,
            Reading.from_json(kept["reading"]),
            deed=Deed(kept["deed"]),
            **{name: kept[name] for name in plain},
        )
