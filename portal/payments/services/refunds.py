"""Money goes back: asked for in the transaction that needs it, done afterwards, once.

A payment may go back in parts. A charge is on its way back once nothing of its money is left.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.errors import Forbidden, invalid
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, ZERO, text_of
from portal.payments.errors import (
    AlreadyRefunded,
    NoSuchRefund,
    NotPaid,
    RefundTooLarge,
    ReturnedByHeadquarters,
)
from portal.payments.models import Charge, ChargeState, Payee, Payment, Refund, RefundState
from portal.payments.queries import hold, returned_of
from portal.payments.services.counting import check_may_confirm
from portal.payments.services.hooks import before_refund, on_refunded
from portal.texts import name_of

REASON_LENGTH = 500
_ON_THE_WAY = frozenset({ChargeState.REFUND_PENDING, ChargeState.REFUNDED})


def refund_charge(
    session: Session, charge_id: int, *, amount: Decimal, reason: str, by: Actor, at: datetime
) -> Refund:
    """Give money of a paid charge back because a person says so; what it was for stays as it is."""
    charge = hold(session, charge_id, by)
    check_may_refund(session, charge, by)
    reason = check_refund(session, charge, amount, reason)
    return request_refund(session, charge, amount=amount, reason=reason, by=by, at=at)


def check_may_refund(session: Session, charge: Charge, by: Actor) -> None:
    """Refuse those who may not give money back, and what the charge's order does not allow."""
    if not by.may("payments.refund"):
        raise Forbidden
    if charge.payee == Payee.HEADQUARTERS and not by.headquarters:
        raise ReturnedByHeadquarters
    _check_paid(charge)
    for ask in before_refund:
        ask(session, charge)


def check_refund(session: Session, charge: Charge, amount: Decimal, reason: str) -> str:
    """Refuse an amount that cannot go back, and no reason; return the reason as it is stored."""
    _check_amount(amount, left_of(session, charge))
    return name_of("reason", reason, REASON_LENGTH)


def request_refund(
    session: Session, charge: Charge, *, amount: Decimal, reason: str, by: Actor, at: datetime
) -> Refund:
    """Give money of a charge back: all that is left of it, or a part.

    The payment firm is asked after the transaction; where there is none, a person confirms it.
    """
    charge = hold(session, charge.id)
    _check_paid(charge)
    left = left_of(session, charge)
    _check_amount(amount, left)
    payment, was = money_of(session, charge), charge.state
    if amount == left:
        charge.status = ChargeState.REFUND_PENDING
    return give_back(session, charge, payment, was, amount=amount, reason=reason, by=by, at=at)


def left_of(session: Session, charge: Charge) -> Decimal:
    """Return what of a paid charge's money has not gone back yet."""
    payment = money_of(session, charge)
    return payment.amount - returned_of(session, payment)


def give_back(
    session: Session,
    charge: Charge,
    payment: Payment,
    was: ChargeState,
    *,
    amount: Decimal,
    reason: str,
    by: Actor,
    at: datetime,
) -> Refund:
    """Write down that a payment goes back, or a part of it; the charge is held and `was` so."""
    refund = Refund(
        charge_id=charge.id,
        payment=payment,
        amount=amount,
        reason=reason[:REASON_LENGTH],
        status=RefundState.PENDING,
        requested_at=at,
        requested_by=by.user_id,
        attempts=0,
    )
    session.add(refund)
    session.flush()
    sums = returned_of(session, payment)
    _note(session, charge, refund, "charge.refund_requested", sums, was, by=by, at=at)
    return refund


def confirm_refund(session: Session, refund_id: int, *, by: Actor, at: datetime) -> Refund:
    """Take a person's word that the money has gone back; AlreadyRefunded the second time."""
    charge_id = session.scalar(select(Refund.charge_id).where(Refund.id == refund_id))
    if charge_id is None:
        raise NoSuchRefund
    charge = hold(session, charge_id, by)
    check_may_confirm(charge, by)
    wanted = select(Refund).where(Refund.id == refund_id).execution_options(populate_existing=True)
    refund = session.scalars(wanted).one()
    if refund.status == RefundState.DONE:
        raise AlreadyRefunded
    finish(session, charge, refund, by=by, at=at)
    return refund


def finish(session: Session, charge: Charge, refund: Refund, *, by: Actor, at: datetime) -> None:
    """Write down that money has gone back; the charge is held."""
    was = charge.state
    refund.status, refund.done_at, refund.done_by = RefundState.DONE, at, by.user_id
    session.flush()
    is_back = returned_of(session, refund.payment, done=True)
    its_own = refund.payment_id == money_of(session, charge).id
    if its_own and is_back >= refund.payment.amount:
        charge.status = ChargeState.REFUNDED
        session.flush()
    _note(session, charge, refund, "charge.refunded", is_back, was, by=by, at=at)
    if its_own:
        for tell in on_refunded:
            tell(session, refund, by, at)


def key_of(refund: Refund) -> str:
    """Return under which key a payment firm is asked for it, and tells of it."""
    return f"refund-{refund.id}"


def money_of(session: Session, charge: Charge) -> Payment:
    """Return the payment that counted: the first; what came after it goes back."""
    of = select(Payment).where(Payment.charge_id == charge.id)
    return session.scalars(of.order_by(Payment.id).limit(1)).one()


def _check_paid(charge: Charge) -> None:
    if charge.state in _ON_THE_WAY:
        raise AlreadyRefunded
    if charge.state is not ChargeState.PAID:
        raise NotPaid


def _check_amount(amount: Decimal, left: Decimal) -> None:
    if amount <= ZERO:
        raise invalid("amount", N_("Must be above zero."))
    if amount > left:
        raise RefundTooLarge(left)


def _note(
    session: Session,
    charge: Charge,
    refund: Refund,
    action: str,
    returned: Decimal,
    was: ChargeState,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Write down a step of a refund; `returned` is what the payment's refunds come to with it."""
    record(
        session,
        by=by,
        action=action,
        entity=("charge", charge.id),
        at=at,
        service_point_id=charge.service_point_id,
        reason=refund.reason,
        before={"status": was, "returned": text_of(returned - refund.amount, AMOUNT_SCALE)},
        after={
            "status": charge.status,
            "amount": text_of(refund.amount, AMOUNT_SCALE),
            "returned": text_of(returned, AMOUNT_SCALE),
        },
    )
