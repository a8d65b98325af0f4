"""What the endpoints of orders share."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.orders.errors import PriceNotAllowed
from portal.orders.models import Order
from portal.orders.queries.wallets import debit_of
from portal.orders.rules import Wanted
from portal.orders.rules.answers import (
    Body,
    deals_with_buyers,
    stored_order_body,
    without_costs,
    without_reach,
)
from portal.orders.rules.pricing import Fault
from portal.orders.services import note_refused_price
from portal.orders.services.placing import Placed
from portal.transactions import transact
from portal.web.access import actor
from portal.web.answers import Answer
from portal.web.endpoint import Endpoints
from portal.web.problems import explain

api = Endpoints("orders", __name__)


def filtered(body: dict[str, Any], by: Actor) -> dict[str, Any]:
    """Return an answer as the reader may see it."""
    seen = body if by.sees_costs else without_costs(body)
    return seen if deals_with_buyers(by) else without_reach(seen)


def of_placed(placed: Placed) -> Answer:
    """Answer with an order that has just been placed; its deed's number is known afterwards."""
    place = ("credit", "transaction") if "credit" in placed.body else ()
    return Answer(
        placed.body,
        etag=placed.version,
        service_point_id=placed.service_point_id,
        own_number=place,
    )


def of_order(session: Session, order: Order) -> Answer:
    """Answer with an order as it is stored."""
    body = stored_order_body(order, debit_of(session, order.id), now())
    return Answer(body, etag=order.version, service_point_id=order.service_point_id)


def warnings_body(faults: Sequence[Fault]) -> list[Body]:
    """Tell what would refuse the order, in the reader's language."""
    return [
        {"code": one.error.code, "field": one.path, "message": explain(one.error)} for one in faults
    ]


def note_guess(wanted: Wanted, refusal: PriceNotAllowed) -> None:
    """Write a refused price down, in a transaction of its own."""
    transact(note_refused_price, wanted, refusal, by=actor(), at=now())
