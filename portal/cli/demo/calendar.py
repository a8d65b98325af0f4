"""The demo's days: all of them counted from today, so that it is always up to date."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal import clock

HISTORY_DAYS = 92
"""Three months of orders."""
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Today, and the days around it that the story needs."""

    today: date
    now: datetime

    @classmethod
    def present(cls) -> "Calendar":
        """Ask the clock once."""
        now = clock.now()
        return cls(clock.day_of(now), now)

    def month(self, offset: int) -> date:
        """Return the first day of the month so many months from this one."""
        months = self.today.year * 12 + self.today.month - 1 + offset
        return date(months // 12, months % 12 + 1, 1)

    def day(self, offset: int) -> date:
        """Return the day so many days from today."""
        return self.today + timedelta(days=offset)

    @property
    def opening(self) -> date:
        """The day on which the distributor began with the portal."""
        return self.month(-6)

    def working_days(self) -> list[date]:
        """Return Monday to Friday of the last three months, today included."""
        days = [self.day(offset) for offset in range(-HISTORY_DAYS, 1)]
        return [day for day in days if day.weekday() < SATURDAY]


def moment(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return an instant of a civil day, as people there read it."""
    since_midnight = datetime.combine(day, time(hour, minute, second)) - datetime.combine(
        day, time()
    )
    return clock.start_of(day) + since_midnight
