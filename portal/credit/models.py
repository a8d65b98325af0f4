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
    """Headquarters' books: the other leg of every entry. They are summed, never stored.

    `received` is what came in, `consumed` what lots were used for, `breakage` what expired,
    `debt` what was consumed and no lot has covered yet.
    """

    RECEIVED = "received"
    CONSUMED = "consumed"
    BREAKAGE = "breakage"
    DEBT = "debt"


class Account(Base):
    """The wallet of a service point in one credit type.

    `balance` is the sum of its entries; `floor` is how far below zero it may go (0 or less);
    `current_lot_id` the open lot that burns first, or None where it must be looked up; `seq` and
    `last_hash` the end of its chain; `moved_at` when it last moved: its entries never go back in
    time. `scale` is its credit type's.
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
    scale: Mapped[int] = mapped_column(SmallInteger, default=2)
    balance: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    debt: Mapped[int] = mapped_column(default=0)
    floor: Mapped[int] = mapped_column(default=0)
    seq: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[bytes] = mapped_column(DIGEST, default=bytes(32))
    moved_at: Mapped[datetime | None]
    current_lot_id: Mapped[int | None]


class Lot(Base):
    """Credit received at once. `used` of `face` recognises `round(paid * used / face)`.

    `face` is what remains, was used, expired, or is `gone`: taken back, or moved on into the
    reversal lots that name it in `from_lot_id`.
    """

    __tablename__ = "lots"
    __table_args__ = (
        CheckConstraint("face > 0", name="face"),
        CheckConstraint("paid >= 0", name="paid"),
        CheckConstraint("remaining >= 0 AND remaining <= face", name="remaining"),
        CheckConstraint("used >= 0 AND expired >= 0 AND gone >= 0", name="parts"),
        CheckConstraint("remaining + used + expired + gone = face", name="whole"),
        CheckConstraint("moved >= 0 AND moved <= paid", name="moved"),
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
    gone: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    """Of `paid`: what went with `gone`."""
    expires_on: Mapped[Until]
    origin: Mapped[str] = mapped_column(String(12))
    granted_at: Mapped[datetime]
    from_lot_id: Mapped[int | None]
    is_open: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="is_open_bool"))


class Entry(Base):
    """One row, two legs: the account's and the book's; both measures add up to zero by its form.

    Never updated or deleted; `deed_id` is the transaction, `line` counts its rows. `qty` and
    `balance_after` are in the credit type's minor unit, `value` in cents of money. A movement has
    a row per lot used. A row that opens a lot says its kind and last day in `opens`. No names and
    no free text stand here: all of it is sealed by `hash`.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_order", "order_id"),
        Index("ix_entries_booked_at", "account_id", "booked_at"),
    )
    account_id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(default=0)
    deed_id: Mapped[int]
    book: Mapped[str] = mapped_column(String(10))
    credit_type_id: Mapped[int]
    qty: Mapped[int]
    value: Mapped[int]
    lot_id: Mapped[int | None]
    debt_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(12))
    order_id: Mapped[int | None]
    reverses_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    booked_at: Mapped[datetime]
    balance_after: Mapped[int]
    floor: Mapped[int]
    opens: Mapped[str | None] = mapped_column(String(20))
    hash: Mapped[bytes] = mapped_column(DIGEST)


class Debt(Base):
    """What was taken without a lot to cover it; the oldest is paid first.

    `taken_back`: it is not from a debit but from a sale's credit that was taken back, so what pays
    it goes back to whoever paid the sale, and is no use of its lot.
    """

    __tablename__ = "debts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("remaining >= 0 AND remaining <= amount", name="remaining"),
        CheckConstraint("is_open = (remaining > 0)", name="is_open"),
        Index("ix_debts_open", "account_id", "is_open", "id"),
        Index("ix_debts_deed", "deed_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key]
    account_id: Mapped[int]
    deed_id: Mapped[int]
    order_id: Mapped[int | None]
    amount: Mapped[int]
    remaining: Mapped[int]
    is_open: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="debt_open_bool"))
    taken_back: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="taken_back"), default=False, server_default="0"
    )


class DebtPayment(Base):
    """Which entry's lot paid a debt: a reversal sends it back there."""

    __tablename__ = "debt_payments"
    debt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Reversal(Base):
    """That a transaction was reversed: its key lets it happen once."""

    __tablename__ = "reversals"
    deed_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reversed_by: Mapped[int]


class Floor(Base):
    """Since when an account may go how far below zero: what a past instant's `available` needs."""

    __tablename__ = "account_floors"
    __table_args__ = (CheckConstraint("floor <= 0", name="floor"),)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    floor: Mapped[int]
