"""Sale prices below acquisition, or below a margin: listed, and confirmed for the site."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.money import PERCENT_SCALE, round_half_up
from portal.sale_tables import services
from portal.sale_tables.api.door import api
from portal.sale_tables.api.shapes import (
    BelowList,
    BelowOnQuery,
    BelowOut,
    BelowQuery,
    SaleConfirmIn,
    SaleConfirmOut,
)
from portal.sale_tables.queries.below import BelowRow, below_rows, fallen_by
from portal.sale_tables.queries.editions import edition_of
from portal.sale_tables.queries.tables import table_of
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.paging import page_of_all
from portal.web.shapes import ListQuery


@api.get(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>/below",
    permission="costs.view",
    query=BelowOnQuery,
    answer=BelowList,
    summary="List the rows of a sale edition that are below acquisition, or below a margin",
)
def list_rows_below(table_id: int, edition_id: int, query: BelowOnQuery) -> Any:
    """`acquisition_before` is the price of the edition's first day."""
    day = query.on or today()
    return _list(read(_below, actor(), table_id, edition_id, day, query.margin), query)


@api.get(
    "/price-tables/<int:table_id>/editions/<int:edition_id>/below",
    permission="costs.view",
    query=BelowQuery,
    answer=BelowList,
    summary="List the sale prices that an acquisition edition leaves below it, or below a margin",
)
def list_fallen_rows(table_id: int, edition_id: int, query: BelowQuery) -> Any:
    """Of all sale tables that it reaches; drafts as if they were published."""
    return _list(read(fallen_by, actor(), table_id, edition_id, margin=query.margin), query)


@api.post(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>/confirm",
    permission="sale_prices.publish",
    body=SaleConfirmIn,
    answer=SaleConfirmOut,
    status=200,
    summary="Let the site sell rows that fell below acquisition",
)
def confirm_below(table_id: int, edition_id: int, body: SaleConfirmIn) -> Any:
    """Needs the permission to sell below acquisition; it holds up to today's acquisition price."""
    confirmed = transact(
        services.confirm_below, table_id, edition_id, body.skus, by=actor(), at=now()
    )
    return SaleConfirmOut(confirmed=confirmed)


def _below(
    session: Session, by: Actor, table_id: int, edition_id: int, day: date, margin: Decimal | None
) -> list[BelowRow]:
    table = table_of(session, by, table_id)
    edition = edition_of(session, by, table.id, edition_id)
    return below_rows(session, by, table, edition, day, margin=margin)


def _list(rows: list[BelowRow], query: ListQuery) -> BelowList:
    page = page_of_all(rows, key=_place, cursor=query.cursor, limit=query.limit)
    return BelowList(items=[_shown(row) for row in page.items], next=page.next)


def _place(row: BelowRow) -> tuple[int, int]:
    return row.edition_id, row.product_id


def _shown(row: BelowRow) -> BelowOut:
    return BelowOut(
        sku=row.sku,
        name=row.name,
        service_point=row.service_point_code,
        sale_table=row.sale_table_id,
        edition=row.edition_id,
        price=row.price,
        acquisition=row.acquisition,
        acquisition_before=row.acquisition_before,
        margin_percent=round_half_up(row.margin_percent, PERCENT_SCALE),
        on_site=row.on_site,
        left_site=row.left_site,
    )
