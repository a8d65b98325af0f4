"""Editions of sale tables."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.pricing.forms.sent import FileQuery, facts_of, with_rows
from portal.sale_tables import services
from portal.sale_tables.api.door import api
from portal.sale_tables.api.shapes import (
    SaleEditionIn,
    SaleEditionList,
    SaleEditionOut,
    SaleEditionPatch,
    SaleItemIn,
    SaleItemOut,
    SalePublishIn,
)
from portal.sale_tables.forms.files import edition_file
from portal.sale_tables.forms.guarding import transact
from portal.sale_tables.models import SaleEdition, SaleItem
from portal.sale_tables.queries.editions import edition_of, editions_of, rows_by_sku
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules import NewRow
from portal.sale_tables.services import EditionChanges, lock_table
from portal.transactions import read
from portal.web.access import actor
from portal.web.endpoint import Answer, expected_version
from portal.web.exports import XLSX_TYPE
from portal.web.paging import Page, page_of
from portal.web.shapes import ListQuery

Row = tuple[SaleItem, str, str]
Found = tuple[SaleEdition, Sequence[Row]]


@api.get(
    "/sale-tables/<int:table_id>/editions",
    permission="sale_prices.view",
    query=ListQuery,
    answer=SaleEditionList,
    summary="List the editions of a sale table",
)
def list_sale_editions(table_id: int, query: ListQuery) -> Any:
    """By their numbers, without items."""
    page = read(_page, actor(), table_id, query)
    heads = [SaleEditionOut(**head(one)) for one in page.items]
    return SaleEditionList(items=heads, next=page.next)


@api.post(
    "/sale-tables/<int:table_id>/editions",
    permission="sale_prices.edit",
    body=SaleEditionIn,
    answer=SaleEditionOut,
    status=201,
    errors=(409,),
    summary="Draft a sale edition, and publish it",
)
def create_sale_edition(table_id: int, body: SaleEditionIn) -> Any:
    """Products of the portfolio that are not sent come in to be priced; others are refused
    (`not_in_portfolio`). With `publish` it is put in force too, or nothing is stored.
    """
    return shown(*transact(with_rows, rows_by_sku, _create, table_id, body, actor()))


@api.get(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>",
    permission="sale_prices.view",
    query=FileQuery,
    answer=SaleEditionOut,
    files=("text/csv", XLSX_TYPE),
    summary="Read a sale edition with its items",
)
def read_sale_edition(table_id: int, edition_id: int, query: FileQuery) -> Any:
    """With `format=csv` or `xlsx` the file that import takes back."""
    edition, rows = read(_edition, actor(), table_id, edition_id)
    if query.format is not None:
        return edition_file(edition, rows, query.format)
    return shown(edition, rows)


@api.patch(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>",
    permission="sale_prices.edit",
    body=SaleEditionPatch,
    answer=SaleEditionOut,
    errors=(409, 412),
    summary="Move the end of a sale edition, or change a draft",
)
def change_sale_edition(table_id: int, edition_id: int, body: SaleEditionPatch) -> Any:
    """With `move_next` the next edition begins the day after the new end.

    What is in force keeps its items and its beginning (409 `edition_frozen`).
    """
    changed = transact(
        with_rows, rows_by_sku, _change, table_id, edition_id, body, actor(),
        version=expected_version(),
    )  # fmt: skip
    return shown(*changed)


@api.delete(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>",
    permission="sale_prices.edit",
    status=204,
    errors=(409, 412),
    summary="Delete a draft of a sale edition",
)
def delete_sale_edition(table_id: int, edition_id: int) -> Any:
    """What was published stays (409 `edition_frozen`)."""
    transact(
        services.delete_draft,
        table_id,
        edition_id,
        by=actor(),
        at=now(),
        version=expected_version(),
    )
    return Answer()


@api.post(
    "/sale-tables/<int:table_id>/editions/<int:edition_id>/publish",
    permission="sale_prices.publish",
    body=SalePublishIn,
    answer=SaleEditionOut,
    errors=(409, 412, 429),
    summary="Publish a draft of a sale edition",
)
def publish_sale_edition(table_id: int, edition_id: int, body: SalePublishIn) -> Any:
    """An open edition of the table ends the day before; any other overlap, with another table of
    the same channel too, is 409 `window_overlap`. With `replace` the table's own editions make
    room. Rows on the site below acquisition need the permission to sell so.
    """
    published = transact(
        with_rows, rows_by_sku, services.publish_edition, table_id, edition_id,
        by=actor(), at=now(), replace=body.replace, reason=body.reason, version=expected_version(),
    )  # fmt: skip
    return shown(*published)


def head(edition: SaleEdition) -> dict[str, Any]:
    """Return an edition as lists write it."""
    return facts_of(edition) | {"sale_table": edition.sale_table_id}


def shown(edition: SaleEdition, rows: Sequence[Row]) -> Answer:
    """Answer with an edition and its rows."""
    sees_costs = actor().sees_costs
    items = [_item(item, sku, sees_costs=sees_costs) for item, sku, _name in rows]
    return Answer(SaleEditionOut(**head(edition), items=items), etag=edition.version)


def _item(item: SaleItem, sku: str, *, sees_costs: bool) -> SaleItemOut:
    below = {"confirmed_below": item.confirmed_at is not None} if sees_costs else {}
    return SaleItemOut(
        sku=sku,
        suggested_price=item.suggested_price,
        sale_price=item.sale_price,
        price=item.price,
        on_site=item.on_site,
        **below,
    )


def _page(session: Session, by: Actor, table_id: int, query: ListQuery) -> Page[Any]:
    wanted = editions_of(by, table_of(session, by, table_id).id)
    return page_of(session, wanted, order=(SaleEdition.id,), cursor=query.cursor, limit=query.limit)


def _edition(session: Session, by: Actor, table_id: int, edition_id: int) -> Found:
    table = table_of(session, by, table_id)
    edition = edition_of(session, by, table.id, edition_id)
    return edition, rows_by_sku(session, edition.id)


def _create(session: Session, table_id: int, body: SaleEditionIn, by: Actor) -> SaleEdition:
    rows = [_row(item) for item in body.items]
    if not body.publish:
        return services.create_edition(session, table_id, body.period, rows, by=by, at=now())
    return services.create_and_publish(
        session, table_id, body.period, rows, by=by, at=now(),
        replace=body.replace, reason=body.reason,
    )  # fmt: skip


def _change(
    session: Session,
    table_id: int,
    edition_id: int,
    body: SaleEditionPatch,
    by: Actor,
    *,
    version: int | None,
) -> SaleEdition:
    present = edition_of(session, by, lock_table(session, by, table_id).id, edition_id)
    changes: EditionChanges = {}
    if (days := body.days(present)) is not None:
        changes["period"], changes["move_next"] = days, body.move_next
    if "items" in body.model_fields_set:
        changes["rows"] = [_row(item) for item in body.items]
    return services.change_edition(
        session, table_id, edition_id, changes, by=by, at=now(), reason=body.reason, version=version
    )


def _row(sent: SaleItemIn) -> NewRow:
    return NewRow(sent.sku, sent.suggested_price, sent.sale_price, sent.on_site)
