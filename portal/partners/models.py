"""Service points, what they may do, and credit policies."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import CODE, Amount, Base, Code, Key, Minor, Percent
from portal.money import AMOUNT_SCALE


class Collects(StrEnum):
    """Who receives a visitor's money."""

    SERVICE_POINT = "service_point"
    HEADQUARTERS = "headquarters"


class CreditPolicy(Base):
    """Up to three limits; one not set is no rule, 0 means none at all (DESIGN 6.5)."""

    __tablename__ = "credit_policies"
    __table_args__ = (
        CheckConstraint("money >= 0", name="money"),
        CheckConstraint("documents >= 0", name="documents"),
        CheckConstraint("age_days >= 0", name="age_days"),
    )
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(CODE, unique=True)
    name: Mapped[str] = mapped_column(String(120))
    money: Mapped[Decimal | None] = mapped_column(Minor(AMOUNT_SCALE))
    documents: Mapped[int | None]
    age_days: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class ServicePoint(Base):
    """A partner that sells to final customers and buys from headquarters."""

    __tablename__ = "service_points"
    __table_args__ = (
        CheckConstraint("max_discount_percent BETWEEN 0 AND 1000000", name="discount"),
        CheckConstraint("max_surcharge_percent BETWEEN 0 AND 10000000", name="surcharge"),
        CheckConstraint("collects IN ('service_point', 'headquarters')", name="collects"),
        Index("ix_service_points_name", "name", "id"),
    )
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(CODE, unique=True)
    name: Mapped[str] = mapped_column(String(160))
    tax_id: Mapped[str | None] = mapped_column(String(14), index=True)
    """CPF or CNPJ without marks, upper case."""
    max_discount_percent: Mapped[Percent]
    max_surcharge_percent: Mapped[Percent]
    may_edit_final_price: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="may_edit_final_price"), default=False
    )
    debt_enabled: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="debt_enabled"), default=False
    )
    collects: Mapped[str] = mapped_column(String(16), default=Collects.SERVICE_POINT)
    shop_slug: Mapped[str | None] = mapped_column(CODE, unique=True)
    shop_enabled: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="shop_enabled"), default=False
    )
    low_balance_threshold: Mapped[Amount | None]
    credit_policy_id: Mapped[int | None] = mapped_column(
        ForeignKey("credit_policies.id"), index=True
    )
    active: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="active"), default=True
    )
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    credit_policy: Mapped[CreditPolicy | None] = relationship(lazy="joined")
