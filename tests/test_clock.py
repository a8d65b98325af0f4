"""The one clock: moments in UTC, days as people of the installation live them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from portal import clock
from tests.visitors import ZONE

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _usual_zone_afterwards() -> Iterator[None]:
    yield
    clock.configure(timezone=ZONE)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2027-03-01T02:59:59.999999Z", "2027-02-28"),
        ("2027-03-01T03:00:00Z", "2027-03-01"),
        ("2027-03-01T23:59:59-03:00", "2027-03-01"),
        ("2027-03-02T00:00:00-03:00", "2027-03-02"),
        ("2028-02-29T12:00:00Z", "2028-02-29"),
    ],
)
def test_a_day_ends_when_it_ends_in_sao_paulo(instant: str, day: str) -> None:
    moment = clock.parse_moment(instant)

    assert clock.day_of(moment) == date.fromisoformat(day)


@pytest.mark.parametrize("zone", [ZONE, "America/Manaus", "America/Noronha", "UTC"])
def test_a_day_has_a_first_instant_and_a_last_microsecond(zone: str) -> None:
    clock.configure(timezone=zone)
    day = date(2027, 3, 1)

    first, last = clock.start_of(day), clock.end_of(day)

    assert clock.day_of(first) == clock.day_of(last) == day
    assert clock.day_of(first - MICROSECOND) == day - timedelta(days=1)
    assert clock.day_of(last + MICROSECOND) == day + timedelta(days=1)
    assert first.tzinfo is UTC


def test_days_of_old_summer_time_are_an_hour_shorter_and_longer() -> None:
    spring, autumn = date(2018, 11, 4), date(2019, 2, 16)

    def hours(day: date) -> float:
        return (clock.end_of(day) - clock.start_of(day) + MICROSECOND).total_seconds() / 3600

    assert hours(spring) == 23
    assert hours(autumn) == 25


def test_a_frozen_clock_stands_at_its_instant() -> None:
    clock.configure(timezone=ZONE, now="2026-12-01T09:00:00-03:00")

    assert clock.now() == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    assert clock.today() == date(2026, 12, 1)


def test_a_clock_of_a_file_is_read_at_every_look(tmp_path: Path) -> None:
    file = tmp_path / "now"
    file.write_text("2026-12-01T02:59:59Z\n")
    clock.configure(timezone=ZONE, now=f"@{file}")
    before = clock.today()

    file.write_text("2026-12-01T03:00:00Z\n")

    assert before == date(2026, 11, 30)
    assert clock.today() == date(2026, 12, 1)


def test_an_unfrozen_clock_runs() -> None:
    clock.configure(timezone=ZONE)

    first = clock.now()

    assert first <= clock.now()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=10)


@pytest.mark.parametrize("text", ["", "2026-12-01", "2026-12-01T12:00:00", "tomorrow"])
def test_an_instant_needs_an_offset(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|isoformat"):
        clock.parse_moment(text)


def test_the_clock_may_be_held_for_a_while_and_goes_back_to_what_it_was(tmp_path: Path) -> None:
    file = tmp_path / "now"
    file.write_text("2026-12-01T12:00:00Z")
    clock.configure(timezone=ZONE, now=f"@{file}")
    past = datetime(2026, 9, 1, 10, tzinfo=timezone(timedelta(hours=-3)))

    looked: list[datetime] = []

    def look_and_stumble() -> None:
        with clock.frozen_at(past):
            looked.append(clock.now())
            raise KeyError

    with pytest.raises(KeyError):
        look_and_stumble()

    assert looked == [past]
    assert looked[0].tzinfo is UTC
    assert clock.now() == datetime(2026, 12, 1, 12, tzinfo=UTC)
