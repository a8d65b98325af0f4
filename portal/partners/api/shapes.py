"""What is sent and answered about service points and credit policies."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from portal.partners.rules import LARGEST_COUNT, NAME_LENGTH, POLICY_NAME_LENGTH
from portal.texts import SEARCH_LENGTH
from portal.web.shapes import (
    LEFT_OUT,
    AmountIn,
    AmountOut,
    CodeText,
    ListQuery,
    NewCode,
    PercentIn,
    PercentOut,
    Shape,
    Text,
)

Collector = Literal["service_point", "headquarters"]
TaxId = Annotated[str, Text(40, 0)]
"""A CPF or CNPJ, with or without marks; empty is none."""
Slug = Annotated[str, Text(64)]
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
Search = Annotated[str, Text(SEARCH_LENGTH, 0)]


class SalePolicyIn(Shape):
    """How far the sale price may be moved from the list price."""

    max_discount_percent: PercentIn = Decimal(0)
    max_surcharge_percent: PercentIn = Decimal(0)
    may_edit_final_price: bool = False


class SalePolicyPatch(Shape):
    """What of a sale policy is to be another."""

    max_discount_percent: PercentIn = LEFT_OUT
    max_surcharge_percent: PercentIn = LEFT_OUT
    may_edit_final_price: bool = LEFT_OUT


class SalePolicyOut(Shape):
    """How far the sale price may be moved from the list price."""

    max_discount_percent: PercentOut
    max_surcharge_percent: PercentOut
    may_edit_final_price: bool


class ShopIn(Shape):
    """Where visitors buy."""

    slug: Slug
    enabled: bool = False


class ShopPatch(Shape):
    """What of a shop is to be another."""

    slug: Slug = LEFT_OUT
    enabled: bool = LEFT_OUT


class ShopOut(Shape):
    """Where visitors buy."""

    slug: str
    enabled: bool


class ServicePointIn(Shape):
    """A service point to put on file."""

    code: NewCode
    name: Annotated[str, Text(NAME_LENGTH)]
    tax_id: TaxId | None = None
    sale_policy: SalePolicyIn = Field(default_factory=SalePolicyIn)
    debt_enabled: bool = False
    collects: Collector = "service_point"
    shop: ShopIn | None = None
    low_balance_threshold: AmountIn | None = None
    credit_policy: CodeText | None = None
    active: bool = True


class ServicePointPatch(Shape):
    """What of a service point is to be another."""

    name: Annotated[str, Text(NAME_LENGTH)] = LEFT_OUT
    tax_id: TaxId | None = None
    sale_policy: SalePolicyPatch = LEFT_OUT
    debt_enabled: bool = LEFT_OUT
    collects: Collector = LEFT_OUT
    shop: ShopPatch | None = None
    low_balance_threshold: AmountIn | None = None
    credit_policy: CodeText | None = None
    active: bool = LEFT_OUT


class ServicePointOut(Shape):
    """A service point; threshold and credit policy only for those who see balances."""

    id: int
    code: str
    name: str
    tax_id: str | None
    sale_policy: SalePolicyOut
    debt_enabled: bool
    collects: Collector
    shop: ShopOut | None
    active: bool
    created_at: datetime
    low_balance_threshold: AmountOut | None = None
    credit_policy: str | None = None


class ServicePointList(Shape):
    """A page of service points."""

    items: list[ServicePointOut]
    next: str | None


class ServicePointQuery(ListQuery):
    """What a list of service points may be narrowed down to."""

    q: Search = ""
    collects: Collector | None = None
    credit_policy: Annotated[str, Text(64, 0)] = ""
    active: bool | None = None


class CreditPolicyIn(Shape):
    """A credit policy to put on file; a limit that is null is no rule, 0 means none at all."""

    code: NewCode
    name: Annotated[str, Text(POLICY_NAME_LENGTH)]
    money: AmountIn | None = None
    documents: Count | None = None
    age_days: Count | None = None


class CreditPolicyPatch(Shape):
    """What of a credit policy is to be another."""

    name: Annotated[str, Text(POLICY_NAME_LENGTH)] = LEFT_OUT
    money: AmountIn | None = None
    documents: Count | None = None
    age_days: Count | None = None


class CreditPolicyOut(Shape):
    """A credit policy."""

    id: int
    code: str
    name: str
    money: AmountOut | None
    documents: int | None
    age_days: int | None


class CreditPolicyList(Shape):
    """A page of credit policies."""

    items: list[CreditPolicyOut]
    next: str | None
