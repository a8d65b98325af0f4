"""Orders: place, list, read, correct."""

from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from portal.clock import now
from portal.orders.api.door import api, filtered, note_guess, of_order, of_placed
from portal.orders.api.shapes import OrderIn, OrderList, OrderOut, OrderPatch, OrderQuery
from portal.orders.errors import (
    OnNotAllowed,
    PriceNotAllowed,
    UnknownCustomer,
    UnknownReferrer,
    UnknownSalesCondition,
)
from portal.orders.models import Order
from portal.orders.queries.orders import of_state, order_of, orders
from portal.orders.rules import Wanted
from portal.orders.rules.answers import summary_body
from portal.orders.services import (
    SaleChanges,
    change_sale,
    note_refused_correction,
    place_order,
    save_draft,
)
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.answers import Answer
from portal.web.endpoint import expected_version
from portal.web.idempotency import Sealing, answer_once
from portal.web.lists import api_page
from portal.wire import Carrier


@api.post(
    "/orders",
    permission="orders.place",
    body=OrderIn,
    answer=OrderOut,
    status=201,
    keyed=True,
    costly=filtered,
    errors=(404, 409, 422),
    summary="Place an order, or keep a draft",
)
def place(body: OrderIn) -> Any:
    """One transaction prices the lines, stores the order and debits the account; a repeated key
    gets the first answer. With `draft` nothing is priced and nothing debited.
    """
    wanted, by, at = body.wanted(), actor(), now()
    if body.draft:
        return answer_once(lambda session: _keep(session, body))
    refused: list[PriceNotAllowed] = []

    def deed(connection: Carrier, sealing: Sealing) -> Answer:
        _check_references(body)
        try:
            placed = place_order(connection, wanted, by=by, at=at, seal=sealing(of_placed))
        except PriceNotAllowed as refusal:
            refused[:] = [refusal]
            raise
        return sealing.answer or of_placed(placed)

    answer = answer_once(deed, seals=True, finds=True)
    _note(wanted, refused)
    return answer


def _keep(session: Session, body: OrderIn) -> Answer:
    _check_references(body)
    return of_order(session, save_draft(session, body.wanted(), by=actor(), at=now()))


def _check_references(body: OrderIn) -> None:
    """Refuse what does not exist yet, and a day."""
    if "on" in body.model_fields_set:
        raise OnNotAllowed
    if body.customer is not None:
        raise UnknownCustomer
    if body.referrer is not None:
        raise UnknownReferrer
    if body.sales_condition is not None:
        raise UnknownSalesCondition


def _note(wanted: Wanted, refused: list[PriceNotAllowed]) -> None:
    for refusal in refused:
        note_guess(wanted, refusal)


@api.get(
    "/orders",
    permission="orders.view",
    query=OrderQuery,
    answer=OrderList,
    costly=filtered,
    summary="List orders",
)
def list_orders(query: OrderQuery) -> Any:
    """Newest first, those of the token's service points. With `from` or `to` by the day on which
    they were placed, so without drafts.
    """
    if query.customer is not None:
        return {"items": [], "next": None}
    at = now()
    wanted = orders(
        actor(),
        service_point=query.service_point,
        status=None if query.status is None else of_state(query.status, at),
        begin=query.begin,
        end=query.end,
        external_reference=query.external_reference,
    )
    newest = (Order.id.desc(),)
    dated = query.begin is not None or query.end is not None
    order = (Order.day.desc(), *newest) if dated else newest
    shape = partial(summary_body, at=at)
    return read(api_page, wanted, shape, order=order, cursor=query.cursor, limit=query.limit)


@api.get(
    "/orders/<int:number>",
    permission="orders.view",
    answer=OrderOut,
    costly=filtered,
    errors=(404,),
    summary="Read an order",
)
def read_order(number: int) -> Any:
    """With the prices, editions and reasons that it was placed with."""
    return read(_read, number)


def _read(session: Session, number: int) -> Answer:
    return of_order(session, order_of(session, actor(), number))


@api.patch(
    "/orders/<int:number>",
    permission="orders.edit_sale",
    body=OrderPatch,
    answer=OrderOut,
    costly=filtered,
    errors=(404, 409, 412, 422),
    summary="Correct the sale side of an order",
)
def correct(number: int, body: OrderPatch) -> Any:
    """Only what is sent changes; what the order cost never does."""
    sent = body.model_fields_set
    if body.customer is not None:
        raise UnknownCustomer
    values: dict[str, Any] = {
        name: getattr(body, name)
        for name in ("kind", "document_type", "external_reference")
        if name in sent
    }
    if "payments" in sent:
        paid = body.payments
        values["payments"] = None if paid is None else [one.plain() for one in paid]
    prices = {line.position: line.unit_price for line in body.lines}
    version = expected_version()
    try:
        return transact(_correct, number, SaleChanges(values, prices), version)
    except PriceNotAllowed as refusal:
        transact(note_refused_correction, number, prices, refusal, by=actor(), at=now())
        raise


def _correct(session: Session, number: int, changes: SaleChanges, version: int | None) -> Answer:
    order = change_sale(session, number, changes, by=actor(), at=now(), version=version)
    return of_order(session, order)
