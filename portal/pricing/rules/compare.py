"""What a new edition changes against another, and what in it looks like a slip."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from portal.money import HUNDRED, round_half_up
from portal.pricing.rules.items import ItemRow, by_key

OUTLIER = 10
"""A price that becomes ten times, or a tenth, of what it was is probably a misplaced comma."""
_SHOWN_DECIMALS = 1

Key = tuple[int, int]
"""Product and minimum quantity."""


class Change(StrEnum):
    """What happens to a row."""

    ADDED = "added"
    DROPPED = "dropped"
    CHANGED = "changed"
    SAME = "same"


_IMPORTANCE = (Change.CHANGED, Change.ADDED, Change.DROPPED, Change.SAME)


class Warn(StrEnum):
    """What looks like a slip in a row."""

    LADDER = "ladder"
    OUTLIER = "outlier"


class Compared(NamedTuple):
    """A row of both editions beside each other, in integers of 1/10,000."""

    product_id: int
    min_quantity: int
    old: int | None
    new: int | None
    change: Change
    warnings: tuple[Warn, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        """By how many per cent it rises or falls; None where there is nothing to compare."""
        if not self.old or self.new is None:
            return None
        return round_half_up(HUNDRED * (self.new - self.old) / self.old, _SHOWN_DECIMALS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows of two editions, and their sums."""

    rows: Sequence[Compared]
    counts: Mapping[Change, int] = field(default_factory=dict)
    ladders: int = 0
    outliers: int = 0
    lowest: Decimal | None = None
    highest: Decimal | None = None
    average: Decimal | None = None

    @property
    def has_warnings(self) -> bool:
        """Whether anything looks like a slip."""
        return bool(self.ladders or self.outliers)


def compare(old: Iterable[ItemRow], new: Iterable[ItemRow]) -> Comparison:
    """Put two editions beside each other, by product and minimum quantity."""
    before, after = by_key(old), by_key(new)
    dear = dear_breaks(after.values())
    rows = [_compared(key, before, after, dear) for key in {**before, **after}]
    return _summed(rows)


def first_to_see(row: Compared) -> tuple[bool, int, Key]:
    """Return what rows are put in order by where not all are shown: warnings, then changes."""
    return not row.warnings, _IMPORTANCE.index(row.change), (row.product_id, row.min_quantity)


def dear_breaks(rows: Iterable[ItemRow]) -> set[Key]:
    """Return the quantity breaks that cost more a piece than a smaller quantity."""
    ladders: dict[int, list[ItemRow]] = defaultdict(list)
    for row in rows:
        ladders[row.product_id].append(row)
    return {row.key for ladder in ladders.values() if len(ladder) > 1 for row in _dear(ladder)}


def _dear(ladder: list[ItemRow]) -> Iterable[ItemRow]:
    ladder.sort(key=lambda row: row.min_quantity)
    cheapest = ladder[0].figure
    for row in ladder[1:]:
        if row.figure > cheapest:
            yield row
        cheapest = min(cheapest, row.figure)


def _compared(
    key: Key, before: Mapping[Key, ItemRow], after: Mapping[Key, ItemRow], dear: set[Key]
) -> Compared:
    old = before[key].figure if key in before else None
    new = after[key].figure if key in after else None
    warnings = ((Warn.LADDER,) if key in dear else ()) + (
        (Warn.OUTLIER,) if _is_outlier(old, new) else ()
    )
    return Compared(*key, old, new, _change(old, new), warnings)


def _change(old: int | None, new: int | None) -> Change:
    if old is None:
        return Change.ADDED
    if new is None:
        return Change.DROPPED
    return Change.SAME if old == new else Change.CHANGED


def _is_outlier(old: int | None, new: int | None) -> bool:
    if not old or not new:
        return False
    return new >= old * OUTLIER or old >= new * OUTLIER


def _summed(rows: list[Compared]) -> Comparison:
    counts = {change: sum(row.change == change for row in rows) for change in Change}
    moved = [row.percent for row in rows if row.change == Change.CHANGED]
    percents = [percent for percent in moved if percent is not None]
    average = sum(percents, Decimal(0)) / len(percents) if percents else None
    return Comparison(
        rows,
        counts,
        ladders=sum(Warn.LADDER in row.warnings for row in rows),
        outliers=sum(Warn.OUTLIER in row.warnings for row in rows),
        lowest=min(percents, default=None),
        highest=max(percents, default=None),
        average=None if average is None else round_half_up(average, _SHOWN_DECIMALS),
    )
