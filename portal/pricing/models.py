"""Price tables, their editions and items, and which service point uses which."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.catalogue.models import Issuer
from portal.db import CODE, Base, Key, Minor, Quantity, Until
from portal.money import AMOUNT_SCALE, PERCENT_SCALE, PRICE_SCALE
from portal.partners.models import ServicePoint
from portal.periods import Period

NO_ISSUER = 0
"""Stands for "without issuer" in unique keys, where NULL would be no value."""


class TableKind(StrEnum):
    """Shared by many service points, or of one."""

    GENERAL = "general"
    OWN = "own"


class Calculation(StrEnum):
    """How a table's prices come about (DESIGN 3.5)."""

    FIXED = "fixed"
    PERCENT_OF_SALE = "percent_of_sale"
    ADJUSTED = "adjusted"


class EditionState(StrEnum):
    """Superseded editions are in force on no day and kept for the orders that used them."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Priced:
    """What every table is, of acquisition and of sale prices: on file under a name."""

    entity: ClassVar[str]
    """What the audit trail calls it."""
    name: Mapped[str] = mapped_column(String(120), index=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    if TYPE_CHECKING:
        id: Mapped[Key]
        service_point_id: Mapped[int | None]


class PriceTable(Priced, Base):
    """Acquisition prices: general, or own of one service point and at most one issuer."""

    __tablename__ = "price_tables"
    entity = "price_table"
    __table_args__ = (
        CheckConstraint("kind IN ('general', 'own')", name="kind"),
        CheckConstraint(
            "calculation IN ('fixed', 'percent_of_sale', 'adjusted')", name="calculation"
        ),
        CheckConstraint("(kind = 'own') = (service_point_id IS NOT NULL)", name="owner"),
        CheckConstraint("(kind = 'own') = (own_key IS NOT NULL)", name="own_key"),
        CheckConstraint("(calculation = 'adjusted') = (base_table_id IS NOT NULL)", name="base"),
        CheckConstraint("rounding_step IS NULL OR rounding_ending IS NULL", name="rounding"),
        Index("ix_price_tables_service_point", "service_point_id", "issuer_id"),
    )
    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(10))
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_points.id"))
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("issuers.id"), index=True)
    own_key: Mapped[str | None] = mapped_column(CODE, unique=True)
    """`service point:issuer or 0` of an own table: one table per pair."""
    calculation: Mapped[str] = mapped_column(String(20), default=Calculation.FIXED)
    base_table_id: Mapped[int | None] = mapped_column(ForeignKey("price_tables.id"), index=True)
    percent: Mapped[Decimal | None] = mapped_column(Minor(PERCENT_SCALE))
    rounding_step: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    rounding_ending: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    service_point: Mapped[ServicePoint | None] = relationship(lazy="joined")
    issuer: Mapped[Issuer | None] = relationship(lazy="joined")


class Dated:
    """What every edition is, of acquisition and of sale prices: numbered, in a state, for days."""

    number: Mapped[int]
    """1, 2, 3 within its table: how people name it."""
    state: Mapped[str] = mapped_column(String(12), default=EditionState.DRAFT)
    valid_from: Mapped[date]
    valid_until: Mapped[Until]
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    if TYPE_CHECKING:
        id: Mapped[Key]

    @property
    def period(self) -> Period:
        """The days on which it is in force once published."""
        return Period(self.valid_from, self.valid_until)


class Edition(Dated, Base):
    """One dated version of a price table; its items freeze once it has been in force."""

    __tablename__ = "editions"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_until", name="window"),
        CheckConstraint("state IN ('draft', 'published', 'superseded')", name="state"),
        Index("ix_editions_in_force", "price_table_id", "state", "valid_from", "valid_until"),
    )
    id: Mapped[Key]
    price_table_id: Mapped[int] = mapped_column(ForeignKey("price_tables.id"))
    price_table: Mapped[PriceTable] = relationship()


class EditionItem(Base):
    """The price, or the percentage of the sale price, of a product from a quantity on."""

    __tablename__ = "edition_items"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("percent >= 0", name="percent"),
        CheckConstraint("(price IS NULL) <> (percent IS NULL)", name="one_of_both"),
        CheckConstraint("price <> 0 OR free", name="zero_is_ticked"),
        CheckConstraint("min_quantity >= 0", name="min_quantity"),
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
    min_quantity: Mapped[Quantity] = mapped_column(primary_key=True)
    """0 holds from any quantity."""
    price: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    percent: Mapped[Decimal | None] = mapped_column(Minor(PERCENT_SCALE))
    free: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="free"), default=False)


class PriceAssignment(Base):
    """From when to when a service point uses its own tables or one general table."""

    __tablename__ = "price_assignments"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_until", name="window"),
        CheckConstraint("mode IN ('own', 'general')", name="mode"),
        CheckConstraint("(mode = 'general') = (price_table_id IS NOT NULL)", name="table"),
        Index("ix_price_assignments_in_force", "service_point_id", "valid_from", "valid_until"),
    )
    id: Mapped[Key]
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"))
    mode: Mapped[str] = mapped_column(String(10))
    price_table_id: Mapped[int | None] = mapped_column(ForeignKey("price_tables.id"), index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[Until]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    price_table: Mapped[PriceTable | None] = relationship(lazy="joined")

    @property
    def period(self) -> Period:
        """The days on which it holds."""
        return Period(self.valid_from, self.valid_until)
