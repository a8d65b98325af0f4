"""Windows of days: both ends included, no end means open."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.periods import FOREVER, Period

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
FIRST, LAST = date(2028, 2, 28), date(2028, 3, 1)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(DAYS)
    length = draw(st.none() | st.integers(0, 400))
    return Period(start, None if length is None else start + timedelta(days=length))


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2028, 2, 27), False),
        (FIRST, True),
        (date(2028, 2, 29), True),
        (LAST, True),
        (date(2028, 3, 2), False),
    ],
)
def test_a_window_holds_its_first_day_and_its_last(day: date, covered: bool) -> None:
    assert Period(FIRST, LAST).covers(day) is covered


def test_a_window_of_one_day_holds_that_day() -> None:
    assert Period(FIRST, FIRST).covers(FIRST)
    assert not Period(FIRST, FIRST).is_backwards


def test_without_an_end_a_window_never_ends() -> None:
    assert Period(FIRST).covers(FOREVER)
    assert Period(FIRST).last == FOREVER
    assert not Period(FIRST).covers(FIRST - timedelta(days=1))


def test_a_window_that_ends_before_it_begins_is_backwards_and_holds_no_day() -> None:
    backwards = Period(LAST, FIRST)

    assert backwards.is_backwards
    assert not backwards.covers(date(2028, 2, 29))


def test_windows_that_touch_do_not_share_a_day() -> None:
    before = Period(date(2028, 1, 1), FIRST - timedelta(days=1))

    assert not before.overlaps(Period(FIRST, LAST))
    assert Period(date(2028, 1, 1), FIRST).overlaps(Period(FIRST, LAST))


@given(periods(), periods())
def test_windows_overlap_when_there_is_a_day_that_both_hold(one: Period, other: Period) -> None:
    later_start = max(one.start, other.start)

    shared = one.covers(later_start) and other.covers(later_start)

    assert one.overlaps(other) is shared
    assert other.overlaps(one) is shared
