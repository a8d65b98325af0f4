"""A shop's looks and texts, its logo, its counters, and what is kept of a checkout.

Its address and whether it is open stand with the service point (`shop_slug`, `shop_enabled`).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.dialects.mysql import LONGBLOB
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.models import DIGEST
from portal.db import LONG_TEXT, Base, Key

DEFAULT_COLOUR = "#6b2c7f"
PER_DOCUMENT = 10
"""How many orders of one document a shop takes in a day, unless it says otherwise."""
PER_ADDRESS = 20
"""How many orders from one address of the network a shop takes in an hour."""


class Shop(Base):
    """How a service point's shop looks and what it says; empty texts have sensible stand-ins.

    A service point without this row has a shop all the same, under its own name.
    """

    __tablename__ = "shops"
    __table_args__ = (
        CheckConstraint("orders_per_document BETWEEN 1 AND 100000", name="per_document"),
        CheckConstraint("orders_per_address BETWEEN 1 AND 100000", name="per_address"),
        CheckConstraint("length(colour) = 7", name="colour"),
    )
    id: Mapped[Key]
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"), unique=True)
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("issuers.id"), index=True)
    """Through whom its orders go; there may be none."""
    name: Mapped[str] = mapped_column(String(120), default="")
    tagline: Mapped[str] = mapped_column(String(120), default="")
    """Below the name, in a few words."""
    headline: Mapped[str] = mapped_column(String(120), default="")
    intro: Mapped[str] = mapped_column(String(500), default="")
    promises: Mapped[str] = mapped_column(String(500), default="")
    """A few short ones, a line each."""
    advice: Mapped[str] = mapped_column(String(2000), default="")
    """What helps to choose."""
    colour: Mapped[str] = mapped_column(String(7), default=DEFAULT_COLOUR)
    """#rrggbb; what stands on it, and its shade at night, follow from it."""
    legal_name: Mapped[str] = mapped_column(String(160), default="")
    address: Mapped[str] = mapped_column(String(255), default="")
    hours: Mapped[str] = mapped_column(String(160), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    returns_text: Mapped[str] = mapped_column(LONG_TEXT, default="")
    privacy_text: Mapped[str] = mapped_column(LONG_TEXT, default="")
    closed_text: Mapped[str] = mapped_column(String(500), default="")
    orders_per_document: Mapped[int | None]
    orders_per_address: Mapped[int | None]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ShopLogo(Base):
    """A shop's logo, re-encoded; its digest is part of its address."""

    __tablename__ = "shop_logos"
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(16))
    media_type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(
        LargeBinary().with_variant(LONGBLOB, "mysql", "mariadb"), deferred=True
    )


class ShopProduct(Base):
    """What a shop says of a product: one line in the list, more on its page."""

    __tablename__ = "shop_products"
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(
        ForeignKey("products.id"), primary_key=True, autoincrement=False, index=True
    )
    summary: Mapped[str] = mapped_column(String(200), default="")
    details: Mapped[str] = mapped_column(LONG_TEXT, default="")


class ShopDay(Base):
    """How many came on a day: visits, carts begun, checkouts opened. Nobody is known by it."""

    __tablename__ = "shop_days"
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)
    carts: Mapped[int] = mapped_column(default=0)
    checkouts: Mapped[int] = mapped_column(default=0)


class ShopLimit(Base):
    """How many orders a document or an address has made since `began_at`, known by a hash alone."""

    __tablename__ = "shop_limits"
    key_hash: Mapped[bytes] = mapped_column(DIGEST, primary_key=True)
    began_at: Mapped[datetime]
    taken: Mapped[int]


class ShopCheckout(Base):
    """What a visitor agreed to with an order, word for word, and where the order is looked at."""

    __tablename__ = "shop_checkouts"
    order_id: Mapped[int] = mapped_column(
        ForeignKey("orders.id"), primary_key=True, autoincrement=False
    )
    consented_at: Mapped[datetime]
    consent: Mapped[str] = mapped_column(LONG_TEXT)
    base_url: Mapped[str] = mapped_column(String(255))
    """The portal's own address, such as https://loja.example, for links in mails."""
