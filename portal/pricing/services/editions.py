"""Editions: drafted, published, ended, deleted while drafts (DESIGN 3.2, 3.3)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.catalogue.services import touch_offers
from portal.periods import Period
from portal.pricing.errors import AlreadyPublished, EditionEmpty, EditionFrozen
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
from portal.pricing.rules.windows import Window, after_publishing, check_period, window_of
from portal.pricing.services.guards import allow_past, check_version, lock_table, need, told
from portal.pricing.services.items import replace_items, resolve_items, store_items
from portal.pricing.services.windows import (
    BeforeAfter,
    check_not_frozen,
    moved,
    rewrites_past,
    settle,
)


class EditionChanges(TypedDict, total=False):
    """What of an edition is to be another; what is left out stays.

    `move_next` lets the next published edition begin the day after the new end.
    """

    period: Period
    items: Sequence[NewItem]
    move_next: bool


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
    standing = published_editions(session, table_id)
    new = Window(edition.id, edition.number, edition.period)
    windows = after_publishing([window_of(one) for one in standing], new, replacing=replace)
    before, after = _settle(session, standing, windows, by=by, at=at, reason=reason)
    edition.state = EditionState.PUBLISHED
    edition.published_at, edition.published_by = at, by.user_id
    edition.version += 1
    after |= period_record(edition.period)
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
        begins = changes["period"].start if "period" in changes else edition.valid_from
        check_not_frozen(edition, at, begins=begins, rows="items" in changes)
    before, after = period_record(edition.period), {}
    if "period" in changes:
        moved = _move(session, edition, changes, by=by, at=at, reason=reason)
        before, after = before | moved[0], period_record(edition.period) | moved[1]
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
    check_version(edition.version, version)
    need(by, "prices.edit")
    if edition.state != EditionState.DRAFT:
        raise EditionFrozen(edition.number)
    before = period_record(edition.period) | {
        "items": count_items(session, [edition.id]).get(edition.id, 0)
    }
    note(session, "edition.deleted", table, edition, by=by, at=at, before=before)
    replace_items(session, edition.id, ())
    session.delete(edition)
    session.flush()


def _move(
    session: Session,
    edition: Edition,
    changes: EditionChanges,
    *,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> BeforeAfter:
    """Give an edition other days, and the next one its beginning where that was asked for."""
    days = check_period(changes["period"])
    if edition.state == EditionState.DRAFT:
        edition.valid_from, edition.valid_until = days.start, days.end
        return {}, {}
    standing = published_editions(session, edition.price_table_id)
    after = moved(standing, edition, days, move_next=changes.get("move_next", False))
    return _settle(session, standing, after, by=by, at=at, reason=reason)


def _settle(
    session: Session,
    standing: Sequence[Edition],
    windows: Sequence[Window],
    *,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> BeforeAfter:
    """Let the published editions be in force on the days that were worked out for them."""
    if rewrites_past(standing, windows, at):
        allow_past(by, "prices.change_past", reason)
    return settle(session, standing, windows)


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


def note(
    session: Session,
    action: str,
    table: PriceTable,
    edition: Edition,
    *,
    by: Actor,
    at: datetime,
    **facts: Any,
) -> None:
    """Write a deed on an edition down, under its table."""
    number = {"edition": edition.number}
    for name in ("before", "after"):
        if facts.get(name):
            facts[name] = number | facts[name]
    record(
        session,
        by=by,
        action=action,
        entity=("price_table", table.id),
        at=at,
        service_point_id=table.service_point_id,
        **facts,
    )
