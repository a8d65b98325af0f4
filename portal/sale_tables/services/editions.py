"""Editions of sale tables: drafted, published, ended, deleted as drafts (DESIGN 3.2, 3.3, 3.6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.services import touch_offers
from portal.periods import Period
from portal.pricing.errors import AlreadyPublished
from portal.pricing.models import EditionState
from portal.pricing.rules.editions import period_record
from portal.pricing.rules.windows import Window, check_period
from portal.pricing.services.guards import check_draft, check_version, need, note, told
from portal.pricing.services.windows import (
    BeforeAfter,
    DayChanges,
    Published,
    check_not_frozen,
    move,
    publish,
)
from portal.sale_tables.errors import NothingPriced
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.editions import (
    count_rows,
    edition_of,
    editions_beside,
    next_number,
    published_editions,
    rows_of,
)
from portal.sale_tables.rules.channels import check_channels
from portal.sale_tables.rules.rows import NewRow, StoredRow, changed_rows
from portal.sale_tables.services.below import answer_for
from portal.sale_tables.services.guards import lock_table
from portal.sale_tables.services.rows import (
    exchange_rows,
    portfolio_of,
    replace_rows,
    resolve_rows,
    store_rows,
    whole_rows,
)


class EditionChanges(DayChanges, total=False):
    """What of an edition is to be another; what is left out stays.

    `rows` replace all rows, the portfolio's others are to be priced; `some` replaces only the rows
    of the products that it names.
    """

    rows: Sequence[NewRow]
    some: Sequence[NewRow]


def create_edition(
    session: Session,
    table_id: int,
    period: Period,
    rows: Sequence[NewRow] = (),
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> SaleEdition:
    """Draft an edition with all products of the portfolio; those without a row are to be priced."""
    need(by, "sale_prices.edit")
    table = lock_table(session, by, table_id, version)
    days = check_period(period)
    portfolio = portfolio_of(session, table, days.start)
    stored = whole_rows(session, resolve_rows(session, rows, portfolio), portfolio)
    return draft(session, table, days, stored, by=by, at=at)


def create_and_publish(
    session: Session,
    table_id: int,
    period: Period,
    rows: Sequence[NewRow] = (),
    *,
    by: Actor,
    at: datetime,
    replace: bool = False,
    reason: str | None = None,
) -> SaleEdition:
    """Draft an edition and put it in force, both or neither."""
    made = create_edition(session, table_id, period, rows, by=by, at=at)
    return publish_edition(session, table_id, made.id, by=by, at=at, replace=replace, reason=reason)


def draft(
    session: Session,
    table: SaleTable,
    period: Period,
    rows: Sequence[StoredRow],
    *,
    by: Actor,
    at: datetime,
) -> SaleEdition:
    """Draft an edition of a locked table with days and rows that are known to be right."""
    need(by, "sale_prices.edit")
    edition = SaleEdition(
        sale_table_id=table.id,
        number=next_number(session, table.id),
        state=EditionState.DRAFT,
        valid_from=period.start,
        valid_until=period.end,
        created_at=at,
        created_by=by.user_id,
    )
    session.add(edition)
    session.flush()
    count = store_rows(session, edition.id, rows)
    after = period_record(period) | {"items": count}
    note(session, "sale_edition.created", table, edition, by=by, at=at, after=after)
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
) -> SaleEdition:
    """Put a draft in force on its days.

    An open edition of the table that began before ends the day before; with `replace` its others
    make room. Editions of other tables that share a channel never do.
    """
    need(by, "sale_prices.publish")
    table = lock_table(session, by, table_id)
    edition = edition_of(session, by, table_id, edition_id)
    check_version(edition.version, version)
    if edition.state != EditionState.DRAFT:
        raise AlreadyPublished(edition.number)
    _check_priced(session, edition)
    below = answer_for(session, table, edition, by=by, at=at)
    before, after = publish(
        session, edition, _published(session, table), replacing=replace, by=by, at=at, reason=reason
    )
    note(
        session, "sale_edition.published", table, edition, by=by, at=at,
        before=before, after=after | _below(below), reason=told(reason),
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
) -> SaleEdition:
    """Change a draft's days and rows, or the end of a published edition.

    Until it has begun, a published edition may change its rows and its beginning too.
    """
    need(by, "sale_prices.edit")
    table = lock_table(session, by, table_id)
    edition = edition_of(session, by, table_id, edition_id)
    check_version(edition.version, version)
    published = edition.state != EditionState.DRAFT
    if published:
        need(by, "sale_prices.publish")
        touched = "rows" in changes or "some" in changes
        check_not_frozen(edition, at, changes.get("period"), rows=touched)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if "period" in changes:
        before, after = move(
            session, edition, _published(session, table), changes, by=by, at=at, reason=reason
        )
    if "rows" in changes or "some" in changes:
        old, new = _exchange(session, table, edition, changes)
        before, after = before | old, after | new
    if published:
        _check_priced(session, edition)
        after |= _below(answer_for(session, table, edition, by=by, at=at))
    edition.version += 1
    session.flush()
    note(
        session, "sale_edition.moved" if published else "sale_edition.changed", table, edition,
        by=by, at=at, before=before, after=after, reason=told(reason),
    )  # fmt: skip
    if published:
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
    need(by, "sale_prices.edit")
    table = lock_table(session, by, table_id)
    edition = edition_of(session, by, table_id, edition_id)
    check_draft(edition, version)
    rows, *_ = count_rows(session, [edition.id]).get(edition.id, (0,))
    before = period_record(edition.period) | {"items": rows}
    note(session, "sale_edition.deleted", table, edition, by=by, at=at, before=before)
    replace_rows(session, edition.id, ())
    session.delete(edition)
    session.flush()


def _published(session: Session, table: SaleTable) -> Published:
    def check(windows: Sequence[Window]) -> None:
        check_channels(windows, editions_beside(session, table))

    return Published(published_editions(session, table.id), "sale_prices.change_past", check)


def _exchange(
    session: Session, table: SaleTable, edition: SaleEdition, changes: EditionChanges
) -> BeforeAfter:
    """Give an edition other rows; return which ones changed, for the audit trail."""
    portfolio = portfolio_of(session, table, edition.valid_from)
    old = rows_of(session, edition.id)
    if "rows" in changes:
        new = whole_rows(session, resolve_rows(session, changes["rows"], portfolio), portfolio)
        replace_rows(session, edition.id, new)
        return changed_rows(old, new)
    some = resolve_rows(session, changes["some"], portfolio)
    had = {row.product_id: row._replace(confirmed=None) for row in old}
    changed = [row for row in some if had.get(row.product_id) != row]
    exchange_rows(session, edition.id, changed)
    return changed_rows((had[row.product_id] for row in changed if row.product_id in had), changed)


def _check_priced(session: Session, edition: SaleEdition) -> None:
    rows, unpriced, _ = count_rows(session, [edition.id]).get(edition.id, (0, 0, 0))
    if rows == unpriced:
        raise NothingPriced


def _below(count: int) -> dict[str, Any]:
    """Keep how many are sold below acquisition; the audit trail holds no acquisition price."""
    return {"sold_below_acquisition": count} if count else {}
