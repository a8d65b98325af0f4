"""Money goes back: asked for in the transaction that needs it, done afterwards, once."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.errors import invalid
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, ZERO, text_of
from portal.payments.errors import AlreadyRefunded, NoSuchRefund, NotPaid, RefundTooLarge
from portal.payments.models import Charge, ChargeState, Payment, Refund, RefundState
from portal.payments.queries import hold
from portal.payments.services.counting import check_may_confirm
from portal.payments.services.hooks import on_refunded, tell

REASON_LENGTH = 500
_ON_THE_WAY = frozenset({ChargeState.REFUND_PENDING, ChargeState.REFUNDED})


def request_refund(
    session: Session, charge: Charge, *, amount: Decimal, reason: str, by: Actor, at: datetime
) -> Refund:
    """Give the money of a charge back, all of it or a part, once.

    The payment firm is asked after the transaction; where there is none, a person confirms it.
    """
    charge = hold(session, charge.id)
    if charge.state in _ON_THE_WAY:
        raise AlreadyRefunded
    if charge.state is not ChargeState.PAID:
        raise NotPaid
    payment = money_of(session, charge)
    if amount <= ZERO:
        raise invalid("amount", N_("Must be above zero."))
    if amount > payment.amount:
        raise RefundTooLarge
    charge.status = ChargeState.REFUND_PENDING
    return give_back(session, charge, payment, amount=amount, reason=reason, by=by, at=at)


def give_back(
    session: Session,
    charge: Charge,
    payment: Payment,
    *,
    amount: Decimal,
    reason: str,
    by: Actor,
    at: datetime,
) -> Refund:
    """Write down that a payment goes back; its unique number lets it go once."""
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
    _note(session, charge, refund, "charge.refund_requested", by, at)
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
    refund.status, refund.done_at, refund.done_by = RefundState.DONE, at, by.user_id
    its_own = refund.payment_id == money_of(session, charge).id
    if its_own:
        charge.status = ChargeState.REFUNDED
    session.flush()
    _note(session, charge, refund, "charge.refunded", by, at)
    if its_own:
        tell(on_refunded, session, charge, by, at)


def money_of(session: Session, charge: Charge) -> Payment:
    """Return the payment that counted: the first; what came after it goes back."""
    of = select(Payment).where(Payment.charge_id == charge.id)
    return session.scalars(of.order_by(Payment.id).limit(1)).one()


def _note(
    session: Session, charge: Charge, refund: Refund, action: str, by: Actor, at: datetime
) -> None:
    record(
        session,
        by=by,
        action=action,
        entity=("charge", charge.id),
        at=at,
        service_point_id=charge.service_point_id,
        reason=refund.reason,
        after={"status": charge.status, "amount": text_of(refund.amount, AMOUNT_SCALE)},
    )
