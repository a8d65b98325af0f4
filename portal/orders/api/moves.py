"""Moves of an order: place a draft, fulfil, cancel."""

from typing import Any

from sqlalchemy.orm import Session

from portal.clock import now
from portal.orders.api.door import api, filtered, note_guess, of_order, of_placed
from portal.orders.api.shapes import CancelIn, OrderOut, PlaceIn
from portal.orders.errors import PriceNotAllowed
from portal.orders.queries.orders import order_of
from portal.orders.rules import Wanted
from portal.orders.services import cancel, fulfill, place_draft
from portal.orders.services.drafts import PlacingTerms, wanted_of
from portal.transactions import read
from portal.web.access import actor
from portal.web.answers import Answer
from portal.web.endpoint import expected_version
from portal.web.idempotency import Sealing, answer_once


@api.post(
    "/orders/<int:number>/place",
    permission="orders.place",
    body=PlaceIn,
    answer=OrderOut,
    keyed=True,
    costly=filtered,
    errors=(404, 409, 412, 422),
    summary="Place a draft",
)
def place_one(number: int, body: PlaceIn) -> Any:
    """At the prices of today."""
    by, at = actor(), now()
    terms = PlacingTerms(body.expected_total, expected_version())
    refused: list[PriceNotAllowed] = []

    def deed(session: Session, sealing: Sealing) -> Answer:
        try:
            seal = sealing(of_placed)
            placed = place_draft(session, number, by=by, at=at, seal=seal, terms=terms)
        except PriceNotAllowed as refusal:
            refused[:] = [refusal]
            raise
        return of_placed(placed)

    answer = answer_once(deed, seals=True)
    for refusal in refused:
        note_guess(read(_wanted, number), refusal)
    return answer


def _wanted(session: Session, number: int) -> Wanted:
    return wanted_of(order_of(session, actor(), number))


@api.post(
    "/orders/<int:number>/fulfill",
    permission="orders.fulfill",
    answer=OrderOut,
    keyed=True,
    costly=filtered,
    errors=(404, 409, 412),
    summary="Mark a placed order as fulfilled",
)
def fulfill_one(number: int) -> Any:
    """Only a placed order can be fulfilled."""
    by, at, version = actor(), now(), expected_version()

    def deed(session: Session) -> Answer:
        return of_order(session, fulfill(session, number, by=by, at=at, version=version))

    return answer_once(deed)


@api.post(
    "/orders/<int:number>/cancel",
    permission="orders.cancel",
    body=CancelIn,
    answer=OrderOut,
    keyed=True,
    costly=filtered,
    errors=(404, 409, 412, 422),
    summary="Cancel an order",
)
def cancel_one(number: int, body: CancelIn) -> Any:
    """The credit goes back where it came from, once."""
    by, at, version = actor(), now(), expected_version()

    def deed(session: Session) -> Answer:
        order = cancel(session, number, reason=body.reason, by=by, at=at, version=version)
        return of_order(session, order)

    return answer_once(deed)
