"""Money counts: once, whoever tells of it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.clock import day_of
from portal.errors import Forbidden, invalid
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, text_of
from portal.payments.errors import AlreadyConfirmed, PaidToHeadquarters
from portal.payments.models import Charge, ChargeState, Method, Payee, Payment
from portal.payments.queries import hold
from portal.payments.services.hooks import on_paid
from portal.payments.services.providers import Arrived, provider_named

BY_HAND = "manual"


@dataclass(frozen=True, slots=True)
class How:
    """On which day money was paid, how, and who says so."""

    paid_on: date
    method: Method
    by: Actor
    at: datetime


def confirm_charge(
    session: Session, charge_id: int, *, paid_on: date, method: str, by: Actor, at: datetime
) -> Charge:
    """Take a person's word that the money has arrived; AlreadyConfirmed once it has counted.

    A cancelled charge may be confirmed: who pays late has paid. A payment firm that tells of money
    later still, for the same charge, makes that go back.
    """
    charge = hold(session, charge_id, by)
    check_may_confirm(charge, by)
    how = How(_day(paid_on, at), _method(method), by, at)
    if not charge.state.may_be_paid:
        raise AlreadyConfirmed
    provider_named(charge.provider).cancel_charge(session, charge.txid)
    told = Arrived(f"charge-{charge.id}", charge.amount, at)
    count(session, charge, book(session, charge, BY_HAND, told), how)
    return charge


def check_may_confirm(charge: Charge, by: Actor) -> None:
    """Refuse those who may not say that money arrived, or went back.

    What is paid to headquarters becomes credit of the service point: its own people would grant
    it to themselves.
    """
    if not by.may("payments.confirm"):
        raise Forbidden
    if charge.payee == Payee.HEADQUARTERS and not by.headquarters:
        raise PaidToHeadquarters


def book(session: Session, charge: Charge, provider: str, told: Arrived) -> Payment:
    """Write down money that arrived; the unique number lets nothing in twice."""
    payment = Payment(
        charge_id=charge.id,
        provider=provider,
        end_to_end_id=told.end_to_end_id,
        amount=told.amount,
        at=told.at,
    )
    session.add(payment)
    session.flush()
    return payment


def count(session: Session, charge: Charge, payment: Payment, how: How) -> None:
    """Let a payment be the money of its charge, which is held and may be paid."""
    before = charge.status
    charge.status = ChargeState.PAID
    charge.paid_at, charge.paid_on = how.at, how.paid_on
    charge.paid_amount, charge.method = payment.amount, how.method
    charge.confirmed_by = how.by.user_id
    session.flush()
    record(
        session,
        by=how.by,
        action="charge.paid",
        entity=("charge", charge.id),
        at=how.at,
        service_point_id=charge.service_point_id,
        before={"status": before},
        after={
            "status": charge.status,
            "amount": text_of(payment.amount, AMOUNT_SCALE),
            "paid_on": how.paid_on,
            "method": how.method,
        },
    )
    for tell in on_paid:
        tell(session, charge, how.by, how.at)


def _day(paid_on: date, at: datetime) -> date:
    if paid_on > day_of(at):
        raise invalid("paid_on", N_("This day has not come yet."))
    return paid_on


def _method(name: str) -> Method:
    if name not in set(Method):
        raise invalid("method", N_("Choose pix, cash, card, transfer or cheque."))
    return Method(name)
