"""An edition as the audit trail keeps it, and an edition made from another."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from portal.money import PRICE_SCALE, QUANTITY_SCALE, from_minor, plain
from portal.periods import Period
from portal.pricing.rules.calculation import Adjustment
from portal.pricing.rules.items import ItemRow, by_key

K = TypeVar("K")
V = TypeVar("V")
KEPT_ROWS = 500
"""Changed rows that the audit trail names one by one; beyond them it counts."""


def period_record(period: Period) -> dict[str, Any]:
    """Return days as the audit trail keeps them."""
    return {
        "valid_from": period.start.isoformat(),
        "valid_until": period.end.isoformat() if period.end else None,
    }


def changed_rows(
    before: Iterable[ItemRow], after: Iterable[ItemRow]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows that differ, old and new, named `product:from quantity`."""
    return differing(by_key(before), by_key(after), _written)


def differing(
    old: Mapping[K, V], new: Mapping[K, V], written: Callable[[K, V], tuple[str, str]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what differs, old and new, as the audit trail keeps it: each by name, and counted."""
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]

    def kept(rows: Mapping[K, V]) -> dict[str, Any]:
        named = dict(written(key, rows[key]) for key in keys[:KEPT_ROWS] if key in rows)
        return {"rows": named, "rows_changed": len(keys)}

    return kept(old), kept(new)


def adjusted_rows(rows: Sequence[ItemRow], adjustment: Adjustment) -> list[ItemRow]:
    """Return the rows with other prices; what is free stays free."""
    return [row if row.free else _adjusted(row, adjustment) for row in rows]


def _adjusted(row: ItemRow, adjustment: Adjustment) -> ItemRow:
    if row.price is None:
        return row._replace(percent=adjustment.apply(row.percent or 0))
    return row._replace(price=adjustment.apply(row.price))


def _written(key: tuple[int, int], row: ItemRow) -> tuple[str, str]:
    product, minimum = key
    name = f"{product}:{plain(from_minor(minimum, QUANTITY_SCALE))}"
    if row.free:
        return name, "free"
    figure = plain(from_minor(row.figure, PRICE_SCALE))
    return name, figure if row.price is not None else f"{figure} %"
