"""Sale tables of a service point that share a channel never hold on one day (DESIGN 3.6)."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.pricing.rules.windows import Window
from portal.sale_tables.errors import ChannelOverlap


@dataclass(frozen=True, slots=True)
class Beside:
    """A published edition of another sale table that shares a channel."""

    window: Window
    table: str


def check_channels(windows: Iterable[Window], others: Iterable[Beside]) -> None:
    """Refuse days on which an edition of another table sells in the same channel."""
    theirs = list(others)
    for window in windows:
        for other in theirs:
            if window.period.overlaps(other.window.period):
                found = other.window
                raise ChannelOverlap(found.id, found.number, found.period.start, other.table)
