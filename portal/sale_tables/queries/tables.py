"""Sale tables: who may see them, and what lists show."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.partners.models import ServicePoint
from portal.pricing.queries.states import narrowed_to_state, state_columns
from portal.sale_tables.errors import NoSuchSaleTable
from portal.sale_tables.models import Channel, SaleEdition, SaleTable
from portal.texts import holds_words

_OF_TABLE = SaleEdition.sale_table_id == SaleTable.id


def visible(by: Actor) -> ColumnElement[bool]:
    """Return the condition that keeps a select to the tables of the actor's service points."""
    return by.scope(SaleTable.service_point_id)


def table_of(session: Session, by: Actor, table_id: int) -> SaleTable:
    """Return a sale table that the actor may see; NoSuchSaleTable for any other."""
    wanted = select(SaleTable).where(SaleTable.id == table_id, visible(by))
    if (table := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchSaleTable(table_id)
    return table


def listed_tables(
    by: Actor, *, search: str = "", service_point: str = "", channel: str = ""
) -> Select[tuple[SaleTable]]:
    """Return the select of the tables that a list asks for, without order.

    Their service points are joined, so that a list may be sorted by them.
    """
    wanted = (
        select(SaleTable)
        .join(ServicePoint, ServicePoint.id == SaleTable.service_point_id)
        .where(visible(by), holds_words(search, SaleTable.name))
    )
    if service_point:
        wanted = wanted.where(ServicePoint.code == service_point)
    return wanted.where(sold_at(channel)) if channel else wanted


def tables_with_state(by: Actor, day: date) -> Select[Any]:
    """Return the select of tables with since, until and next change on a day."""
    return (
        select(SaleTable, *state_columns(SaleTable, SaleEdition, _OF_TABLE, day))
        .join(ServicePoint, ServicePoint.id == SaleTable.service_point_id)
        .where(visible(by))
    )


def having_state(wanted: Select[Any], state: str, day: date) -> Select[Any]:
    """Narrow a select of tables to those with prices on the day, without, or with drafts."""
    return narrowed_to_state(wanted, SaleEdition, _OF_TABLE, state, day)


def sold_at(channel: str) -> ColumnElement[bool]:
    """Return the condition that a table is of a channel; other systems use the back office's."""
    sold = SaleTable.site if channel == Channel.SITE else SaleTable.back_office
    return sold == true()


def shares_channel(table: SaleTable) -> ColumnElement[bool]:
    """Return the condition that another table of the service point shares a channel with it."""
    shared = SaleTable.back_office if table.back_office else ~true()
    if table.site:
        shared = shared | SaleTable.site
    return and_(
        SaleTable.service_point_id == table.service_point_id, SaleTable.id != table.id, shared
    )
