"""What every deed on sale prices checks first: that nobody else changes them until the end."""

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.partners.models import ServicePoint
from portal.pricing.services.guards import held_table, hold
from portal.sale_tables.models import SaleTable
from portal.sale_tables.queries.tables import table_of


def lock_table(session: Session, by: Actor, table_id: int, version: int | None = None) -> SaleTable:
    """Return the table, which nobody else changes until the end, nor another of its service point.

    Of two who publish at once, in whichever of its tables, the second waits here and then sees
    what the first has published.
    """
    hold(session, ServicePoint, table_of(session, by, table_id).service_point_id)
    return held_table(session, SaleTable, table_id, version)
