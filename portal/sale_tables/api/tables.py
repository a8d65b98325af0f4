"""Sale tables."""

from typing import Any, cast

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.errors import invalid
from portal.i18n import N_
from portal.partners.errors import NoSuchServicePoint
from portal.sale_tables import services
from portal.sale_tables.api.door import api
from portal.sale_tables.api.shapes import (
    ChannelName,
    SaleTableIn,
    SaleTableList,
    SaleTableOut,
    SaleTablePatch,
    SaleTableQuery,
)
from portal.sale_tables.forms.guarding import transact
from portal.sale_tables.models import SaleTable
from portal.sale_tables.queries.tables import listed_tables, table_of
from portal.sale_tables.services import NewSaleTable, Opened, SaleTableChanges
from portal.transactions import read
from portal.web.access import actor
from portal.web.endpoint import Answer, expected_version
from portal.web.paging import page_of


@api.get(
    "/sale-tables",
    permission="sale_prices.view",
    query=SaleTableQuery,
    answer=SaleTableList,
    summary="List sale tables",
)
def list_sale_tables(query: SaleTableQuery) -> Any:
    """`q` looks for words in the name; `service_point` is a code."""
    wanted = listed_tables(
        actor(),
        search=query.q,
        service_point=query.service_point or "",
        channel=query.channel or "",
    )
    page = read(page_of, wanted, order=(SaleTable.id,), cursor=query.cursor, limit=query.limit)
    return SaleTableList(items=[SaleTableOut(**_facts(one)) for one in page.items], next=page.next)


@api.post(
    "/sale-tables",
    permission="sale_prices.edit",
    body=SaleTableIn,
    answer=SaleTableOut,
    status=201,
    summary="Put a sale table on file",
)
def create_sale_table(body: SaleTableIn) -> Any:
    """`edition` is a draft with all products that the service point may buy, to be priced."""
    opened = transact(_create, body, actor())
    shown = SaleTableOut(**_facts(opened.table), edition=opened.draft.id)
    return Answer(shown, etag=opened.table.version)


@api.get(
    "/sale-tables/<int:table_id>",
    permission="sale_prices.view",
    answer=SaleTableOut,
    summary="Read a sale table",
)
def read_sale_table(table_id: int) -> Any:
    """Another service point's table is 404."""
    return _answer(read(table_of, actor(), table_id))


@api.patch(
    "/sale-tables/<int:table_id>",
    permission="sale_prices.edit",
    body=SaleTablePatch,
    answer=SaleTableOut,
    errors=(409, 412),
    summary="Change a sale table",
)
def change_sale_table(table_id: int, body: SaleTablePatch) -> Any:
    """Other channels must not meet another table's (409 `window_overlap`); for days in the past
    they need permission and a `reason`.
    """
    changes: SaleTableChanges = {}
    if "name" in body.model_fields_set:
        changes["name"] = body.name
    if "channels" in body.model_fields_set:
        changes["channels"] = body.channels
    changed = transact(
        services.change_table,
        table_id,
        changes,
        by=actor(),
        at=now(),
        reason=body.reason,
        version=expected_version(),
    )
    return _answer(changed)


def _create(session: Session, body: SaleTableIn, by: Actor) -> Opened:
    facts = NewSaleTable(body.name, body.service_point, body.channels, body.valid_from)
    try:
        return services.create_table(session, facts, by=by, at=now())
    except NoSuchServicePoint:
        text = N_("There is no service point with this code.")
        raise invalid("service_point", text, "unknown_service_point") from None


def _facts(table: SaleTable) -> dict[str, Any]:
    return {
        "id": table.id,
        "name": table.name,
        "service_point": table.service_point.code,
        "channels": [cast(ChannelName, str(channel)) for channel in table.channels],
        "created_at": table.created_at,
    }


def _answer(table: SaleTable) -> Answer:
    return Answer(SaleTableOut(**_facts(table)), etag=table.version)
