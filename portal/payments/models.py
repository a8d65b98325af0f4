"""Charges, the payments that arrived for them, what goes back, and what payment firms told."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import CODE, Amount, Base, Key, Minor
from portal.money import AMOUNT_SCALE
from portal.partners.models import ServicePoint

HEADQUARTERS = 0
"""The owner of headquarters' own Pix account: a key of its own, for NULL is no value to UNIQUE."""


class Payee(StrEnum):
    """Who receives the money of a charge."""

    SERVICE_POINT = "service_point"
    HEADQUARTERS = "headquarters"


class Method(StrEnum):
    """How money arrived that a person confirms."""

    PIX = "pix"
    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    CHEQUE = "cheque"


class ChargeState(StrEnum):
    """Where a charge stands; money that arrives for a cancelled one counts all the same."""

    PENDING = "pending"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"

    def may_become(self, other: "ChargeState") -> bool:
        """Whether the move is one of those there are."""
        return other in MOVES[self]

    @property
    def may_be_paid(self) -> bool:
        """Whether money that arrives now is the money of this charge."""
        return self.may_become(ChargeState.PAID)


MOVES = {
    ChargeState.PENDING: {ChargeState.PAID, ChargeState.CANCELLED},
    ChargeState.CANCELLED: {ChargeState.PAID},
    ChargeState.PAID: {ChargeState.REFUND_PENDING, ChargeState.REFUNDED},
    ChargeState.REFUND_PENDING: {ChargeState.REFUNDED},
    ChargeState.REFUNDED: set[ChargeState](),
}


class RefundState(StrEnum):
    """Where money stands that goes back."""

    PENDING = "pending"
    SENT = "sent"
    DONE = "done"


class NoticeOutcome(StrEnum):
    """What became of a firm's notification whose signature was good."""

    COUNTED = "counted"
    PARKED = "parked"
    """Money went back that has not been told of yet."""
    DIFFERS = "differs"


class PixAccount(Base):
    """Where a service point, or headquarters, receives Pix."""

    __tablename__ = "pix_accounts"
    id: Mapped[Key]
    owner: Mapped[int] = mapped_column(unique=True)
    """The service point's id, or 0 for headquarters."""
    service_point_id: Mapped[int | None] = mapped_column(
        ForeignKey("service_points.id"), index=True
    )
    key: Mapped[str] = mapped_column(String(77))
    holder: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(60))
    tax_id: Mapped[str | None] = mapped_column(String(14))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Charge(Base):
    """Money that a customer is asked for, once; `subject` is what it is for, such as an order."""

    __tablename__ = "charges"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("payee IN ('service_point', 'headquarters')", name="payee"),
        CheckConstraint(
            "status IN ('pending', 'paid', 'cancelled', 'refund_pending', 'refunded')",
            name="status",
        ),
        CheckConstraint("status IN ('pending', 'cancelled') OR paid_on IS NOT NULL", name="paid"),
        Index("ix_charges_subject", "subject_type", "subject_id", "id"),
        Index("ix_charges_service_point", "service_point_id", "id"),
        Index("ix_charges_status", "status", "id"),
    )
    id: Mapped[Key]
    token: Mapped[str] = mapped_column(CODE, unique=True)
    """A secret of 128 bits, for addresses that need no sign-in."""
    provider: Mapped[str] = mapped_column(String(24))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"))
    payee: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str | None] = mapped_column(String(120))
    """Whose account the Pix key is of: who pays sees who receives."""
    amount: Mapped[Amount]
    description: Mapped[str] = mapped_column(String(140))
    txid: Mapped[str] = mapped_column(CODE, unique=True)
    br_code: Mapped[str | None] = mapped_column(String(512))
    status: Mapped[str] = mapped_column(String(16), default=ChargeState.PENDING)
    created_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    """When the portal learnt of it; `paid_on` is the civil day on which it was paid."""
    paid_on: Mapped[date | None]
    paid_amount: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    method: Mapped[str | None] = mapped_column(String(12))
    confirmed_by: Mapped[int | None]
    """The user who confirmed it by hand; None when the payment firm did."""
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
    service_point: Mapped[ServicePoint] = relationship(lazy="joined", innerjoin=True)
    payments: Mapped[list["Payment"]] = relationship(order_by="Payment.id", viewonly=True)
    refunds: Mapped[list["Refund"]] = relationship(order_by="Refund.id", viewonly=True)

    @property
    def state(self) -> ChargeState:
        """Where it stands."""
        return ChargeState(self.status)

    @property
    def returned(self) -> Decimal:
        """What of the money that counted went back, or is on its way."""
        of = {payment.id for payment in self.payments[:1]}
        return sum((one.amount for one in self.refunds if one.payment_id in of), Decimal(0))

    @property
    def left(self) -> Decimal:
        """What of the money that counted may still go back."""
        return (self.paid_amount or Decimal(0)) - self.returned

    def has_expired(self, at: datetime) -> bool:
        """Whether it waits in vain: nobody is asked to pay it any more."""
        late = self.expires_at is not None and at >= self.expires_at
        return late and self.state is ChargeState.PENDING


