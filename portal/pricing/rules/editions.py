"""An edition as the audit trail keeps it, and an edition made from another."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.money import PRICE_SCALE, QUANTITY_SCALE, from_minor, plain
from portal.periods import Period
from portal.pricing.rules.calculation import Adjustment
from portal.pricing.rules.items import ItemRow, by_key

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
    old, new = by_key(before), by_key(after)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return _kept(old, keys), _kept(new, keys)


def adjusted_rows(rows: Sequence[ItemRow], adjustment: Adjustment) -> list[ItemRow]:
    """Return the rows with other prices; what is free stays free."""
    return [row if row.free else _adjusted(row, adjustment) for row in rows]


def turned_zero(rows: Sequence[ItemRow]) -> list[ItemRow]:
    """Return the rows whose figure has become zero without being marked as free."""
    return [row for row in rows if not row.figure and not row.free]


def _adjusted(row: ItemRow, adjustment: Adjustment) -> ItemRow:
    if row.price is None:
        return row._replace(percent=adjustment.apply(row.percent or 0))
    return row._replace(price=adjustment.apply(row.price))


def _kept(
    rows: Mapping[tuple[int, int], ItemRow], keys: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    kept: dict[str, Any] = {
        f"{product}:{plain(from_minor(minimum, QUANTITY_SCALE))}": _written(rows[product, minimum])
        for product, minimum in keys[:KEPT_ROWS]
        if (product, minimum) in rows
    }
    return {"rows": kept, "rows_changed": len(keys)}


def _written(row: ItemRow) -> str:
    if row.free:
        return "free"
    figure = plain(from_minor(row.figure, PRICE_SCALE))
    return figure if row.price is not None else f"{figure} %"
