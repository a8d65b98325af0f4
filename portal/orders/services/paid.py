"""A visitor has paid: the order is placed, or waits for credit, or its money goes back (5.2)."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import Facts
from portal.audit.services import jot
from portal.clock import day_of
from portal.credit.services import book, credit_sale, lock_and_plan
from portal.credit.services.expiry import book_expiry
from portal.credit.services.wallet import Wallet, lock
from portal.db import Sql
from portal.errors import Refused
from portal.i18n import N_, in_own_language
from portal.money import AMOUNT_SCALE, ZERO, text_of, to_minor
from portal.orders.models import Order, OrderState, Waiting
from portal.orders.queries.orders import order_to_change
from portal.orders.queries.site import account_of, oldest_waiting
from portal.orders.rules.answers import encode
from portal.orders.services.moved import tell_moved
from portal.orders.services.moves import become
from portal.orders.services.site import price_cart
from portal.payments import services as payments
from portal.payments.models import Charge, Payee
from portal.pricing.queries import load_book
from portal.pricing.rules import AcquisitionPrice, price_line, told

SUBJECT = "order"
PAID_TOO_LATE = "paid_too_late"
"""Why an order is cancelled whose money came when it was no longer sold at its price."""
_TOO_LATE = N_("Paid after its time, when it was no longer sold at that price.")
_AFTER_CANCELLATION = N_("Paid after the order had been cancelled.")
_TOUCH = Sql("UPDATE accounts SET version = version + 1 WHERE id = :account")
_UNPAID = frozenset({OrderState.AWAITING_PAYMENT, OrderState.LAPSED})


def follow_payment(session: Session, charge: Charge, by: Actor, at: datetime) -> None:
    """Do what follows from a visitor's money; its charge is held, and counts once."""
    if charge.subject_type != SUBJECT:
        return
    order = order_to_change(session, by, charge.subject_id)
    if order.state is OrderState.CANCELLED:
        _give_back(session, charge, _AFTER_CANCELLATION, by=by, at=at)
    elif order.state not in _UNPAID:
        return
    elif _is_in_time(order, charge, at) or _is_still_sold(session, order, at):
        place_paid(session, order, charge, by=by, at=at)
    else:
        _refuse_late(session, order, charge, by=by, at=at)


def place_paid(session: Session, order: Order, charge: Charge, *, by: Actor, at: datetime) -> bool:
    """Place a paid order at the acquisition prices of today, or let it wait; say whether placed.

    The order's row is locked. Under the account's lock it is decided whether another order of the
    service point waits already and whether the credit covers it, the sale's own included where
    headquarters has received it.
    """
    connection = session.connection()
    costs = costs_today(session, order, at)
    account_id = account_of(connection, order.service_point_id)
    wallet = lock(connection, account_id, at)
    book_expiry(connection, wallet)
    waits_for = _waits_for(session, order, charge, costs, wallet)
    if waits_for is not None or costs is None:
        _let_wait(session, order, waits_for or Waiting.NO_PRICE, account_id, by=by, at=at)
        return False
    _place(session, order, charge, costs, account_id, by=by, at=at)
    return True


def _is_in_time(order: Order, charge: Charge, at: datetime) -> bool:
    """Whether the money came before the order lapsed.

    What is confirmed by hand afterwards was in time if it was paid on a day before that.
    """
    if order.pay_until is None or at < order.pay_until:
        return order.state is OrderState.AWAITING_PAYMENT
    return charge.paid_on is not None and charge.paid_on < day_of(order.pay_until)


def _is_still_sold(session: Session, order: Order, at: datetime) -> bool:
    """Whether the shop sells each line today at its price or less."""
    cart = [(line.sku, line.quantity) for line in order.lines]
    pricing = price_cart(session, order.service_point_id, order.issuer_id, cart, at=at)
    if pricing.faults:
        return False
    asked = [line.sale_unit_price or ZERO for line in order.lines]
    today = [line.sale.unit_price for line in pricing.lines]
    return all(now <= then for now, then in zip(today, asked, strict=True))


def costs_today(session: Session, order: Order, at: datetime) -> list[AcquisitionPrice] | None:
    """Return what each line costs today, None where one has no price."""
    book_ = load_book(
        session,
        service_point_id=order.service_point_id,
        issuer_id=order.issuer_id,
        day=day_of(at),
        product_ids=[line.product_id for line in order.lines],
    )
    try:
        return [
            price_line(book_, line.product_id, line.sku, line.quantity, line.sale_unit_price)
            for line in order.lines
        ]
    except Refused:
        return None


