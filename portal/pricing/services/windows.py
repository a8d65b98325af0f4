"""Days of published editions change: what all editions share, of acquisition and of sale prices."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.clock import day_of
from portal.periods import Period
from portal.pricing.errors import EditionFrozen
from portal.pricing.models import Dated, EditionState
from portal.pricing.rules.editions import period_record
from portal.pricing.rules.windows import (
    Window,
    after_moving,
    after_rescheduling,
    changes_past,
    window_of,
)

BeforeAfter = tuple[dict[str, Any], dict[str, Any]]
"""What the audit trail keeps of a change."""


def moved(
    standing: Iterable[Dated], edition: Dated, days: Period, *, move_next: bool
) -> list[Window]:
    """Return the published editions once one of them is in force on other days."""
    windows = [window_of(one) for one in standing]
    if days.start != edition.valid_from:
        return after_rescheduling(windows, edition.id, days)
    return after_moving(windows, edition.id, days.end, move_next=move_next)


def rewrites_past(standing: Iterable[Dated], windows: Sequence[Window], at: datetime) -> bool:
    """Whether days before the moment would have another edition than they had."""
    return changes_past([window_of(one) for one in standing], windows, day_of(at))


def settle(session: Session, standing: Iterable[Dated], windows: Iterable[Window]) -> BeforeAfter:
    """Let the published editions be in force on the days that were worked out for them.

    What has no days any more is superseded.
    """
    days = {window.id: window.period for window in windows}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for edition in standing:
        if days.get(edition.id) == edition.period:
            continue
        name = f"edition {edition.number}"
        before[name] = period_record(edition.period)
        after[name] = _settle_one(edition, days.get(edition.id))
    session.flush()
    return before, after


def check_not_frozen(edition: Dated, at: datetime, *, begins: date, rows: bool) -> None:
    """Refuse other rows, or another beginning, for a published edition that has begun."""
    begun = edition.valid_from <= day_of(at)
    touches = rows or begins != edition.valid_from
    if edition.state == EditionState.SUPERSEDED or (begun and touches):
        raise EditionFrozen(edition.number)


def _settle_one(edition: Dated, days: Period | None) -> dict[str, Any]:
    edition.version += 1
    if days is None:
        edition.state = EditionState.SUPERSEDED
        return {"state": EditionState.SUPERSEDED.value}
    edition.valid_from, edition.valid_until = days.start, days.end
    return period_record(days)
