"""Paid orders that wait are placed, the oldest of a service point first; unpaid ones lapse."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.actors import PORTAL
from portal.afterwards import after_commit
from portal.audit.services import jot
from portal.clock import now
from portal.errors import NotFound
from portal.money import ZERO
from portal.orders.models import Order, OrderState, Waiting
from portal.orders.queries.orders import order_to_change
from portal.orders.queries.site import account_of, oldest_waiting
from portal.orders.queries.wallets import wallet_now
from portal.orders.services.moved import tell_moved
from portal.orders.services.moves import become
from portal.orders.services.paid import SUBJECT, brought_by, costs_today, place_paid
from portal.payments.queries import charge_for


@dataclass(frozen=True, slots=True)
class Outlook:
    """Why a paid order waits, and what would let it be placed.

    `first` is the order that comes before it; `cost` and `available` what it costs today, and what
    there is, its own sale included where headquarters has received that.
    """

    reason: str
    first: int | None = None
    cost: Decimal | None = None
    available: Decimal = ZERO

    @property
    def missing(self) -> Decimal | None:
        """How much credit is missing today, if any is."""
        return None if self.cost is None else max(self.cost - self.available, ZERO)


def outlook_of(session: Session, order: Order, *, at: datetime) -> Outlook:
    """Say of a waiting order why it waits; nothing is locked."""
    first = oldest_waiting(session, order.service_point_id)
    if first is not None and first != order.id:
        return Outlook(Waiting.BEHIND_OTHERS, first=first)
    costs = costs_today(session, order, at)
    if costs is None:
        return Outlook(Waiting.NO_PRICE)
    cost = sum((one.amount for one in costs), ZERO)
    account = account_of(session.connection(), order.service_point_id)
    wallet = wallet_now(session, account, at=at)
    charge = charge_for(session, (SUBJECT, order.id))
    brings = brought_by(order, charge) if charge else ZERO
    available = (wallet.available if wallet else ZERO) + brings
    return Outlook(order.waiting_reason or Waiting.SHORT_OF_CREDIT, None, cost, available)


def follow_credit(session: Session, service_point_id: int) -> None:
    """Try waiting orders as soon as what brought credit is committed."""
    if oldest_waiting(session, service_point_id) is not None:
        after_commit(session, place_waiting, service_point_id)


def place_waiting(session: Session, service_point_id: int, at: datetime | None = None) -> bool:
    """Place the order that has waited longest, if it can be; say whether to look again.

    Of two that try, one waits at the order's row and then sees what the other did. Nobody is
    placed before the oldest: short of credit or of a price, it holds up those behind it.
    """
    number = oldest_waiting(session, service_point_id)
    if number is None:
        return False
    charge = charge_for(session, (SUBJECT, number))
    order = order_to_change(session, PORTAL, number)
    if order.state is not OrderState.AWAITING_CREDIT:
        return True
    if charge is None:
        raise NotFound
    return place_paid(session, order, charge, by=PORTAL, at=at or now())


def lapse_order(session: Session, number: int, *, at: datetime) -> bool:
    """Let an order lapse whose time to be paid is over; say whether it was still waiting."""
    order = order_to_change(session, PORTAL, number)
    before = order.status
    if order.state is not OrderState.AWAITING_PAYMENT or order.state_at(at) == before:
        return False
    become(session, order, OrderState.LAPSED)
    jot(
        session.connection(),
        by=PORTAL,
        action="order.lapsed",
        entity=("order", number),
        at=at,
        service_point_id=order.service_point_id,
        before={"status": before},
        after={"status": order.status},
    )
    tell_moved(session, order, before, by=PORTAL, at=at)
    return True
