"""What payment firms tell is compared, asked back, and counts once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import day_of
from portal.i18n import N_
from portal.payments.errors import UnknownCharge
from portal.payments.models import (
    Charge,
    ChargeState,
    Method,
    NoticeOutcome,
    Payment,
    PaymentNotice,
    Refund,
    RefundState,
)
from portal.payments.queries import hold
from portal.payments.services.counting import How, book, count
from portal.payments.services.providers import (
    Arrived,
    Kind,
    Notification,
    Provider,
    Returned,
    Standing,
)
from portal.payments.services.refunds import finish, give_back, key_of

PAID_TWICE = N_("Paid twice")
BY_THE_BANK = N_("Returned by the payment firm")
RECONCILED = "reconciled-"
"""Begins the event of what no notification told and reconciliation found."""
EVENT_LENGTH = 64
_NOTHING_CAME = frozenset({ChargeState.PENDING, ChargeState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Heard:
    """Which firm it is heard from, for whom it is written down, and when."""

    provider: Provider
    by: Actor
    at: datetime


def take_notice(
    session: Session, told: Notification, standing: Standing | None, heard: Heard
) -> NoticeOutcome:
    """Let a notification do its work, once; told again, return what came of it the first time.

    `standing` is what the firm answered when it was asked about the charge: what it does not
    confirm is kept for people to look at, and does nothing. Money that went back before it is
    known to have come is parked until it comes.
    """
    charge = _held(session, heard.provider, told.txid)
    if (before := _seen(session, told, heard)) is not None:
        return NoticeOutcome(before)
    outcome = _outcome(charge, told, standing)
    session.add(
        PaymentNotice(
            provider=heard.provider.name,
            event_id=told.event_id,
            kind=told.kind,
            charge_id=charge.id,
            end_to_end_id=told.end_to_end_id,
            amount=told.amount,
            received_at=heard.at,
            outcome=outcome,
        )
    )
    session.flush()
    if outcome is NoticeOutcome.COUNTED and standing is not None:
        _settle(session, charge, standing, heard)
    return outcome


@dataclass(frozen=True, slots=True)
class Settled:
    """How much of what a firm answered was news, and how many payments do not fit their charge."""

    news: int = 0
    differing: int = 0


def settle(session: Session, standing: Standing, heard: Heard) -> Settled:
    """Bring a charge in line with what the firm answers.

    Payments of another amount do nothing: they are kept for people to look at, once each.
    """
    charge = _held(session, heard.provider, standing.txid)
    differing = [one for one in standing.payments if one.amount != charge.amount]
    for payment in differing:
        _keep_differing(session, charge, payment, heard)
    return Settled(_settle(session, charge, standing, heard), len(differing))


def _held(session: Session, provider: Provider, txid: str) -> Charge:
    """Return the charge, held: what is told of it at once goes one after the other."""
    of = select(Charge.id).where(Charge.txid == txid, Charge.provider == provider.name)
    if (charge_id := session.scalar(of)) is None:
        raise UnknownCharge
    return hold(session, charge_id)


def _keep_differing(session: Session, charge: Charge, payment: Arrived, heard: Heard) -> None:
    """Keep a payment of another amount beside the notifications, unless one told of it."""
    told = (
        PaymentNotice.charge_id == charge.id,
        PaymentNotice.end_to_end_id == payment.end_to_end_id,
        PaymentNotice.outcome == NoticeOutcome.DIFFERS,
    )
    if session.scalar(select(PaymentNotice.id).where(*told).limit(1)) is not None:
        return
    session.add(
        PaymentNotice(
            provider=heard.provider.name,
            event_id=f"{RECONCILED}{payment.end_to_end_id}"[:EVENT_LENGTH],
            kind=Kind.PAID,
            charge_id=charge.id,
            end_to_end_id=payment.end_to_end_id,
            amount=payment.amount,
            received_at=heard.at,
            outcome=NoticeOutcome.DIFFERS,
        )
    )
    session.flush()


def _seen(session: Session, told: Notification, heard: Heard) -> str | None:
    event = (
        PaymentNotice.provider == heard.provider.name,
        PaymentNotice.event_id == told.event_id,
    )
    return session.scalar(select(PaymentNotice.outcome).where(*event))


def _outcome(charge: Charge, told: Notification, standing: Standing | None) -> NoticeOutcome:
    if standing is None or standing.amount != charge.amount or not _confirms(standing, told):
        return NoticeOutcome.DIFFERS
    if told.kind is Kind.PAID:
        return NoticeOutcome.COUNTED if told.amount == charge.amount else NoticeOutcome.DIFFERS
    return NoticeOutcome.PARKED if charge.state in _NOTHING_CAME else NoticeOutcome.COUNTED


def _confirms(standing: Standing, told: Notification) -> bool:
    moves = standing.payments if told.kind is Kind.PAID else standing.refunds
    return (told.end_to_end_id, told.amount) in {(one.end_to_end_id, one.amount) for one in moves}


def _settle(session: Session, charge: Charge, standing: Standing, heard: Heard) -> int:
    news = [_arrive(session, charge, one, heard) for one in standing.payments]
    news += _return_all(session, charge, standing.refunds, heard)
    parked = PaymentNotice.charge_id == charge.id, PaymentNotice.outcome == NoticeOutcome.PARKED
    if charge.state not in _NOTHING_CAME:
        write = update(PaymentNotice).where(*parked).values(outcome=NoticeOutcome.COUNTED)
        session.execute(write.execution_options(synchronize_session=False))
    return sum(news)


def _arrive(session: Session, charge: Charge, arrived: Arrived, heard: Heard) -> bool:
    """Count money that came in, or give it back when the charge was paid before."""
    if arrived.amount != charge.amount or _known(session, charge, arrived.end_to_end_id, heard):
        return False
    payment = book(session, charge, heard.provider.name, arrived)
    if charge.state.may_be_paid:
        how = How(day_of(arrived.at), Method.PIX, heard.by, heard.at)
        count(session, charge, payment, how)
    else:
        _give_back(session, charge, payment, payment.amount, PAID_TWICE, heard)
    return True


def _return_all(
    session: Session, charge: Charge, returned: Sequence[Returned], heard: Heard
) -> list[bool]:
    """Write down what went back; say of each whether it is news."""
    of = select(Refund).where(Refund.charge_id == charge.id).order_by(Refund.id)
    waiting = list(session.scalars(of))
    asked = {key_of(one) for one in waiting}
    asked_first = sorted(returned, key=lambda one: one.key not in asked)
    return [_return(session, charge, one, heard, waiting) for one in asked_first]


def _return(
    session: Session, charge: Charge, returned: Returned, heard: Heard, waiting: list[Refund]
) -> bool:
    """Write down that money went back, also where nobody here had asked for it.

    What it is of the refunds that are `waiting` to be told of leaves them.
    """
    payment = _known(session, charge, returned.end_to_end_id, heard)
    if payment is None:
        return False
    refund = _the_one(payment, returned, waiting)
    if refund is None:
        refund = _give_back(session, charge, payment, returned.amount, BY_THE_BANK, heard)
    else:
        waiting.remove(refund)
    if refund.status == RefundState.DONE:
        return False
    finish(session, charge, refund, by=heard.by, at=heard.at)
    return True


def _the_one(payment: Payment, returned: Returned, waiting: Sequence[Refund]) -> Refund | None:
    """Return the refund that a firm tells of: by its key, else one of the payment's by its amount.

    Those that are done come first: they are told of again and again.
    """
    of = [one for one in waiting if one.payment_id == payment.id]
    named = [one for one in of if key_of(one) == returned.key]
    alike = [one for one in of if one.amount == returned.amount]
    return min(named or alike, key=lambda one: one.status != RefundState.DONE, default=None)


def _give_back(
    session: Session, charge: Charge, payment: Payment, amount: Decimal, reason: str, heard: Heard
) -> Refund:
    return give_back(
        session,
        charge,
        payment,
        charge.state,
        amount=amount,
        reason=reason,
        by=heard.by,
        at=heard.at,
    )


def _known(session: Session, charge: Charge, number: str, heard: Heard) -> Payment | None:
    wanted = select(Payment).where(
        Payment.charge_id == charge.id,
        Payment.provider == heard.provider.name,
        Payment.end_to_end_id == number,
    )
    return session.scalars(wanted).one_or_none()
