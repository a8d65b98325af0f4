"""The one clock: nobody else asks what time it is.

Moments are aware and in UTC; days are civil dates in the installation's time zone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

_DEFAULT_ZONE = ZoneInfo("America/Sao_Paulo")


class _Clock:
    """Where the time comes from; set once when the application starts."""

    zone: ZoneInfo = _DEFAULT_ZONE
    frozen: datetime | None = None
    file: Path | None = None


def configure(*, timezone: str, now: str | None = None) -> None:
    """Set the time zone and, for tests and demos, freeze the clock.

    `now` is an RFC 3339 instant, or `@FILE` to read the instant from a file at every look.
    """
    _Clock.zone = ZoneInfo(timezone)
    _Clock.file = Path(now[1:]) if now and now.startswith("@") else None
    _Clock.frozen = parse_moment(now) if now and not _Clock.file else None


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 instant; ValueError when it is none or has no offset."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return moment.astimezone(UTC)


def now() -> datetime:
    """Return the present instant, in UTC."""
    if _Clock.file is not None:
        return parse_moment(_Clock.file.read_text(encoding="ascii"))
    return _Clock.frozen or datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return the moment as people of the installation read it."""
    return moment.astimezone(_Clock.zone)


def day_of(moment: datetime) -> date:
    """Return the civil date on which the moment falls."""
    return _day_in(moment, _Clock.zone)


@lru_cache(maxsize=64)
def _day_in(moment: datetime, zone: ZoneInfo) -> date:
    """Remembered, because an order asks five times on which day its moment falls."""
    return moment.astimezone(zone).date()


def today() -> date:
    """Return the present civil date."""
    return day_of(now())


def start_of(day: date) -> datetime:
    """Return the first instant of a civil day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=_Clock.zone).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the last microsecond of a civil day, in UTC."""
    return start_of(day + timedelta(days=1)) - timedelta(microseconds=1)


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at a moment: for demo data and tests."""
    before = _Clock.frozen, _Clock.file
    _Clock.frozen, _Clock.file = moment.astimezone(UTC), None
    try:
        yield
    finally:
        _Clock.frozen, _Clock.file = before
