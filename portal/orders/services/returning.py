"""What orders say to money that is to go back by itself, without a cancellation."""

from sqlalchemy.orm import Session

from portal.orders.errors import MoneyIsNeeded
from portal.orders.models import Order, OrderState
from portal.orders.services.paid import SUBJECT
from portal.payments.models import Charge


def refuse_unplaced(session: Session, charge: Charge) -> None:
    """Refuse to return money of an order that waits: it would be placed without it."""
    if charge.subject_type != SUBJECT:
        return
    order = session.get_one(Order, charge.subject_id)
    if order.state is OrderState.AWAITING_CREDIT:
        raise MoneyIsNeeded(number=order.id)
