"""Which edition is in force on which day: never two of a table on one day (DESIGN 3.2, 3.3).

Each move takes the published editions as they stand and returns them as they would stand; an
edition that is missing then is superseded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from portal.errors import Invalid, Problem, invalid
from portal.i18n import N_
from portal.periods import FOREVER, ONE_DAY, Period
from portal.pricing.errors import WindowOverlap
from portal.pricing.models import Dated

FIRST_DAY = date(1990, 1, 1)
"""Price lists of this trade do not reach further back; a year typed as 0026 does."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days of one published edition."""

    id: int
    number: int
    period: Period

    def ending(self, end: date | None) -> "Window":
        """Return it with another end."""
        return replace(self, period=Period(self.period.start, end))

    def beginning(self, start: date) -> "Window":
        """Return it with another beginning."""
        return replace(self, period=Period(start, self.period.end))


def window_of(edition: Dated) -> Window:
    """Return an edition's days."""
    return Window(edition.id, edition.number, edition.period)


def check_period(period: Period) -> Period:
    """Refuse windows that end before they begin, and years mistyped; 9999-12-31 means open."""
    if problem := period_problem(period):
        raise Invalid(problems=(problem,))
    return Period(period.start, None if period.end == FOREVER else period.end)


def period_problem(period: Period, where: str = "") -> Problem | None:
    """Return what is wrong with a window, if anything is; `where` is the path before its fields."""
    if period.start < FIRST_DAY:
        text = N_("Use a day from %(first)s on.")
        return Problem(f"{where}valid_from", "invalid", text, {"first": FIRST_DAY})
    if period.start == FOREVER:
        return Problem(f"{where}valid_from", "invalid", N_("This day lies too far in the future."))
    if period.is_backwards:
        return Problem(
            f"{where}valid_until", "invalid", N_("The last day is before the first one.")
        )
    return None


def after_publishing(
    published: Iterable[Window], new: Window, *, replacing: bool = False
) -> list[Window]:
    """Return the editions once the new one is published; WindowOverlap when that cannot be.

    An open edition that began before is closed on the day before. Replacing, everything that
    began before ends then, and what begins inside the new window is superseded.
    """
    stays: list[Window] = []
    for window in published:
        if not window.period.overlaps(new.period):
            stays.append(window)
        elif window.period.start < new.period.start and (replacing or window.period.end is None):
            stays.append(window.ending(new.period.start - ONE_DAY))
        elif not replacing:
            raise _overlap(window)
    return in_order([*stays, new])


def after_moving(
    published: Iterable[Window], edition_id: int, end: date | None, *, move_next: bool = False
) -> list[Window]:
    """Return the editions once the edition ends on another day, the next one beginning after it."""
    windows = in_order(published)
    at = next(at for at, window in enumerate(windows) if window.id == edition_id)
    moved = windows[at].ending(end)
    if moved.period.is_backwards:
        raise invalid("valid_until", N_("The last day is before the first one."))
    after = windows[at + 1 :]
    if move_next and after:
        after = [_begun_after(after[0], end), *after[1:]]
    return checked([*windows[:at], moved, *after])


def after_rescheduling(
    published: Iterable[Window], edition_id: int, period: Period
) -> list[Window]:
    """Return the editions once one that has not begun is in force on other days."""
    return checked(
        [
            replace(window, period=period) if window.id == edition_id else window
            for window in published
        ]
    )


def checked(windows: Iterable[Window]) -> list[Window]:
    """Return the editions in order; WindowOverlap when two share a day."""
    ordered = in_order(windows)
    for one, other in pairwise(ordered):
        if one.period.overlaps(other.period):
            raise _overlap(other)
    return ordered


def changes_past(before: Sequence[Window], after: Sequence[Window], today: date) -> bool:
    """Whether a day before today that had an edition would have another one, or none.

    Days without an edition may get one: the first edition may begin on any day.
    """
    later = {window.id: window.period for window in after}
    return any(
        _loses_past(window.period, later.get(window.id), today - ONE_DAY) for window in before
    )


def gaps(windows: Sequence[Window]) -> list[Period]:
    """Return the stretches between editions on which none is in force."""
    return [
        Period(one.period.end + ONE_DAY, other.period.start - ONE_DAY)
        for one, other in pairwise(in_order(windows))
        if one.period.end is not None and one.period.end + ONE_DAY < other.period.start
    ]


def in_order(windows: Iterable[Window]) -> list[Window]:
    """Return the editions by their first day."""
    return sorted(windows, key=lambda window: (window.period.start, window.id))


def _loses_past(before: Period, after: Period | None, yesterday: date) -> bool:
    if before.start > yesterday:
        return False
    if after is None or after.start > before.start:
        return True
    return min(after.last, yesterday) < min(before.last, yesterday)


def _begun_after(window: Window, end: date | None) -> Window:
    if end is None:
        raise invalid("valid_until", N_("Give the last day: the next edition begins after it."))
    if end >= window.period.last:
        raise _overlap(window)
    return window.beginning(end + ONE_DAY)


def _overlap(window: Window) -> WindowOverlap:
    return WindowOverlap(window.id, window.number, window.period.start)
