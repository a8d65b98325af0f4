"""How long people stay signed in, and how often it is noted that they are there."""

from datetime import date, datetime, timedelta

from portal import clock

SESSION_LASTS = timedelta(hours=12)
REMEMBERED_LASTS = timedelta(days=30)
NOTED_EVERY = timedelta(minutes=10)


def ends_at(at: datetime, *, remember: bool) -> datetime:
    """Return when a session that begins now ends at the latest."""
    return at + (REMEMBERED_LASTS if remember else SESSION_LASTS)


def end_of_last_day(last_day: date) -> datetime:
    """Return the instant at which a token that is good through the day is good no more."""
    return clock.start_of(last_day + timedelta(days=1))


def last_day_of(end: datetime) -> date:
    """Return the last day on which a token that ends then is good."""
    return clock.day_of(end - timedelta(microseconds=1))


def is_to_be_noted(last: datetime | None, at: datetime) -> bool:
    """Whether the last use was noted long enough ago."""
    return last is None or at - last > NOTED_EVERY
