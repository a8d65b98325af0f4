"""Orders and their lines."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.catalogue.models import Issuer
from portal.db import CODE, LONG_TEXT, Base, Key, Minor, Quantity
from portal.money import AMOUNT_SCALE, PERCENT_SCALE, PRICE_SCALE
from portal.partners.models import ServicePoint


class OrderState(StrEnum):
    """Where an order stands; a state knows its moves (DESIGN 5.2)."""

    DRAFT = "draft"
    PLACED = "placed"
    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_CREDIT = "awaiting_credit"
    LAPSED = "lapsed"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"

    def may_become(self, other: "OrderState") -> bool:
        """Whether the move is one of those there are."""
        return other in MOVES[self]


MOVES = {
    OrderState.DRAFT: {OrderState.PLACED, OrderState.AWAITING_APPROVAL, OrderState.CANCELLED},
    OrderState.AWAITING_APPROVAL: {OrderState.PLACED, OrderState.CANCELLED},
    OrderState.AWAITING_PAYMENT: {
        OrderState.PLACED,
        OrderState.AWAITING_CREDIT,
        OrderState.LAPSED,
        OrderState.CANCELLED,
    },
    OrderState.LAPSED: {OrderState.PLACED, OrderState.AWAITING_CREDIT, OrderState.CANCELLED},
    OrderState.AWAITING_CREDIT: {OrderState.PLACED, OrderState.CANCELLED},
    OrderState.PLACED: {OrderState.FULFILLED, OrderState.CANCELLED},
    OrderState.FULFILLED: {OrderState.CANCELLED},
    OrderState.CANCELLED: set[OrderState](),
}


class Waiting(StrEnum):
    """Why a paid order waits."""

    SHORT_OF_CREDIT = "insufficient_credit"
    NO_PRICE = "no_price"
    BEHIND_OTHERS = "behind_others"


class Order(Base):
    """What a service point orders; its id is its number. A draft keeps no price."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("channel IN ('back_office', 'site', 'api')", name="channel"),
        CheckConstraint("kind IN ('sale', 'subscription', 'internal')", name="kind"),
        CheckConstraint(
            "document_type IN ('cash_sale', 'credit_sale', 'delivery_note')", name="document_type"
        ),
        CheckConstraint(
            "status IN ('draft', 'placed', 'awaiting_approval', 'awaiting_payment',"
            " 'awaiting_credit', 'lapsed', 'fulfilled', 'cancelled')",
            name="status",
        ),
        CheckConstraint(
            "status NOT IN ('placed', 'fulfilled') OR placed_at IS NOT NULL", name="placed_at"
        ),
        Index("ix_orders_service_point", "service_point_id", "id"),
        Index("ix_orders_status", "status", "id"),
        Index("ix_orders_day", "day", "id"),
        Index(
            "ix_orders_external_reference",
            "external_reference",
            sqlite_where=text("external_reference IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key]
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"))
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("issuers.id"))
    channel: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(12), default="sale")
    document_type: Mapped[str] = mapped_column(String(16), default="cash_sale")
    status: Mapped[str] = mapped_column(String(20))
    external_reference: Mapped[str | None] = mapped_column(String(64))
    final_total: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    payments: Mapped[str | None] = mapped_column(LONG_TEXT)
    """As they were sent, as JSON; None: settled outside the portal."""
    day: Mapped[date | None]
    """The civil day on which it was placed."""
    acquisition_total: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    sale_total: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    placed_at: Mapped[datetime | None]
    placed_by: Mapped[int | None]
    fulfilled_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    pay_until: Mapped[datetime | None]
    """Until when the order of a shop's visitor waits for its payment."""
    waiting_since: Mapped[datetime | None]
    """Since when it is paid and waits to be placed: the oldest comes first."""
    waiting_reason: Mapped[str | None] = mapped_column(String(24))
    """Why it waits, as a Waiting."""
    because: Mapped[str | None] = mapped_column(LONG_TEXT, deferred=True)
    """The reasons of acquisition prices that all its lines share, as JSON."""
    version: Mapped[int] = mapped_column(default=1)
    service_point: Mapped[ServicePoint] = relationship(lazy="joined", innerjoin=True)
    issuer: Mapped[Issuer | None] = relationship(lazy="joined")
    buyer: Mapped["SiteBuyer | None"] = relationship(lazy="joined", viewonly=True)
    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.position")

    @property
    def state(self) -> OrderState:
        """Where it stands as stored; what waits for a payment in vain: `state_at`."""
        return OrderState(self.status)

    def state_at(self, at: datetime) -> OrderState:
        """Where it stands at a moment: past its last one it has lapsed before any job ran."""
        waits = self.state is OrderState.AWAITING_PAYMENT
        if waits and self.pay_until is not None and self.pay_until <= at:
            return OrderState.LAPSED
        return self.state

    @property
    def is_of_site(self) -> bool:
        """Whether a shop's visitor ordered and pays for it."""
        return self.buyer is not None


class OrderLine(Base):
    """One product of an order, with both prices and their reasons, kept for ever once placed."""

    __tablename__ = "order_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[Quantity]
    typed_unit_price: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    discount_percent: Mapped[Decimal | None] = mapped_column(Minor(PERCENT_SCALE))
    acquisition_unit_price: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    acquisition_amount: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    price_table_id: Mapped[int | None]
    edition_id: Mapped[int | None]
    acquisition_because: Mapped[str | None] = mapped_column(LONG_TEXT)
    list_price: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    sale_unit_price: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    sale_amount: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    sale_because: Mapped[str | None] = mapped_column(LONG_TEXT)
    free: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="free"), default=False)


class SiteBuyer(Base):
    """Who ordered in a service point's shop, and the secret link to the order."""

    __tablename__ = "buyers"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'company')", name="kind"),
        Index("ix_buyers_email", "email", "order_id"),
        Index("ix_buyers_tax_id", "tax_id", "order_id"),
    )
    order_id: Mapped[int] = mapped_column(
        ForeignKey("orders.id"), primary_key=True, autoincrement=False
    )
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"), unique=True)
    link: Mapped[str] = mapped_column(CODE, unique=True)
    """A secret of 192 bits."""
    kind: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(200))
    tax_id: Mapped[str] = mapped_column(String(14))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8))
    consented_at: Mapped[datetime]
