"""What every deed on sale prices checks first, and how it is written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.partners.models import ServicePoint
from portal.pricing.services.guards import check_version
from portal.sale_tables.errors import NoSuchSaleTable
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.tables import table_of


def lock_table(session: Session, by: Actor, table_id: int, version: int | None = None) -> SaleTable:
    """Return the table, which nobody else changes until the end, nor another of its service point.

    The service point's row is written before anything is looked at: of two who publish at once,
    in whichever of its tables, the second waits here and then sees what the first has published.
    """
    seen = table_of(session, by, table_id)
    lock_point(session, seen.service_point_id)
    write = update(SaleTable).where(SaleTable.id == table_id)
    write = write.values(version=SaleTable.version + 1)
    session.execute(write, execution_options={"synchronize_session": False})
    table = session.get(SaleTable, table_id, populate_existing=True)
    if table is None:
        raise NoSuchSaleTable(table_id)
    check_version(table.version - 1, version)
    return table


def lock_point(session: Session, service_point_id: int) -> None:
    """Hold a service point until the end: what is told of it does not change meanwhile."""
    write = update(ServicePoint).where(ServicePoint.id == service_point_id)
    write = write.values(version=ServicePoint.version + 1)
    session.execute(write, execution_options={"synchronize_session": False})


def note(
    session: Session,
    action: str,
    table: SaleTable,
    edition: SaleEdition | None = None,
    *,
    by: Actor,
    at: datetime,
    **facts: Any,
) -> None:
    """Write a deed down, under its table; acquisition prices are none of its facts."""
    if edition is not None:
        for name in ("before", "after"):
            if facts.get(name):
                facts[name] = {"edition": edition.number} | facts[name]
    record(
        session,
        by=by,
        action=action,
        entity=("sale_table", table.id),
        at=at,
        service_point_id=table.service_point_id,
        **facts,
    )
