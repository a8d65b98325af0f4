"""Accounts, lots and the journal.

Quantities of credit are integers of the credit type's minor unit (cents for BRL); what was paid
is in cents of money.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.models import DIGEST
from portal.db import CODE, Base, Code, Key, Minor, Until


class CreditType(Base):
    """What credit is counted in. "BRL" is there from the start; `unit_value` is in money."""

    __tablename__ = "credit_types"
    __table_args__ = (CheckConstraint("scale BETWEEN 0 AND 4", name="scale"),)
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(CODE, unique=True)
    name: Mapped[str] = mapped_column(String(80))
    scale: Mapped[int] = mapped_column(SmallInteger)
    unit_value: Mapped[Decimal] = mapped_column(Minor(4))


class LotKind(StrEnum):
    """Whether money came in for a lot."""

    PAID = "paid"
    BONUS = "bonus"


class LotOrigin(StrEnum):
    """Where a lot came from."""

    GRANT = "grant"
    PURCHASE = "purchase"
    OVERPAYMENT = "overpayment"
    REVERSAL = "reversal"
    TRANSFER = "transfer"
    SITE_SALE = "site_sale"


class EntryKind(StrEnum):
    """What moved an account."""

    PURCHASE = "purchase"
    GRANT = "grant"
    DEBIT = "debit"
    REVERSAL = "reversal"
    EXPIRY = "expiry"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"
    TRANSFER = "transfer"
    HOLD_CAPTURE = "hold_capture"
    SETTLEMENT = "settlement"


class Book(StrEnum):
    """Headquarters' books: the other leg of every entry. They are summed, never stored."""

    RECEIVED = "received"
    CONSUMED = "consumed"
    BREAKAGE = "breakage"
    DEBT = "debt"


class Account(Base):
    """The wallet of a service point in one credit type.

    `balance` is the sum of its entries; `floor` is how far below zero it may go (0 or less);
    `current_lot_id` the lot that burns first; `seq` and `last_hash` the end of its chain.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("debt >= 0", name="debt"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("floor <= 0", name="floor"),
        Index("uq_accounts_service_point_id", "service_point_id", "credit_type_id", unique=True),
    )
    id: Mapped[Key]
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_points.id"))
    credit_type_id: Mapped[int] = mapped_column(ForeignKey("credit_types.id"), index=True)
    balance: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    debt: Mapped[int] = mapped_column(default=0)
    floor: Mapped[int] = mapped_column(default=0)
    seq: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[bytes] = mapped_column(DIGEST)
    current_lot_id: Mapped[int | None]


class Lot(Base):
    """Credit received at once. `used` of `face` recognises `round(paid * used / face)`."""

    __tablename__ = "lots"
    __table_args__ = (
        CheckConstraint("face > 0", name="face"),
        CheckConstraint("paid >= 0", name="paid"),
        CheckConstraint("remaining >= 0 AND remaining <= face", name="remaining"),
        CheckConstraint("used >= 0 AND used <= face", name="used"),
        CheckConstraint("is_open = (remaining > 0)", name="is_open"),
        CheckConstraint("kind IN ('paid', 'bonus')", name="kind"),
        Index("ix_lots_burning", "account_id", "is_open", "expires_on", "kind_rank", "id"),
        Index("ix_lots_account", "account_id", "id"),
        Index("ix_lots_expiring", "is_open", "expires_on", "account_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key]
    account_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(5))
    kind_rank: Mapped[int] = mapped_column(SmallInteger)
    """0 bonus, 1 paid: bonus burns first."""
    face: Mapped[int]
    paid: Mapped[int]
    remaining: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    expired: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    """Of `paid`: what moved on into reversal lots."""
    expires_on: Mapped[Until]
    origin: Mapped[str] = mapped_column(String(12))
    granted_at: Mapped[datetime]
    is_open: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="is_open_bool"))


class Entry(Base):
    """One row, two legs: the account's and the book's; both measures add up to zero by its form.

    Never updated or deleted; `deed_id` is the transaction. `qty` and `balance_after` are in the
    credit type's minor unit, `value` in cents of money. A movement has a row per lot used.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_order", "order_id"),
        Index("ix_entries_booked_at", "account_id", "booked_at"),
    )
    account_id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    deed_id: Mapped[int]
    book: Mapped[str] = mapped_column(String(10))
    credit_type_id: Mapped[int]
    qty: Mapped[int]
    value: Mapped[int]
    lot_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(12))
    order_id: Mapped[int | None]
    reverses_id: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(16), default="")
    reference: Mapped[str] = mapped_column(String(64), default="")
    description: Mapped[str] = mapped_column(String(200), default="")
    actor_id: Mapped[int | None]
    booked_at: Mapped[datetime]
    balance_after: Mapped[int]
    floor: Mapped[int]
    hash: Mapped[bytes] = mapped_column(DIGEST)