def _waits_for(
    session: Session,
    order: Order,
    charge: Charge,
    costs: list[AcquisitionPrice] | None,
    wallet: Wallet,
) -> Waiting | None:
    """Return why a paid order has to wait, if it has to: the oldest is placed first."""
    if oldest_waiting(session, order.service_point_id) not in {None, order.id}:
        return Waiting.BEHIND_OTHERS
    if costs is None:
        return Waiting.NO_PRICE
    cost = sum((one.amount for one in costs), ZERO)
    brought = to_minor(brought_by(order, charge), AMOUNT_SCALE)
    if to_minor(cost, AMOUNT_SCALE) > wallet.available + brought:
        return Waiting.SHORT_OF_CREDIT
    return None


def brought_by(order: Order, charge: Charge) -> Decimal:
    """Return the credit that the sale itself brings: headquarters has received its money."""
    if charge.payee != Payee.HEADQUARTERS:
        return ZERO
    return order.sale_total or ZERO


def _let_wait(
    session: Session, order: Order, reason: Waiting, account_id: int, *, by: Actor, at: datetime
) -> None:
    """Keep a paid order until it can be placed; the account is written, so that none overtakes."""
    connection = session.connection()
    _TOUCH.run(connection, account=account_id)
    before = order.status
    if order.state is OrderState.AWAITING_CREDIT:
        if order.waiting_reason != reason:
            order.waiting_reason, order.version = reason, order.version + 1
            session.flush()
        return
    become(session, order, OrderState.AWAITING_CREDIT, waiting_since=at, waiting_reason=reason)
    jot(
        connection,
        by=by,
        action="order.awaiting_credit",
        entity=("order", order.id),
        at=at,
        service_point_id=order.service_point_id,
        before={"status": before},
        after={"status": order.status, "waiting_reason": reason},
    )
    tell_moved(session, order, before, by=by, at=at)


def _place(
    session: Session,
    order: Order,
    charge: Charge,
    costs: list[AcquisitionPrice],
    account_id: int,
    *,
    by: Actor,
    at: datetime,
) -> None:
    connection = session.connection()
    before, number = order.status, order.id
    cost = sum((one.amount for one in costs), ZERO)
    become(
        session,
        order,
        OrderState.PLACED,
        placed_at=at,
        placed_by=by.user_id,
        day=day_of(at),
        acquisition_total=cost,
        waiting_reason=None,
    )
    _write_costs(session, order, costs)
    if brought := to_minor(brought_by(order, charge), AMOUNT_SCALE):
        credit_sale(
            session,
            account_id=account_id,
            service_point_id=order.service_point_id,
            order_id=number,
            amount=brought,
            by=by,
            at=at,
        )
    minor = to_minor(cost, AMOUNT_SCALE)
    movement = lock_and_plan(connection, account_id, minor, at) if minor else None
    facts: Facts = {
        "service_point_id": order.service_point_id,
        "before": {"status": before},
        "after": {"status": order.status, "sale": text_of(order.sale_total or ZERO, AMOUNT_SCALE)},
    }
    if movement is not None:
        facts["account_id"] = movement.account_id
        facts["first_seq"] = movement.first_seq
        facts["entries"] = movement.entries
    deed_id = jot(
        connection,
        by=by,
        action="order.placed",
        entity=("order", number),
        at=at if movement is None else movement.wallet.at,
        **facts,
    )
    if movement is not None:
        book(connection, movement, deed_id, actor_id=by.user_id, order_id=number)
    tell_moved(session, order, before, by=by, at=at)


def _write_costs(session: Session, order: Order, costs: list[AcquisitionPrice]) -> None:
    order.because = encode(told(costs[0].opening)) if costs else None
    for line, cost in zip(order.lines, costs, strict=True):
        line.acquisition_unit_price, line.acquisition_amount = cost.unit_price, cost.amount
        line.price_table_id, line.edition_id = cost.price_table_id, cost.edition_id
        line.acquisition_because = encode(told(cost.own))
        line.free = cost.free
    session.flush()


def _refuse_late(
    session: Session, order: Order, charge: Charge, *, by: Actor, at: datetime
) -> None:
    """Cancel an order that was paid when it was no longer sold so, and give the money back."""
    before = order.status
    become(session, order, OrderState.CANCELLED, cancelled_at=at, cancel_reason=PAID_TOO_LATE)
    jot(
        session.connection(),
        by=by,
        action="order.cancelled",
        entity=("order", order.id),
        at=at,
        service_point_id=order.service_point_id,
        reason=in_own_language(_TOO_LATE),
        before={"status": before},
        after={"status": order.status},
    )
    _give_back(session, charge, _TOO_LATE, by=by, at=at)
    tell_moved(session, order, before, by=by, at=at)


def _give_back(session: Session, charge: Charge, why: str, *, by: Actor, at: datetime) -> None:
    amount = charge.paid_amount if charge.paid_amount is not None else charge.amount
    reason = in_own_language(why)
    payments.request_refund(session, charge, amount=amount, reason=reason, by=by, at=at)
