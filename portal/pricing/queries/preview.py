"""What publishing an edition would change: for which rows, other editions, service points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.pricing.models import Edition, PriceTable
from portal.pricing.queries.editions import (
    all_editions,
    edition_of,
    product_names,
    published_editions,
    rows_of,
)
from portal.pricing.queries.tables import built_on, count_affected, table_of
from portal.pricing.rules.compare import Change, Compared, Comparison, compare, first_to_see
from portal.pricing.rules.outlook import Publication, previous_of, publication_of

SHOWN_ROWS = 200


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
    """What happens when a draft is published: to rows, other editions, service points, tables."""

    beside: Beside
    publication: Publication[Edition]
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
    publication = publication_of(standing, both.edition, day, replacing=replacing)
    affected = count_affected(session, both.table, both.edition.valid_from)
    return Preview(
        both,
        publication,
        sum(affected.values()),
        built_on(session, table_id),
    )


def _lines(session: Session, rows: Sequence[Compared], only: str) -> list[Line]:
    """Return what is worth seeing first: warnings, then changes; at most some hundred rows."""
    wanted = [row for row in rows if _is_wanted(row, only)]
    shown = sorted(wanted, key=first_to_see)[:SHOWN_ROWS]
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
