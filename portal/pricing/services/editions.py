"""Editions: drafted, published, ended, deleted while drafts (DESIGN 3.2, 3.3)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.services import touch_offers
from portal.periods import Period
from portal.pricing.errors import AlreadyPublished, EditionEmpty
from portal.pricing.models import Calculation, Edition, EditionState, PriceTable
from portal.pricing.queries.editions import (
    count_items,
    edition_of,
    next_number,
    published_editions,
    rows_of,
)
from portal.pricing.rules.editions import changed_rows, period_record
from portal.pricing.rules.items import ItemRow, NewItem
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.rules.windows import check_period
from portal.pricing.services.guards import (
    check_draft,
    check_version,
    lock_table,
    need,
    note,
    told,
)
from portal.pricing.services.items import replace_items, resolve_items, store_items
from portal.pricing.services.windows import DayChanges, Published, check_not_frozen, move, publish


class EditionChanges(DayChanges, total=False):
    """What of an edition is to be another; what is left out stays."""

    items: Sequence[NewItem]


def create_edition(
    session: Session,
    table_id: int,
    period: Period,
    items: Sequence[NewItem] = (),
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Edition:
    """Draft an edition with its rows."""
    table = lock_table(session, by, table_id, version)
    rows = resolve_items(session, items, percentages=takes_percentages(table.calculation))
    return draft(session, table, period, rows, by=by, at=at)


def create_and_publish(
    session: Session,
    table_id: int,
    period: Period,
    items: Sequence[NewItem] = (),
    *,
    by: Actor,
    at: datetime,
    replace: bool = False,
    reason: str | None = None,
) -> Edition:
    """Draft an edition and put it in force, both or neither."""
    made = create_edition(session, table_id, period, items, by=by, at=at)
    return publish_edition(session, table_id, made.id, by=by, at=at, replace=replace, reason=reason)


def draft(
    session: Session,
    table: PriceTable,
    period: Period,
    rows: Sequence[ItemRow],
    *,
    by: Actor,
    at: datetime,
) -> Edition:
    """Draft an edition of a locked table with rows that are known to be right."""
    need(by, "prices.edit")
    days = check_period(period)
    edition = Edition(
        price_table_id=table.id,
        number=next_number(session, table.id),
        state=EditionState.DRAFT,
        valid_from=days.start,
        valid_until=days.end,
        created_at=at,
        created_by=by.user_id,
    )
    session.add(edition)
    session.flush()
    count = store_items(session, edition.id, rows)
    after = period_record(days) | {"items": count}
    note(session, "edition.created", table, edition, by=by, at=at, after=after)
    return edition


def publish_edition(
    session: Session,
    table_id: int,
    edition_id: int,
    *,
    by: Actor,
    at: datetime,
    replace: bool = False,
    reason: str | None = None,
    version: int | None = None,
) -> Edition:
    """Put a draft in force on its days.

    An open edition that began before ends the day before; with `replace` all others make room.
    """
    table = lock_table(session, by, table_id)
    need(by, "prices.publish")
    edition = edition_of(session, table_id, edition_id)
    check_version(edition.version, version)
    if edition.state != EditionState.DRAFT:
        raise AlreadyPublished(edition.number)
    _check_not_empty(session, table, edition)
    before, after = publish(
        session, edition, _published(session, table), replacing=replace, by=by, at=at, reason=reason
    )
    note(
        session, "edition.published", table, edition, by=by, at=at,
        before=before, after=after, reason=told(reason),
    )  # fmt: skip
    touch_offers(session)
    return edition


def change_edition(
    session: Session,
    table_id: int,
    edition_id: int,
    changes: EditionChanges,
    *,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    version: int | None = None,
) -> Edition:
    """Change a draft's days and rows, or the end of a published edition.

    Until it has begun, a published edition may change its rows and its beginning too.
    """
    table = lock_table(session, by, table_id)
    edition = edition_of(session, table_id, edition_id)
    check_version(edition.version, version)
    need(by, "prices.edit")
    if edition.state != EditionState.DRAFT:
        need(by, "prices.publish")
        check_not_frozen(edition, at, changes.get("period"), rows="items" in changes)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if "period" in changes:
        before, after = move(
            session, edition, _published(session, table), changes, by=by, at=at, reason=reason
        )
    if "items" in changes:
        rows = _exchange(session, table, edition, changes["items"])
        before, after = before | rows[0], after | rows[1]
    edition.version += 1
    session.flush()
    drafted = edition.state == EditionState.DRAFT
    action = "edition.changed" if drafted else "edition.moved"
    note(
        session, action, table, edition, by=by, at=at,
        before=before, after=after, reason=told(reason),
    )  # fmt: skip
    if not drafted:
        touch_offers(session)
    return edition


def delete_draft(
    session: Session,
    table_id: int,
    edition_id: int,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> None:
    """Throw a draft away; what was published stays."""
    table = lock_table(session, by, table_id)
    edition = edition_of(session, table_id, edition_id)
    need(by, "prices.edit")
    check_draft(edition, version)
    before = period_record(edition.period) | {
        "items": count_items(session, [edition.id]).get(edition.id, 0)
    }
    note(session, "edition.deleted", table, edition, by=by, at=at, before=before)
    replace_items(session, edition.id, ())
    session.delete(edition)
    session.flush()


def _published(session: Session, table: PriceTable) -> Published:
    return Published(published_editions(session, table.id), "prices.change_past")


def _exchange(
    session: Session, table: PriceTable, edition: Edition, items: Sequence[NewItem]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give an edition other rows; return which ones changed, for the audit trail."""
    rows = resolve_items(session, items, percentages=takes_percentages(table.calculation))
    if not rows and edition.state != EditionState.DRAFT:
        _refuse_empty(table)
    old = rows_of(session, edition.id)
    replace_items(session, edition.id, rows)
    return changed_rows(old, rows)


def _check_not_empty(session: Session, table: PriceTable, edition: Edition) -> None:
    if not count_items(session, [edition.id]):
        _refuse_empty(table)


def _refuse_empty(table: PriceTable) -> None:
    """Only a table that is calculated from another may have nothing of its own."""
    if table.calculation != Calculation.ADJUSTED:
        raise EditionEmpty
