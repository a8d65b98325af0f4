"""What is sent and answered about price tables, editions and assignments."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from portal.pricing.forms.sent import (
    MAX_ITEMS,
    ChangedEdition,
    NewEdition,
    Number,
    Reason,
    State,
)
from portal.pricing.rules.tables import NAME_LENGTH
from portal.texts import SEARCH_LENGTH
from portal.web.shapes import (
    LEFT_OUT,
    AmountIn,
    AmountOut,
    CodeText,
    Day,
    ListQuery,
    PercentIn,
    PercentOut,
    PriceIn,
    PriceOut,
    QuantityOrZeroIn,
    QuantityOut,
    Shape,
    Text,
)

Kind = Literal["general", "own"]
How = Literal["fixed", "percent_of_sale", "adjusted"]
Name = Annotated[str, Text(NAME_LENGTH)]
MAX_ASSIGNMENTS = 200


class CalculationIn(Shape):
    """How prices come about; all but the type belongs to adjusted tables."""

    type: How
    base_table: Number | None = None
    percent: PercentIn | None = None
    rounding_step: PriceIn | None = None
    rounding_ending: AmountIn | None = None


class CalculationOut(Shape):
    """How prices come about."""

    type: How
    base_table: int | None = None
    percent: PercentOut | None = None
    rounding_step: PriceOut | None = None
    rounding_ending: AmountOut | None = None


class TableIn(Shape):
    """A price table to put on file."""

    name: Name
    kind: Kind
    service_point: CodeText | None = None
    issuer: CodeText | None = None
    calculation: CalculationIn = CalculationIn(type="fixed")


class TablePatch(Shape):
    """What of a price table is to be another."""

    name: Name = LEFT_OUT
    calculation: CalculationIn = LEFT_OUT
    reason: Reason | None = None


class TableOut(Shape):
    """A price table."""

    id: int
    name: str
    kind: Kind
    service_point: str | None
    issuer: str | None
    calculation: CalculationOut
    created_at: datetime


class TableList(Shape):
    """A page of price tables."""

    items: list[TableOut]
    next: str | None


class TableQuery(ListQuery):
    """What a list of price tables may be narrowed down to."""

    q: Annotated[str, Text(SEARCH_LENGTH, 0)] = ""
    kind: Kind | None = None
    service_point: CodeText | None = None
    issuer: CodeText | None = None


class ItemIn(Shape):
    """A row of an edition: a price or, in a table of percentages, a percentage."""

    sku: CodeText
    price: PriceIn | None = None
    percent: PercentIn | None = None
    min_quantity: QuantityOrZeroIn | None = None
    free: bool = False


class ItemOut(Shape):
    """A row of an edition."""

    sku: str
    min_quantity: QuantityOut | None
    price: PriceOut | None = None
    percent: PercentOut | None = None
    free: bool


Items = Annotated[list[ItemIn], Field(max_length=MAX_ITEMS)]


class EditionIn(NewEdition):
    """An edition to draft, and with `publish` to put in force."""

    items: Items


class EditionPatch(ChangedEdition):
    """What of an edition is to be another; of a published one, only its end."""

    items: Items = LEFT_OUT


class EditionOut(Shape):
    """An edition; `items` are absent in lists."""

    id: int
    price_table: int
    number: int
    state: State
    valid_from: Day
    valid_until: Day | None
    created_at: datetime
    published_at: datetime | None
    items: list[ItemOut] | None = None


class EditionList(Shape):
    """A page of editions, without their items."""

    items: list[EditionOut]
    next: str | None


class AssignmentIn(Shape):
    """From when to when a service point uses its own tables, or a general one."""

    mode: Kind
    price_table: Number | None = None
    valid_from: Day
    valid_until: Day | None = None


class AssignmentsIn(Shape):
    """All assignments of a service point."""

    items: Annotated[list[AssignmentIn], Field(max_length=MAX_ASSIGNMENTS)]
    reason: Reason | None = None


class AssignmentOut(Shape):
    """An assignment."""

    id: int
    mode: Kind
    price_table: int | None
    valid_from: Day
    valid_until: Day | None


class AssignmentsOut(Shape):
    """All assignments of a service point, by their first day."""

    service_point: str
    items: list[AssignmentOut]
