"""Sale tables, their editions and rows: what final customers of a service point pay."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, Key, Minor
from portal.money import PRICE_SCALE
from portal.partners.models import ServicePoint
from portal.price_imports.models import STATE_RULE, Upload
from portal.pricing.models import Dated, Priced

NAME_LENGTH = 120


class Channel(StrEnum):
    """Where a sale table's prices are sold at."""

    BACK_OFFICE = "back_office"
    SITE = "site"


class SaleTable(Priced, Base):
    """Sale prices of one service point, for its back office, its site, or both."""

    __tablename__ = "sale_tables"
    entity = "sale_table"
    __table_args__ = (CheckConstraint("back_office OR site", name="a_channel"),)
    id: Mapped[Key]
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_points.id"), index=True)
    back_office: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="back_office"))
    site: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="site"))
    service_point: Mapped[ServicePoint] = relationship(lazy="joined")

    @property
    def channels(self) -> list[Channel]:
        """Where it is sold at."""
        sold = {Channel.BACK_OFFICE: self.back_office, Channel.SITE: self.site}
        return [channel for channel, holds in sold.items() if holds]


class SaleEdition(Dated, Base):
    """One dated version of a sale table; its rows freeze once it has been in force."""

    __tablename__ = "sale_editions"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_until", name="window"),
        CheckConstraint("state IN ('draft', 'published', 'superseded')", name="state"),
        Index("ix_sale_editions_in_force", "sale_table_id", "state", "valid_from", "valid_until"),
    )
    id: Mapped[Key]
    sale_table_id: Mapped[int] = mapped_column(ForeignKey("sale_tables.id"))
    sale_table: Mapped[SaleTable] = relationship()


class SaleItem(Base):
    """What a product costs the final customer: the sale price, else the suggested one."""

    __tablename__ = "sale_items"
    __table_args__ = (
        CheckConstraint("suggested_price > 0", name="suggested_price"),
        CheckConstraint("sale_price > 0", name="sale_price"),
        CheckConstraint(
            "(confirmed_acquisition IS NULL) = (confirmed_at IS NULL)", name="confirmed"
        ),
    )
    sale_edition_id: Mapped[int] = mapped_column(ForeignKey("sale_editions.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
    suggested_price: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    sale_price: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    on_site: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="on_site"))
    confirmed_acquisition: Mapped[Decimal | None] = mapped_column(Minor(PRICE_SCALE))
    """Up to which acquisition price somebody who may has agreed to sell it below, on the site."""
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None]

    @property
    def price(self) -> Decimal | None:
        """What the final customer pays; None while it is to be priced."""
        return self.suggested_price if self.sale_price is None else self.sale_price


class SaleImport(Upload, Base):
    """A file of sale prices on its way into an edition."""

    __tablename__ = "sale_imports"
    __table_args__ = (CheckConstraint(STATE_RULE, name="state"),)
    id: Mapped[Key]
    table_id: Mapped[int] = mapped_column("sale_table_id", ForeignKey("sale_tables.id"), index=True)
    edition_id: Mapped[int | None] = mapped_column(
        ForeignKey("sale_editions.id", ondelete="SET NULL")
    )
