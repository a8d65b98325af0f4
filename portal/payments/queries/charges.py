"""Charges: one's own, by number; anybody's by its secret token; the latest of an order."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session, selectinload

from portal.actors import Actor
from portal.clock import end_of, start_of
from portal.money import ZERO
from portal.partners.models import ServicePoint
from portal.payments.errors import NoSuchCharge, NoSuchRefund
from portal.payments.models import (
    Charge,
    NoticeOutcome,
    Payment,
    PaymentNotice,
    Refund,
    RefundState,
)


def charge_of(session: Session, by: Actor, charge_id: int) -> Charge:
    """Return a charge that the asker sees; NoSuchCharge for a stranger's too."""
    wanted = own_charges(by).options(selectinload(Charge.refunds), selectinload(Charge.payments))
    return _the_one(session, wanted.where(Charge.id == charge_id))


def charge_of_refund(session: Session, by: Actor, refund_id: int) -> Charge:
    """Return the charge whose money a refund gives back; NoSuchRefund for a stranger's too."""
    of = select(Refund.charge_id).where(Refund.id == refund_id).scalar_subquery()
    try:
        return _the_one(session, own_charges(by).where(Charge.id == of))
    except NoSuchCharge:
        raise NoSuchRefund from None


def charge_by_token(session: Session, token: str) -> Charge:
    """Return the charge with this secret; NoSuchCharge otherwise."""
    return _the_one(session, select(Charge).where(Charge.token == token))


def charge_for(session: Session, subject: tuple[str, int], *, hold: bool = False) -> Charge | None:
    """Return the latest charge for an order, or whatever it is for; `hold` as below."""
    of = Charge.subject_type == subject[0], Charge.subject_id == subject[1]
    wanted = select(Charge.id).where(*of).order_by(Charge.id.desc()).limit(1)
    charge_id = session.scalar(wanted)
    if charge_id is None:
        return None
    return _hold(session, Charge.id == charge_id) if hold else session.get(Charge, charge_id)


def returned_of(session: Session, payment: Payment, *, done: bool = False) -> Decimal:
    """Return what of a payment went back, or is on its way unless it has to be `done`."""
    parts = select(func.sum(Refund.amount)).where(Refund.payment_id == payment.id)
    if done:
        parts = parts.where(Refund.status == RefundState.DONE)
    return session.scalar(parts) or ZERO


def own_charges(by: Actor) -> Select[tuple[Charge]]:
    """Return the select of the charges that the asker sees, without order."""
    return select(Charge).where(by.scope(Charge.service_point_id))


def with_pix_number(by: Actor, text: str) -> Select[tuple[Charge]]:
    """Return the select of one's charges with this Pix id, or with a payment of this number."""
    paid = select(Payment.charge_id).where(Payment.end_to_end_id == text)
    return own_charges(by).where(or_(Charge.txid == text.upper(), Charge.id.in_(paid)))


def own_notices(by: Actor) -> Select[tuple[PaymentNotice]]:
    """Return the select of the notifications about charges that the asker sees, without order."""
    wanted = select(PaymentNotice).join(Charge, Charge.id == PaymentNotice.charge_id)
    return wanted.where(by.scope(Charge.service_point_id))


def unfit_notices(session: Session, charge_id: int) -> Sequence[PaymentNotice]:
    """Return what was told of a charge that does not fit it, oldest first."""
    of = PaymentNotice.charge_id == charge_id, PaymentNotice.outcome == NoticeOutcome.DIFFERS
    return session.scalars(select(PaymentNotice).where(*of).order_by(PaymentNotice.id)).all()


def charges(
    by: Actor,
    *,
    service_point: str | None = None,
    status: str | None = None,
    begin: date | None = None,
    end: date | None = None,
) -> Select[tuple[Charge]]:
    """Return the select of the charges that a list asks for, without order.

    `begin` and `end` are days on which they were made, both included.
    """
    wanted = own_charges(by).options(selectinload(Charge.refunds))
    if service_point is not None:
        wanted = wanted.where(of_service_point(service_point))
    if status is not None:
        wanted = wanted.where(Charge.status == status)
    if begin is not None:
        wanted = wanted.where(Charge.created_at >= start_of(begin))
    if end is not None:
        wanted = wanted.where(Charge.created_at <= end_of(end))
    return wanted


def of_service_point(code: str) -> ColumnElement[bool]:
    """Return the condition that a charge is of the service point with this code."""
    point = select(ServicePoint.id).where(ServicePoint.code == code).scalar_subquery()
    return Charge.service_point_id == point


def hold(session: Session, charge_id: int, by: Actor | None = None) -> Charge:
    """Return a charge as it stands now, its version written: nothing else moves it until the end.

    It is written before it is looked at: a lock alone guards nothing on a cluster. Who looks for
    someone gets NoSuchCharge for what they do not see.
    """
    seen = () if by is None else (by.scope(Charge.service_point_id),)
    return _hold(session, Charge.id == charge_id, *seen)


def _hold(session: Session, *which: ColumnElement[bool]) -> Charge:
    write = update(Charge).where(*which).values(version=Charge.version + 1)
    session.execute(write.execution_options(synchronize_session=False))
    wanted = select(Charge).where(*which).execution_options(populate_existing=True)
    return _the_one(session, wanted)


def _the_one(session: Session, wanted: Select[tuple[Charge]]) -> Charge:
    if (charge := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchCharge
    return charge
