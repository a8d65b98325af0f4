"""Windows of civil days: both ends included, no end means open."""

from dataclasses import dataclass
from datetime import date, timedelta

FOREVER = date(9999, 12, 31)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` through `end`; `end` None means open."""

    start: date
    end: date | None = None

    @property
    def last(self) -> date:
        """The last day, with 9999-12-31 for an open end."""
        return self.end or FOREVER

    @property
    def is_backwards(self) -> bool:
        """Whether it ends before it begins."""
        return self.last < self.start

    def covers(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.start <= day <= self.last

    def overlaps(self, other: "Period") -> bool:
        """Whether they share a day."""
        return self.start <= other.last and other.start <= self.last
