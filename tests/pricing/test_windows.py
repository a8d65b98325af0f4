"""Never two editions of a table on one day, whatever is published, replaced or moved."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Invalid
from portal.periods import Period
from portal.pricing.errors import WindowOverlap
from portal.pricing.rules.windows import (
    Window,
    after_moving,
    after_publishing,
    changes_past,
    check_period,
    checked,
    gaps,
)

JAN = date(2026, 1, 1)
TODAY = date(2026, 3, 1)


def day(number: int) -> date:
    return JAN + timedelta(days=number)


def window(number: int, start: int, end: int | None = None) -> Window:
    return Window(number, number, Period(day(start), None if end is None else day(end)))


def days_of(windows: list[Window]) -> list[tuple[int, int, int | None]]:
    return [
        (one.id, (one.period.start - JAN).days, one.period.end and (one.period.end - JAN).days)
        for one in windows
    ]


def test_publishing_while_an_open_edition_runs_ends_it_the_day_before() -> None:
    after = after_publishing([window(1, 0)], window(2, 10))

    assert days_of(after) == [(1, 0, 9), (2, 10, None)]


@pytest.mark.parametrize(
    ("standing", "new"),
    [
        (window(1, 0, 20), window(2, 10)),
        (window(1, 10), window(2, 10)),
        (window(1, 20), window(2, 10)),
        (window(1, 12, 14), window(2, 10, 20)),
        (window(1, 0, 10), window(2, 10, 10)),
    ],
    ids=["closed", "same day", "begins inside", "inside", "last day"],
)
def test_any_other_overlap_is_refused_and_names_the_edition(standing: Window, new: Window) -> None:
    with pytest.raises(WindowOverlap) as refusal:
        after_publishing([standing], new)

    assert refusal.value.facts["conflicts_with"] == standing.id


def test_replacing_ends_what_began_before_and_supersedes_what_begins_inside() -> None:
    standing = [window(1, 0, 20), window(2, 21, 30), window(3, 31)]

    after = after_publishing(standing, window(9, 10, 25), replacing=True)

    assert days_of(after) == [(1, 0, 9), (9, 10, 25), (3, 31, None)]


def test_a_boundary_moves_in_one_step() -> None:
    standing = [window(1, 0, 9), window(2, 10, 20)]

    later = after_moving(standing, 1, day(14), move_next=True)
    sooner = after_moving(standing, 1, day(4), move_next=True)

    assert days_of(later) == [(1, 0, 14), (2, 15, 20)]
    assert days_of(sooner) == [(1, 0, 4), (2, 5, 20)]


def test_an_end_moved_into_the_next_edition_alone_is_refused() -> None:
    with pytest.raises(WindowOverlap):
        after_moving([window(1, 0, 9), window(2, 10, 20)], 1, day(12))


@pytest.mark.parametrize("end", [20, 25])
def test_a_boundary_cannot_swallow_the_next_edition(end: int) -> None:
    with pytest.raises(WindowOverlap):
        after_moving([window(1, 0, 9), window(2, 10, 20)], 1, day(end), move_next=True)


@pytest.mark.parametrize(
    ("start", "end"), [(day(5), day(4)), (date(26, 1, 1), None), (date(9999, 12, 31), None)]
)
def test_a_window_that_cannot_be_is_refused(start: date, end: date | None) -> None:
    with pytest.raises(Invalid):
        check_period(Period(start, end))


def test_a_window_of_one_day_and_one_that_never_ends_are_fine() -> None:
    assert check_period(Period(JAN, JAN)) == Period(JAN, JAN)
    assert check_period(Period(JAN, date(9999, 12, 31))) == Period(JAN, None)


def test_days_between_two_editions_are_found() -> None:
    assert gaps([window(1, 0, 9), window(2, 15)]) == [Period(day(10), day(14))]


@pytest.mark.parametrize(
    ("before", "after", "rewrites"),
    [
        ([], [window(1, 0)], False),
        ([window(1, 0, 9)], [window(1, 0, 9), window(2, 10, 20)], False),
        ([window(1, 0)], [window(1, 0, 58), window(2, 59)], False),
        ([window(1, 0)], [window(1, 0, 57), window(2, 58)], True),
        ([window(1, 0, 9)], [], True),
        ([window(1, 59)], [], False),
        ([window(1, 10)], [window(1, 9)], False),
        ([window(1, 10)], [window(1, 11)], True),
    ],
    ids=[
        "the first edition", "a gap filled", "from today on", "from yesterday on",
        "a past edition superseded", "one of today superseded", "begins earlier", "begins later",
    ],
)  # fmt: skip
def test_only_published_days_of_the_past_count_as_changed(
    before: list[Window], after: list[Window], rewrites: bool
) -> None:
    assert changes_past(before, after, TODAY) is rewrites


moves = st.lists(
    st.tuples(
        st.sampled_from(["publish", "replace", "move", "boundary"]),
        st.integers(0, 40),
        st.one_of(st.none(), st.integers(0, 60)),
        st.integers(0, 8),
    ),
    max_size=25,
)


@given(moves)
def test_no_sequence_of_deeds_puts_two_editions_in_force_on_one_day(
    deeds: list[tuple[str, int, int | None, int]],
) -> None:
    standing: list[Window] = []
    for number, (deed, start, end, which) in enumerate(deeds, 1):
        with suppress(WindowOverlap, Invalid):
            standing = done(standing, deed, window(number, start, end), which)

    for one in range(110):
        in_force = [edition for edition in standing if edition.period.covers(day(one))]
        assert len(in_force) <= 1


def done(standing: list[Window], deed: str, new: Window, which: int) -> list[Window]:
    if deed in {"publish", "replace"}:
        check_period(new.period)
        return checked(after_publishing(standing, new, replacing=deed == "replace"))
    if not standing:
        return standing
    chosen = standing[which % len(standing)].id
    return after_moving(standing, chosen, new.period.end, move_next=deed == "boundary")


@given(moves)
def test_replacing_from_today_never_changes_the_past(
    deeds: list[tuple[str, int, int | None, int]],
) -> None:
    standing: list[Window] = []
    for number, (_, start, end, _which) in enumerate(deeds, 1):
        with suppress(Invalid):
            new = window(number, start, end)
            check_period(new.period)
            standing = after_publishing(standing, new, replacing=True)

    after = after_publishing(standing, Window(99, 99, Period(TODAY)), replacing=True)

    assert not changes_past(standing, after, TODAY)
