"""Moves from state to state: each a change under the condition that nobody was faster."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import jot
from portal.errors import Conflict, PreconditionFailed
from portal.orders.errors import (
    AlreadyCancelled,
    MoveNotAllowed,
    NotADraft,
    NotPlaced,
)
from portal.orders.models import Order, OrderState
from portal.orders.queries.orders import order_to_change
from portal.orders.services.moved import tell_moved

_REASONS: dict[OrderState, type[Conflict]] = {
    OrderState.PLACED: NotADraft,
    OrderState.FULFILLED: NotPlaced,
}


def become(session: Session, order: Order, state: OrderState, **values: Any) -> None:
    """Change an order's state, or say why it has no such move; the only place that does."""
    if not order.state.may_become(state):
        raise _refusal(order, state)
    version = order.version
    guarded = (
        update(Order)
        .where(Order.id == order.id, Order.status == order.status, Order.version == version)
        .values(status=state.value, version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    written = session.execute(guarded)
    session.refresh(order)
    if not isinstance(written, CursorResult) or written.rowcount != 1:
        raise _refusal(order, state)


def _refusal(order: Order, state: OrderState) -> Conflict:
    if order.state is OrderState.CANCELLED:
        return AlreadyCancelled(number=order.id)
    return _REASONS.get(state, MoveNotAllowed)(number=order.id)


def fulfill(
    session: Session, number: int, *, by: Actor, at: datetime, version: int | None = None
) -> Order:
    """Mark a placed order as done."""
    order = order_to_change(session, by, number)
    check_version(order, version)
    before = order.status
    become(session, order, OrderState.FULFILLED, fulfilled_at=at)
    jot(
        session.connection(),
        by=by,
        action="order.fulfilled",
        entity=("order", number),
        at=at,
        service_point_id=order.service_point_id,
        before={"status": before},
        after={"status": order.status},
    )
    tell_moved(session, order, before, by=by, at=at)
    return order


def check_version(order: Order, version: int | None) -> None:
    """Refuse to change what someone else has changed since it was read."""
    if version is not None and version != order.version:
        raise PreconditionFailed
