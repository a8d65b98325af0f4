"""Sale tables are put on file and changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import difference
from portal.catalogue.services import touch_offers
from portal.clock import day_of
from portal.errors import invalid
from portal.i18n import N_
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.periods import ONE_DAY, Period
from portal.pricing.rules.windows import check_period, window_of
from portal.pricing.services.guards import allow_past, hold, need, note, told
from portal.sale_tables.models import NAME_LENGTH, Channel, SaleEdition, SaleTable
from portal.sale_tables.queries.editions import editions_beside, published_editions
from portal.sale_tables.rules.channels import check_channels
from portal.sale_tables.services.below import answer_for
from portal.sale_tables.services.editions import draft
from portal.sale_tables.services.guards import lock_table
from portal.sale_tables.services.rows import portfolio_of, whole_rows
from portal.texts import name_of


@dataclass(frozen=True, slots=True)
class NewSaleTable:
    """What is told about a sale table when it is put on file; its first edition begins today."""

    name: str
    service_point: str
    channels: Collection[str]
    begins: date | None = None


class SaleTableChanges(TypedDict, total=False):
    """What of a table is to be another; what is left out stays."""

    name: str
    channels: Collection[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A new table, and the draft that holds all products of the portfolio."""

    table: SaleTable
    draft: SaleEdition


def create_table(session: Session, facts: NewSaleTable, *, by: Actor, at: datetime) -> Opened:
    """Put a sale table on file, with a draft of all that the service point may buy."""
    need(by, "sale_prices.edit")
    point = service_point_of(session, by, facts.service_point)
    channels = clean_channels(facts.channels)
    hold(session, ServicePoint, point.id)
    table = SaleTable(
        service_point_id=point.id,
        name=name_of("name", facts.name, NAME_LENGTH),
        back_office=Channel.BACK_OFFICE in channels,
        site=Channel.SITE in channels,
        created_at=at,
    )
    session.add(table)
    session.flush()
    session.refresh(table)
    note(session, "sale_table.created", table, by=by, at=at, after=record_of(table))
    period = check_period(Period(facts.begins or day_of(at)))
    rows = whole_rows(session, (), portfolio_of(session, table, period.start))
    return Opened(table, draft(session, table, period, rows, by=by, at=at))


def change_table(
    session: Session,
    table_id: int,
    changes: SaleTableChanges,
    *,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    version: int | None = None,
) -> SaleTable:
    """Rename a table, or sell its prices elsewhere.

    Other channels change days on which an edition was in force: that takes the permission to
    change the past, and a reason.
    """
    need(by, "sale_prices.edit")
    table = lock_table(session, by, table_id, version)
    before = record_of(table)
    if "name" in changes:
        table.name = name_of("name", changes["name"], NAME_LENGTH)
    if "channels" in changes:
        _move_channels(session, table, changes["channels"], by=by, at=at, reason=reason)
    session.flush()
    old, new = difference(before, record_of(table))
    if old or new:
        note(
            session, "sale_table.changed", table, by=by, at=at,
            before=old, after=new, reason=told(reason),
        )  # fmt: skip
        touch_offers(session)
    return table


def clean_channels(channels: Collection[str]) -> set[Channel]:
    """Return the channels; Invalid when there is none, or one that is not known."""
    if not channels:
        raise invalid("channels", N_("Choose the back office, the site, or both."), "required")
    if unknown := set(channels) - set(Channel):
        text = N_("There is no channel %(channel)s.")
        raise invalid("channels", text, channel=min(unknown))
    return {Channel(channel) for channel in channels}


def record_of(table: SaleTable) -> dict[str, Any]:
    """Return a table as the audit trail keeps it."""
    return {
        "name": table.name,
        "service_point": table.service_point.code,
        "channels": [str(channel) for channel in table.channels],
    }


def _move_channels(
    session: Session,
    table: SaleTable,
    wanted: Collection[str],
    *,
    by: Actor,
    at: datetime,
    reason: str | None,
) -> None:
    channels = clean_channels(wanted)
    if channels == set(table.channels):
        return
    standing = published_editions(session, table.id)
    if standing:
        need(by, "sale_prices.publish")
    if any(edition.valid_from <= day_of(at) - ONE_DAY for edition in standing):
        allow_past(by, "sale_prices.change_past", reason)
    table.back_office = Channel.BACK_OFFICE in channels
    table.site = Channel.SITE in channels
    session.flush()
    check_channels(map(window_of, standing), editions_beside(session, table))
    for edition in standing:
        if edition.period.last >= day_of(at):
            answer_for(session, table, edition, by=by, at=at)
