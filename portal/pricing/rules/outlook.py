"""Which of a table's editions counts when, and what publishing one more would do to the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from portal.pricing.errors import WindowOverlap
from portal.pricing.models import Dated, EditionState
from portal.pricing.rules.windows import Window, after_publishing, changes_past, window_of

AnyEdition = TypeVar("AnyEdition", bound=Dated)


@dataclass(frozen=True, slots=True)
class Chosen(Generic[AnyEdition]):
    """The edition in force on a day, the one that comes next, and the one that is looked at."""

    present: AnyEdition | None
    coming: AnyEdition | None
    shown: AnyEdition | None


@dataclass(frozen=True, slots=True)
class Publication(Generic[AnyEdition]):
    """What publishing does to the editions that stand.

    `ends` get another last day, `superseded` go; `conflict` stands in the way when nothing is
    replaced, and then the others say what replacing would do.
    """

    ends: Sequence[tuple[AnyEdition, date | None]]
    superseded: Sequence[AnyEdition]
    conflict: WindowOverlap | None
    rewrites_past: bool


def is_draft(edition: Dated) -> bool:
    """Whether an edition may still be typed over."""
    return edition.state == EditionState.DRAFT


def chosen_of(
    editions: Sequence[AnyEdition], edition_id: int | None, day: date
) -> Chosen[AnyEdition]:
    """Return what a table's page shows; `edition_id` is the edition that was asked for."""
    live = [one for one in editions if one.state == EditionState.PUBLISHED]
    present = next((one for one in live if one.period.covers(day)), None)
    coming = next((one for one in editions if _is_to_come(one, day)), None)
    asked = next((one for one in editions if one.id == edition_id), None)
    last = editions[-1] if editions else None
    return Chosen(present, coming, asked or present or coming or last)


def previous_of(editions: Sequence[AnyEdition], edition: AnyEdition) -> AnyEdition | None:
    """Return the published edition that is in force when another begins, or the latest before."""
    before = [
        one
        for one in editions
        if one.state == EditionState.PUBLISHED
        and one.id != edition.id
        and one.valid_from <= edition.valid_from
    ]
    return before[-1] if before else None


def next_of(standing: Sequence[AnyEdition], edition: AnyEdition) -> AnyEdition | None:
    """Return the published edition that begins next after another, by their first days."""
    return next((one for one in standing if one.valid_from > edition.valid_from), None)


def beside_of(editions: Sequence[AnyEdition], chosen: Chosen[AnyEdition]) -> AnyEdition | None:
    """Return the edition to show beside the chosen one: the one to come, or the one before."""
    if chosen.shown is None:
        return None
    if chosen.coming is not None and chosen.coming.id != chosen.shown.id:
        return chosen.coming
    return previous_of(editions, chosen.shown)


def publication_of(
    standing: Sequence[AnyEdition], edition: AnyEdition, day: date, *, replacing: bool
) -> Publication[AnyEdition]:
    """Say what publishing an edition would do, before it does it."""
    before = [window_of(one) for one in standing]
    conflict = None
    try:
        after = after_publishing(before, window_of(edition), replacing=replacing)
    except WindowOverlap as overlap:
        conflict = overlap
        after = after_publishing(before, window_of(edition), replacing=True)
    ends, superseded = _effects(standing, after)
    return Publication(ends, superseded, conflict, changes_past(before, after, day))


def _effects(
    standing: Sequence[AnyEdition], after: Sequence[Window]
) -> tuple[list[tuple[AnyEdition, date | None]], list[AnyEdition]]:
    days = {window.id: window.period for window in after}
    ends = [
        (one, days[one.id].end) for one in standing if one.id in days and days[one.id] != one.period
    ]
    return ends, [one for one in standing if one.id not in days]


def _is_to_come(edition: Dated, day: date) -> bool:
    return edition.state != EditionState.SUPERSEDED and edition.valid_from > day
