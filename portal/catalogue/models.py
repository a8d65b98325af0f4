"""Products with their categories, and issuers."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import CODE, Base, Code, Key, Minor


class ProductKind(StrEnum):
    """What a product is."""

    GOOD = "good"
    SERVICE = "service"


class Category(Base):
    """A group of products, named by its text."""

    __tablename__ = "categories"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Product(Base):
    """What is sold. `fractional` allows quantities with up to 3 decimals."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("kind IN ('good', 'service')", name="kind"),
        Index("ix_products_name", "name", "id"),
        Index("ix_products_category", "category_id", "id"),
    )
    id: Mapped[Key]
    sku: Mapped[Code] = mapped_column(CODE, unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10), default=ProductKind.SERVICE)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    active: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="active"), default=True
    )
    fractional: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="fractional"), default=False
    )
    credit_type: Mapped[str | None] = mapped_column(CODE)
    credit_units: Mapped[Decimal | None] = mapped_column(Minor(4))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    category: Mapped[Category | None] = relationship(lazy="joined")


class Issuer(Base):
    """The certification authority, or other supplier, through which an order is fulfilled."""

    __tablename__ = "issuers"
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(CODE, unique=True)
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="active"), default=True
    )
    version: Mapped[int] = mapped_column(default=1)


class OfferStamp(Base):
    """One row that counts every change of what a shop may show, or at which price."""

    __tablename__ = "offer_stamps"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
