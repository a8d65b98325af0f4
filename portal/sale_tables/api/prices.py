"""Prices of sale editions made from others: copied, filled by a percentage."""

from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.periods import Period
from portal.pricing.services import Change
from portal.sale_tables import services
from portal.sale_tables.api.door import api
from portal.sale_tables.api.editions import Found, shown
from portal.sale_tables.api.shapes import SaleCopyIn, SaleEditionOut, SaleFillIn, SaleFillOut
from portal.sale_tables.queries.editions import rows_by_sku
from portal.transactions import transact
from portal.web.access import actor
from portal.web.endpoint import expected_version


@api.post(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>/copy",
    permission="sale_prices.edit",
    body=SaleCopyIn,
    answer=SaleEditionOut,
    status=201,
    summary="Draft a sale edition from another",
)
def copy_sale_edition(table_id: int, edition_id: int, body: SaleCopyIn) -> Any:
    """All prices up or down by `percent`, rounded. Products follow the portfolio of the new first
    day: what left it is dropped, what joined comes in to be priced.
    """
    return shown(*transact(_copy, table_id, edition_id, body, actor()))


@api.post(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>/fill",
    permission="sale_prices.edit",
    body=SaleFillIn,
    answer=SaleFillOut,
    status=200,
    errors=(409, 412),
    summary="Price a draft by a percentage",
)
def fill_sale_edition(table_id: int, edition_id: int, body: SaleFillIn) -> Any:
    """Over the acquisition price of the first day, for those who may see it, or over the suggested
    one. What has no such price stays as it is.
    """
    change = Change(body.percent, body.rounding_step, body.rounding_ending)
    filling = services.Filling(body.basis, body.into, change, body.only_empty)
    filled = transact(
        services.fill_edition,
        table_id,
        edition_id,
        filling,
        by=actor(),
        at=now(),
        version=expected_version(),
    )
    return SaleFillOut(filled=filled)


def _copy(session: Session, table_id: int, edition_id: int, body: SaleCopyIn, by: Actor) -> Found:
    copied = services.copy_edition(
        session,
        table_id,
        edition_id,
        Period(body.valid_from, body.valid_until),
        Change(body.percent, body.rounding_step, body.rounding_ending),
        by=by,
        at=now(),
        into=body.into,
    )
    return copied, rows_by_sku(session, copied.id)
