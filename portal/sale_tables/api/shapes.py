"""What is sent and answered about sale tables and their editions."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from portal.pricing.forms.sent import (
    MAX_ITEMS,
    ChangedEdition,
    NewEdition,
    Number,
    PublishIn,
    Reason,
    State,
)
from portal.sale_tables.models import NAME_LENGTH
from portal.texts import SEARCH_LENGTH
from portal.web.shapes import (
    LEFT_OUT,
    AmountIn,
    CodeText,
    Day,
    ListQuery,
    PercentIn,
    PercentOut,
    PriceIn,
    PriceOut,
    Shape,
    Text,
)

ChannelName = Literal["back_office", "site"]
Name = Annotated[str, Text(NAME_LENGTH)]
Channels = Annotated[list[ChannelName], Field(max_length=2)]


class SaleTableIn(Shape):
    """A sale table to put on file; the first draft begins on `valid_from`, today if not given."""

    name: Name
    service_point: CodeText
    channels: Channels
    valid_from: Day | None = None


class SaleTablePatch(Shape):
    """What of a sale table is to be another."""

    name: Name = LEFT_OUT
    channels: Channels = LEFT_OUT
    reason: Reason | None = None


class SaleTableOut(Shape):
    """A sale table; `edition` is the draft that a new one begins with."""

    id: int
    name: str
    service_point: str
    channels: list[ChannelName]
    created_at: datetime
    edition: int | None = None


class SaleTableList(Shape):
    """A page of sale tables."""

    items: list[SaleTableOut]
    next: str | None


class SaleTableQuery(ListQuery):
    """What a list of sale tables may be narrowed down to."""

    q: Annotated[str, Text(SEARCH_LENGTH, 0)] = ""
    service_point: CodeText | None = None
    channel: ChannelName | None = None


class SaleItemIn(Shape):
    """A row of a sale edition; without any price it is to be priced."""

    sku: CodeText
    suggested_price: PriceIn | None = None
    sale_price: PriceIn | None = None
    on_site: bool = False


class SaleItemOut(Shape):
    """A row of a sale edition.

    `price` is the sale price, else the suggested one. `confirmed_below`, for those who may see
    acquisition prices: someone agreed to sell it below.
    """

    sku: str
    suggested_price: PriceOut | None
    sale_price: PriceOut | None
    price: PriceOut | None
    on_site: bool
    confirmed_below: bool | None = None


SaleItems = Annotated[list[SaleItemIn], Field(max_length=MAX_ITEMS)]


class SaleEditionIn(NewEdition):
    """A sale edition to draft, and with `publish` to put in force."""

    items: SaleItems = Field(default_factory=list)


class SaleEditionPatch(ChangedEdition):
    """What of a sale edition is to be another; of one that has begun, only its end."""

    items: SaleItems = LEFT_OUT


class SalePublishIn(PublishIn):
    """How a draft is put in force."""


class SaleEditionOut(Shape):
    """A sale edition; `items` are absent in lists."""

    id: int
    sale_table: int
    number: int
    state: State
    valid_from: Day
    valid_until: Day | None
    created_at: datetime
    published_at: datetime | None
    items: list[SaleItemOut] | None = None


class SaleEditionList(Shape):
    """A page of sale editions, without their items."""

    items: list[SaleEditionOut]
    next: str | None


class SaleCopyIn(Shape):
    """For which days, and by how many per cent, rounded to what; `into` another sale table."""

    valid_from: Day
    valid_until: Day | None = None
    percent: PercentIn = Decimal(0)
    rounding_step: PriceIn | None = None
    rounding_ending: AmountIn | None = None
    into: Number | None = None


class SaleFillIn(Shape):
    """Which price is filled, from what, by how many per cent, rounded to what."""

    basis: Literal["acquisition", "suggested"]
    into: Literal["suggested_price", "sale_price"] = "sale_price"
    percent: PercentIn = Decimal(0)
    rounding_step: PriceIn | None = None
    rounding_ending: AmountIn | None = None
    only_empty: bool = True


class SaleFillOut(Shape):
    """How many rows have another price."""

    filled: int


class SaleConfirmIn(Shape):
    """The products that the site may sell below acquisition."""

    skus: Annotated[list[CodeText], Field(min_length=1, max_length=MAX_ITEMS)]


class SaleConfirmOut(Shape):
    """How many rows that concerned."""

    confirmed: int


class BelowQuery(ListQuery):
    """Below which margin, in per cent of the sale price; without it, below acquisition."""

    margin: PercentIn | None = None


class BelowOnQuery(BelowQuery):
    """On which day; today if not given."""

    on: Day | None = None


class BelowOut(Shape):
    """A sale price that does not leave enough; `left_site`: the site does not sell it now."""

    sku: str
    name: str
    service_point: str
    sale_table: int
    edition: int
    price: PriceOut
    acquisition: PriceOut
    acquisition_before: PriceOut | None
    margin_percent: PercentOut
    on_site: bool
    left_site: bool


class BelowList(Shape):
    """A page of them."""

    items: list[BelowOut]
    next: str | None
