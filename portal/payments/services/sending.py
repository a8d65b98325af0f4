"""Refunds are handed to the payment firm: claimed first, told afterwards, in steps of their own.

Each step is a transaction; the firm is called between them. Whoever dies half-way leaves a lease
that ends, and the key of the refund makes the firm do it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from portal.payments.models import Charge, Payment, Refund, RefundState
from portal.payments.services.providers import FIRMS, Return
from portal.payments.services.refunds import key_of

LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
AT_ONCE = 100
ERROR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Errand:
    """What a firm is to be told."""

    firm: str
    wanted: Return


def refunds_to_send(session: Session, at: datetime) -> Sequence[int]:
    """Return the refunds that a firm has to be told of, oldest first."""
    wanted = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(*_due(at), Payment.provider.in_(FIRMS))
    )
    return session.scalars(wanted.order_by(Refund.id).limit(AT_ONCE)).all()


def claim_refund(session: Session, refund_id: int, at: datetime) -> Errand | None:
    """Take a refund to send it; None when somebody else has it, or it is done.

    Each try waits twice as long as the one before until it is tried again.
    """
    attempts = session.scalar(select(Refund.attempts).where(Refund.id == refund_id)) or 0
    until = at + min(LEASE * 2 ** min(attempts, 10), LONGEST_PAUSE)
    claim = update(Refund).where(Refund.id == refund_id, *_due(at))
    values = {"attempts": Refund.attempts + 1, "lease_until": until}
    claimed = session.execute(claim.values(values).execution_options(synchronize_session=False))
    if claimed.rowcount != 1:  # type: ignore[attr-defined] # an UPDATE counts its rows
        return None
    refund = session.get_one(Refund, refund_id)
    number = refund.payment.end_to_end_id
    wanted = Return(key_of(refund), refund.charge.txid, number, refund.amount, at)
    return Errand(refund.payment.provider, wanted)


def mark_sent(session: Session, refund_id: int) -> None:
    """Write down that the firm knows of it; whether it is done is asked, or told."""
    _mark(session, refund_id, status=RefundState.SENT, lease_until=None, last_error=None)


def mark_failed(session: Session, refund_id: int, why: str) -> None:
    """Write down why it was not sent; it is tried again when its lease ends."""
    _mark(session, refund_id, last_error=why[:ERROR_LENGTH])


def txids_on_the_way(session: Session) -> Sequence[tuple[str, str]]:
    """Return firm and txid of the charges whose money was sent back and may not be there yet."""
    wanted = (
        select(Payment.provider, Charge.txid)
        .join(Refund, Refund.payment_id == Payment.id)
        .join(Charge, Charge.id == Refund.charge_id)
        .where(Refund.status == RefundState.SENT)
    )
    return [(firm, txid) for firm, txid in session.execute(wanted.distinct()).tuples()]


def _due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(Refund.lease_until.is_(None), Refund.lease_until <= at)
    return Refund.status == RefundState.PENDING, free


def _mark(session: Session, refund_id: int, **values: object) -> None:
    pending = Refund.id == refund_id, Refund.status == RefundState.PENDING
    write = update(Refund).where(*pending).values(values)
    session.execute(write.execution_options(synchronize_session=False))