class Payment(Base):
    """Money that arrived, once: by the firm's own number, or by a person's word."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("uq_payments_end_to_end", "provider", "end_to_end_id", unique=True),
    )
    id: Mapped[Key]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"), index=True)
    provider: Mapped[str] = mapped_column(String(24))
    end_to_end_id: Mapped[str] = mapped_column(CODE)
    amount: Mapped[Amount]
    at: Mapped[datetime]


class Refund(Base):
    """Money that goes back: a payment, or a part of one; never more than came."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('pending', 'sent', 'done')", name="status"),
        Index("ix_refunds_status", "status", "id"),
    )
    id: Mapped[Key]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    amount: Mapped[Amount]
    reason: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(8), default=RefundState.PENDING)
    requested_at: Mapped[datetime]
    requested_by: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    """Until then somebody is sending it."""
    last_error: Mapped[str | None] = mapped_column(String(200))
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None]
    payment: Mapped[Payment] = relationship(lazy="joined", innerjoin=True)
    charge: Mapped[Charge] = relationship(viewonly=True)


class PaymentNotice(Base):
    """A payment firm's notification with a good signature; each event has one row and effect."""

    __tablename__ = "payment_notices"
    __table_args__ = (
        Index("uq_payment_notices_event", "provider", "event_id", unique=True),
        CheckConstraint("outcome IN ('counted', 'parked', 'differs')", name="outcome"),
        Index("ix_payment_notices_charge", "charge_id", "outcome"),
    )
    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(24))
    event_id: Mapped[str] = mapped_column(CODE)
    kind: Mapped[str] = mapped_column(String(16))
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    end_to_end_id: Mapped[str] = mapped_column(CODE)
    amount: Mapped[Amount]
    received_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    charge: Mapped[Charge] = relationship(viewonly=True, lazy="joined", innerjoin=True)


class SimulatedCharge(Base):
    """The simulated firm's own books: what a customer can pay there."""

    __tablename__ = "simulated_charges"
    txid: Mapped[str] = mapped_column(CODE, primary_key=True)
    amount: Mapped[Amount]
    open: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="open"), default=True)


class SimulatedMove(Base):
    """Money that came in at the simulated firm, or went back; each makes a notification."""

    __tablename__ = "simulated_moves"
    __table_args__ = (CheckConstraint("kind IN ('paid', 'refunded')", name="kind"),)
    id: Mapped[Key]
    event_id: Mapped[str] = mapped_column(CODE, unique=True)
    txid: Mapped[str] = mapped_column(CODE, ForeignKey("simulated_charges.txid"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    end_to_end_id: Mapped[str] = mapped_column(CODE)
    amount: Mapped[Amount]
    at: Mapped[datetime]
    key: Mapped[str | None] = mapped_column(CODE, unique=True)
    """The portal's key of a refund: asked for twice, it is made once."""
