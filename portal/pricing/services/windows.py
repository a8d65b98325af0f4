"""Days of published editions change: what all editions share, of acquisition and of sale prices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import day_of
from portal.periods import Period
from portal.pricing.errors import EditionFrozen
from portal.pricing.models import Dated, EditionState
from portal.pricing.rules.editions import period_record
from portal.pricing.rules.windows import (
    Window,
    after_moving,
    after_publishing,
    after_rescheduling,
    changes_past,
    check_period,
    window_of,
)
from portal.pricing.services.guards import allow_past

BeforeAfter = tuple[dict[str, Any], dict[str, Any]]
"""What the audit trail keeps of a change."""


class DayChanges(TypedDict, total=False):
    """Which days an edition is to have; what is left out stays.

    `move_next` lets the next published edition begin the day after the new end.
    """

    period: Period
    move_next: bool


@dataclass(frozen=True, slots=True)
class Published:
    """The published editions of a table, whose days change together or not at all.

    `past` is the permission that days in the past may change with; `check` refuses new days that
    do not agree with what else is in force.
    """

    editions: Sequence[Dated]
    past: str
    check: Callable[[Sequence[Window]], None] = lambda _windows: None

    @property
    def windows(self) -> list[Window]:
        """The days of each."""
        return [window_of(one) for one in self.editions]


def publish(
    session: Session,
    edition: Dated,
    standing: Published,
    *,
    replacing: bool,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> BeforeAfter:
    """Put a draft in force on its days; the editions that stand make room, or are in the way."""
    windows = after_publishing(standing.windows, window_of(edition), replacing=replacing)
    before, after = _settle(session, standing, windows, by=by, at=at, reason=reason)
    edition.state = EditionState.PUBLISHED
    edition.published_at, edition.published_by = at, by.user_id
    edition.version += 1
    return before, after | period_record(edition.period)


def move(
    session: Session,
    edition: Dated,
    standing: Published,
    changes: DayChanges,
    *,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> BeforeAfter:
    """Give an edition other days, and the next one its beginning where that was asked for."""
    was, days = period_record(edition.period), check_period(changes["period"])
    if edition.state == EditionState.DRAFT:
        edition.valid_from, edition.valid_until = days.start, days.end
        return was, period_record(days)
    if days.start != edition.valid_from:
        windows = after_rescheduling(standing.windows, edition.id, days)
    else:
        move_next = changes.get("move_next", False)
        windows = after_moving(standing.windows, edition.id, days.end, move_next=move_next)
    before, after = _settle(session, standing, windows, by=by, at=at, reason=reason)
    return was | before, period_record(edition.period) | after


def _settle(
    session: Session,
    standing: Published,
    windows: Sequence[Window],
    *,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> BeforeAfter:
    """Let the published editions be in force on the days that were worked out for them.

    What has no days any more is superseded.
    """
    standing.check(windows)
    if changes_past(standing.windows, windows, day_of(at)):
        allow_past(by, standing.past, reason)
    days = {window.id: window.period for window in windows}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for edition in standing.editions:
        if days.get(edition.id) == edition.period:
            continue
        name = f"edition {edition.number}"
        before[name] = period_record(edition.period)
        after[name] = _settle_one(edition, days.get(edition.id))
    session.flush()
    return before, after


def check_not_frozen(edition: Dated, at: datetime, days: Period | None, *, rows: bool) -> None:
    """Refuse other rows, or another beginning, for a published edition that has begun."""
    begun = edition.valid_from <= day_of(at)
    touches = rows or (days is not None and days.start != edition.valid_from)
    if edition.state == EditionState.SUPERSEDED or (begun and touches):
        raise EditionFrozen(edition.number)


def _settle_one(edition: Dated, days: Period | None) -> dict[str, Any]:
    edition.version += 1
    if days is None:
        edition.state = EditionState.SUPERSEDED
        return {"state": EditionState.SUPERSEDED.value}
    edition.valid_from, edition.valid_until = days.start, days.end
    return period_record(days)
