"""What publishing an edition would change: for which rows, other editions, service points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.pricing.errors import WindowOverlap
from portal.pricing.models import Edition, EditionState, PriceTable
from portal.pricing.queries.editions import (
    all_editions,
    edition_of,
    product_names,
    published_editions,
    rows_of,
)
from portal.pricing.queries.overview import previous_of
from portal.pricing.queries.tables import built_on, count_affected, table_of
from portal.pricing.rules.compare import Change, Compared, Comparison, compare
from portal.pricing.rules.windows import Window, after_publishing, changes_past, window_of

SHOWN_ROWS = 200
_IMPORTANCE = {Change.CHANGED: 0, Change.ADDED: 1, Change.DROPPED: 2, Change.SAME: 3}


@dataclass(frozen=True, slots=True)
class Line:
    """A compared row with the words for its product."""

    row: Compared
    sku: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Two editions beside each other."""

    table: PriceTable
    edition: Edition
    other: Edition | None
    editions: Sequence[Edition]
    comparison: Comparison
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Preview:
    """What happens when a draft is published.

    `ends` are editions that get another last day, `superseded` those that go; `conflict` is what
    stands in the way when nothing is replaced.
    """

    beside: Beside
    ends: Sequence[tuple[Edition, date | None]]
    superseded: Sequence[Edition]
    conflict: WindowOverlap | None
    rewrites_past: bool
    affected: int
    below: Sequence[PriceTable]


def beside(
    session: Session,
    by: Actor,
    table_id: int,
    edition_id: int,
    other_id: int | None,
    *,
    only: str = "",
) -> Beside:
    """Compare an edition with another, by default the one that it follows."""
    table = table_of(session, by, table_id)
    edition = edition_of(session, table.id, edition_id)
    editions = all_editions(session, table.id)
    other = edition_of(session, table.id, other_id) if other_id else previous_of(editions, edition)
    old = rows_of(session, other.id) if other else []
    comparison = compare(old, rows_of(session, edition.id))
    lines = _lines(session, comparison.rows, only)
    return Beside(table, edition, other, editions, comparison, lines)


def preview(
    session: Session, by: Actor, table_id: int, edition_id: int, day: date, *, replacing: bool
) -> Preview:
    """Say what publishing would do, before it does it."""
    both = beside(session, by, table_id, edition_id, None)
    standing = published_editions(session, table_id)
    before = [window_of(one) for one in standing]
    new = window_of(both.edition)
    conflict = None
    try:
        after = after_publishing(before, new, replacing=replacing)
    except WindowOverlap as overlap:
        conflict = overlap
        after = after_publishing(before, new, replacing=True)
    ends, superseded = _effects(standing, after)
    affected = count_affected(session, both.table, both.edition.valid_from)
    return Preview(
        both,
        ends,
        superseded,
        conflict,
        changes_past(before, after, day),
        sum(affected.values()),
        built_on(session, table_id),
    )


def is_draft(edition: Edition) -> bool:
    """Whether an edition may still be typed over."""
    return edition.state == EditionState.DRAFT


def _effects(
    standing: Sequence[Edition], after: Sequence[Window]
) -> tuple[list[tuple[Edition, date | None]], list[Edition]]:
    days = {window.id: window.period for window in after}
    ends = [
        (one, days[one.id].end) for one in standing if one.id in days and days[one.id] != one.period
    ]
    return ends, [one for one in standing if one.id not in days]


def _lines(session: Session, rows: Sequence[Compared], only: str) -> list[Line]:
    """Return what is worth seeing first: warnings, then changes; at most some hundred rows."""
    wanted = [row for row in rows if _is_wanted(row, only)]
    wanted.sort(key=lambda row: (not row.warnings, _IMPORTANCE[row.change], row[:2]))
    shown = wanted[:SHOWN_ROWS]
    names = product_names(session, [row.product_id for row in shown])
    return [Line(row, *names[row.product_id]) for row in shown]


def _is_wanted(row: Compared, only: str) -> bool:
    if only == "warnings":
        return bool(row.warnings)
    if only == "all":
        return True
    if only:
        return row.change == only
    return row.change != Change.SAME or bool(row.warnings)
