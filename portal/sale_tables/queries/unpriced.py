"""How many products wait for a price in the sale tables in force: a fixed number of statements."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.pricing.models import EditionState
from portal.pricing.queries.portfolio import load_portfolios
from portal.sale_tables.models import SaleEdition, SaleItem, SaleTable
from portal.sale_tables.queries.editions import is_to_be_priced
from portal.sale_tables.queries.tables import visible


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A sale table in force, and how many of its products cannot be sold for want of a price."""

    table: SaleTable
    count: int


def unpriced_tables(
    session: Session, by: Actor, day: date, service_point_id: int | None = None
) -> list[Unpriced]:
    """Return the tables in force, those of one service point or all that the actor may see."""
    wanted = (
        select(SaleTable, SaleEdition.id)
        .join(SaleEdition, SaleEdition.sale_table_id == SaleTable.id)
        .where(
            visible(by),
            SaleEdition.state == EditionState.PUBLISHED,
            SaleEdition.valid_from <= day,
            SaleEdition.valid_until >= day,
        )
        .order_by(SaleTable.name, SaleTable.id)
    )
    if service_point_id is not None:
        wanted = wanted.where(SaleTable.service_point_id == service_point_id)
    found = session.execute(wanted).tuples().all()
    if not found:
        return []
    points = {table.service_point_id for table, _edition in found}
    portfolios = load_portfolios(session, service_point_ids=points, day=day)
    priced = _priced(session, [edition for _table, edition in found])
    inactive = inactive_products(session)
    return [
        Unpriced(
            table,
            len(portfolios[table.service_point_id].product_ids() - inactive - priced[edition]),
        )
        for table, edition in found
    ]


def inactive_products(session: Session) -> set[int]:
    """Return the products that nobody sells any more."""
    return set(session.scalars(select(Product.id).where(~Product.active)))


def _priced(session: Session, editions: list[int]) -> dict[int, set[int]]:
    wanted = select(SaleItem.sale_edition_id, SaleItem.product_id).where(
        SaleItem.sale_edition_id.in_(editions), ~is_to_be_priced()
    )
    priced: dict[int, set[int]] = defaultdict(set)
    for edition, product in session.execute(wanted):
        priced[edition].add(product)
    return priced
