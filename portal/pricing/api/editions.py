"""Editions of price tables."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.pricing import services
from portal.pricing.api.door import api
from portal.pricing.api.shapes import (
    EditionIn,
    EditionList,
    EditionOut,
    EditionPatch,
    ItemIn,
    ItemOut,
)
from portal.pricing.forms.files import edition_file
from portal.pricing.forms.sent import FileQuery, PublishIn, facts_of, with_rows
from portal.pricing.models import Edition, EditionItem, PriceTable
from portal.pricing.queries.editions import edition_of, editions_of, items_by_sku
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.items import NewItem
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.services import EditionChanges
from portal.pricing.services.guards import lock_table
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, expected_version
from portal.web.exports import XLSX_TYPE
from portal.web.paging import Page, page_of
from portal.web.shapes import ListQuery

Row = tuple[EditionItem, str, str]
Found = tuple[Edition, Sequence[Row]]


@api.get(
    "/price-tables/<int:table_id>/editions",
    permission="prices.view",
    query=ListQuery,
    answer=EditionList,
    summary="List the editions of a price table",
)
def list_editions(table_id: int, query: ListQuery) -> Any:
    """By their numbers, without items."""
    page = read(_page, actor(), table_id, query)
    return EditionList(items=[EditionOut(**_head(one)) for one in page.items], next=page.next)


@api.post(
    "/price-tables/<int:table_id>/editions",
    permission="prices.edit",
    body=EditionIn,
    answer=EditionOut,
    status=201,
    errors=(409,),
    summary="Draft an edition, and publish it",
)
def create_edition(table_id: int, body: EditionIn) -> Any:
    """With `publish` it is put in force too, or nothing is stored; see `/publish`."""
    return _answer(*transact(with_rows, items_by_sku, _create, table_id, body, actor()))


@api.get(
    "/price-tables/<int:table_id>/editions/<int:edition_id>",
    permission="prices.view",
    query=FileQuery,
    answer=EditionOut,
    files=("text/csv", XLSX_TYPE),
    summary="Read an edition with its items",
)
def read_edition(table_id: int, edition_id: int, query: FileQuery) -> Any:
    """With `format=csv` or `xlsx` the file that import takes back."""
    table, edition, rows = read(_edition, actor(), table_id, edition_id)
    if query.format is not None:
        percentages = takes_percentages(table.calculation)
        return edition_file(edition, rows, query.format, percentages=percentages)
    return _answer(edition, rows)


@api.patch(
    "/price-tables/<int:table_id>/editions/<int:edition_id>",
    permission="prices.edit",
    body=EditionPatch,
    answer=EditionOut,
    errors=(409, 412),
    summary="Move the end of an edition, or change a draft",
)
def change_edition(table_id: int, edition_id: int, body: EditionPatch) -> Any:
    """With `move_next` the next edition begins the day after the new end.

    What is in force keeps its items and its beginning (409 `edition_frozen`).
    """
    changed = transact(
        with_rows, items_by_sku, _change, table_id, edition_id, body, actor(),
        version=expected_version(),
    )  # fmt: skip
    return _answer(*changed)


@api.delete(
    "/price-tables/<int:table_id>/editions/<int:edition_id>",
    permission="prices.edit",
    status=204,
    errors=(409, 412),
    summary="Delete a draft",
)
def delete_edition(table_id: int, edition_id: int) -> Any:
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
    "/price-tables/<int:table_id>/editions/<int:edition_id>/publish",
    permission="prices.publish",
    body=PublishIn,
    answer=EditionOut,
    errors=(409, 412),
    summary="Publish a draft",
)
def publish_edition(table_id: int, edition_id: int, body: PublishIn) -> Any:
    """An open edition that runs ends the day before; any other overlap is 409 `window_overlap`.

    With `replace` editions that began before end the day before, those that begin inside are
    superseded. Published days in the past change only with permission and a `reason`.
    """
    published = transact(
        with_rows, items_by_sku, services.publish_edition, table_id, edition_id,
        by=actor(), at=now(), replace=body.replace, reason=body.reason, version=expected_version(),
    )  # fmt: skip
    return _answer(*published)


def _page(session: Session, by: Actor, table_id: int, query: ListQuery) -> Page[Any]:
    table = table_of(session, by, table_id)
    wanted = editions_of(table.id)
    return page_of(session, wanted, order=(Edition.id,), cursor=query.cursor, limit=query.limit)


def _edition(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[PriceTable, Edition, Sequence[Row]]:
    table = table_of(session, by, table_id)
    edition = edition_of(session, table.id, edition_id)
    return table, edition, items_by_sku(session, edition.id)


def _create(session: Session, table_id: int, body: EditionIn, by: Actor) -> Edition:
    items = [_item(item) for item in body.items]
    if not body.publish:
        return services.create_edition(session, table_id, body.period, items, by=by, at=now())
    return services.create_and_publish(
        session, table_id, body.period, items, by=by, at=now(),
        replace=body.replace, reason=body.reason,
    )  # fmt: skip


def _change(
    session: Session,
    table_id: int,
    edition_id: int,
    body: EditionPatch,
    by: Actor,
    *,
    version: int | None,
) -> Edition:
    present = edition_of(session, lock_table(session, by, table_id).id, edition_id)
    changes: EditionChanges = {}
    if (days := body.days(present)) is not None:
        changes["period"], changes["move_next"] = days, body.move_next
    if "items" in body.model_fields_set:
        changes["items"] = [_item(item) for item in body.items]
    return services.change_edition(
        session, table_id, edition_id, changes, by=by, at=now(), reason=body.reason, version=version
    )


def _item(sent: ItemIn) -> NewItem:
    return NewItem(sent.sku, sent.price, sent.percent, sent.min_quantity, sent.free)


def _head(edition: Edition) -> dict[str, Any]:
    return facts_of(edition) | {"price_table": edition.price_table_id}


def _answer(edition: Edition, rows: Sequence[Row]) -> Answer:
    items = [_shown(item, sku) for item, sku, _name in rows]
    return Answer(EditionOut(**_head(edition), items=items), etag=edition.version)


def _shown(item: EditionItem, sku: str) -> ItemOut:
    minimum = item.min_quantity or None
    if item.price is not None:
        return ItemOut(sku=sku, min_quantity=minimum, price=item.price, free=item.free)
    return ItemOut(sku=sku, min_quantity=minimum, percent=item.percent, free=item.free)
