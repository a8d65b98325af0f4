"""How long people stay signed in, and how often it is noted that they are there."""

from datetime import datetime, timedelta

SESSION_LASTS = timedelta(hours=12)
REMEMBERED_LASTS = timedelta(days=30)
NOTED_EVERY = timedelta(minutes=10)


def ends_at(at: datetime, *, remember: bool) -> datetime:
    """Return when a session that begins now ends at the latest."""
    return at + (REMEMBERED_LASTS if remember else SESSION_LASTS)


def is_to_be_noted(last: datetime | None, at: datetime) -> bool:
    """Whether the last use was noted long enough ago."""
    return last is None or at - last > NOTED_EVERY
