"""Cancelling an order: its credit goes back, a visitor's money too (DESIGN 5.4, 7.3)."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import Facts
from portal.audit.services import jot
from portal.credit.services import Movement, reverse_order, take_sale_back
from portal.orders.errors import CancelFulfilledNotAllowed
from portal.orders.models import Order, OrderState
from portal.orders.queries.orders import order_to_change
from portal.orders.queries.site import charge_id_of
from portal.orders.services.moved import tell_moved
from portal.orders.services.moves import become, check_version
from portal.orders.services.waiting import follow_credit
from portal.payments import services as payments
from portal.payments.models import Charge, ChargeState
from portal.payments.queries import hold


def cancel(
    session: Session,
    number: int,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Order:
    """Cancel an order and put its credit back, once.

    Of a visitor's order the charge is held first, as it is when money arrives. Then the debit is
    reversed, the sale's credit taken back where headquarters has the money, and the money returned.
    """
    charge = _hold_charge(session, number, by)
    order = order_to_change(session, by, number)
    check_version(order, version)
    if order.state is OrderState.FULFILLED and not by.may("orders.cancel_fulfilled"):
        raise CancelFulfilledNotAllowed(number=number)
    before = order.status
    become(
        session,
        order,
        OrderState.CANCELLED,
        cancelled_at=at,
        cancel_reason=reason,
        waiting_reason=None,
    )

    def write_deed(movement: Movement | None = None) -> int:
        facts: Facts = {
            "service_point_id": order.service_point_id,
            "reason": reason,
            "before": {"status": before},
            "after": {"status": order.status},
        }
        if movement is not None:
            facts["account_id"] = movement.account_id
            facts["first_seq"] = movement.first_seq
            facts["entries"] = movement.entries
        return jot(
            session.connection(),
            by=by,
            action="order.cancelled",
            entity=("order", number),
            at=at if movement is None else movement.wallet.at,
            **facts,
        )

    if reverse_order(session, order_id=number, by=by, at=at, write_deed=write_deed) is None:
        write_deed()
    if charge is not None:
        take_sale_back(session, order_id=number, by=by, at=at)
        _return_money(session, charge, reason, by=by, at=at)
        follow_credit(session, order.service_point_id)
    tell_moved(session, order, before, by=by, at=at)
    return order


def _hold_charge(session: Session, number: int, by: Actor) -> Charge | None:
    charge_id = charge_id_of(session, by, number)
    return None if charge_id is None else hold(session, charge_id)


def _return_money(
    session: Session, charge: Charge, reason: str, *, by: Actor, at: datetime
) -> None:
    """Give a visitor's money back, all that is left of it, or stop asking for it."""
    if charge.state is ChargeState.PAID:
        left = payments.left_of(session, charge)
        payments.request_refund(session, charge, amount=left, reason=reason, by=by, at=at)
    elif charge.state is ChargeState.PENDING:
        payments.cancel_charge(session, charge, reason=reason, by=by, at=at)
