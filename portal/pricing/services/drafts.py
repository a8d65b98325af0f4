"""Some rows of a draft change: what a page of an edition's editor does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.periods import Period
from portal.pricing.models import Edition
from portal.pricing.queries.editions import edition_of
from portal.pricing.rules.editions import changed_rows, period_record
from portal.pricing.rules.items import NewItem
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.rules.windows import check_period
from portal.pricing.services.guards import check_draft, lock_table, need, note
from portal.pricing.services.items import exchange_rows


@dataclass(frozen=True, slots=True)
class RowChanges:
    """The days of a draft, and some of its rows: `replaced` names those that make room."""

    period: Period
    replaced: Sequence[str]
    items: Sequence[NewItem]


def change_rows(
    session: Session,
    table_id: int,
    edition_id: int,
    changes: RowChanges,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Edition:
    """Change some rows of a draft, and its days."""
    table = lock_table(session, by, table_id)
    edition = edition_of(session, table_id, edition_id)
    need(by, "prices.edit")
    check_draft(edition, version)
    before = period_record(edition.period)
    days = check_period(changes.period)
    edition.valid_from, edition.valid_until = days.start, days.end
    old, new = exchange_rows(
        session,
        edition.id,
        changes.replaced,
        changes.items,
        percentages=takes_percentages(table.calculation),
    )
    edition.version += 1
    session.flush()
    after = period_record(days)
    if before != after or old != new:
        changed = changed_rows(old, new)
        note(
            session, "edition.changed", table, edition, by=by, at=at,
            before=before | changed[0], after=after | changed[1],
        )  # fmt: skip
    return edition
