"""The shapes of wallets, lots and movements. Amounts have the decimals of their credit type."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from portal.clock import end_of, start_of
from portal.web.shapes import (
    AmountIn,
    AmountOut,
    CreditIn,
    CreditOut,
    Day,
    ListQuery,
    Moment,
    NewCode,
    PriceIn,
    PriceOut,
    Query,
    Shape,
    Text,
)

Kind = Literal["paid", "bonus"]
Status = Literal["live", "used", "expired", "refunded"]
Origin = Literal["grant", "purchase", "overpayment", "reversal", "transfer", "site_sale"]
EntryKindName = Literal[
    "purchase",
    "grant",
    "debit",
    "reversal",
    "expiry",
    "refund",
    "adjustment",
    "transfer",
    "hold_capture",
    "settlement",
]
Source = Literal[
    "invoice", "delivery_note", "cash_sale", "service_report", "helpdesk", "event", "manual"
]
Reason = Annotated[str, Text(500)]
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(9999, 12, 30)


def _bound(value: Any, edge: Any) -> Any:
    """Take an instant, or a day as its first or last one."""
    if isinstance(value, str) and len(value) == len("2026-12-31"):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return edge(min(max(day, _FIRST_DAY), _LAST_DAY)).isoformat()
    return value


From = Annotated[Moment, BeforeValidator(lambda value: _bound(value, start_of))]
To = Annotated[Moment, BeforeValidator(lambda value: _bound(value, end_of))]


class AtQuery(Query):
    """`at` asks for a past instant."""

    at: Moment | None = None


class StatementQuery(ListQuery):
    """`from` and `to` are days or instants; `order=newest` begins with the last movement."""

    first: From | None = Field(default=None, alias="from")
    last: To | None = Field(default=None, alias="to")
    kind: EntryKindName | None = None
    order: Literal["oldest", "newest"] = "oldest"


class LotsQuery(ListQuery):
    """Lots come by their id."""


class TypesQuery(ListQuery):
    """Credit types come by their id."""


class OwnerOut(Shape):
    """Whose account it is."""

    service_point: str


class ExpiryOut(Shape):
    """The day on which credit expires next, and how much of it."""

    on: date
    amount: CreditOut


class AccountOut(Shape):
    """An account. `available` counts what its policy lets it go below zero."""

    owner: OwnerOut
    credit_type: str
    balance: CreditOut
    held: CreditOut
    available: CreditOut
    debt: CreditOut
    overdraft: CreditOut
    next_expiry: ExpiryOut | None


class LotOut(Shape):
    """Credit received at once; `paid` and `recognised` are money."""

    id: int
    kind: Kind
    face: CreditOut
    paid: AmountOut
    remaining: CreditOut
    recognised: AmountOut
    granted_at: datetime
    expires_on: date | None
    origin: Origin
    status: Status


class LotsOut(Shape):
    """A page of lots."""

    items: list[LotOut]
    next: str | None


class UseOut(Shape):
    """How much of which lot."""

    lot: int
    amount: CreditOut


class ReferenceOut(Shape):
    """What a movement is for: an order, another transaction, or a source's own number."""

    type: str
    id: str


class EntryOut(Shape):
    """A movement; `id` is its transaction. `hash` ends the chain after it."""

    id: int
    at: datetime
    kind: EntryKindName
    amount: CreditOut
    balance: CreditOut
    reference: ReferenceOut | None
    lots: list[UseOut]
    description: str
    actor: str | None
    hash: str


class StatementOut(Shape):
    """A page of the statement."""

    items: list[EntryOut]
    next: str | None


class GrantIn(Shape):
    """Credit to be given; `paid` is the money that came in for it, 0 for a bonus."""

    amount: CreditIn
    paid: AmountIn
    kind: Kind
    expires_on: Day | None = None
    reason: Reason


class GrantOut(Shape):
    """What a grant brought about."""

    transaction: int
    lot: LotOut
    account: AccountOut


class DebitIn(Shape):
    """Credit to be taken for something that is no order."""

    amount: CreditIn
    source: Source
    reference: Annotated[str, Text(64, 0)] | None = None
    description: Annotated[str, Text(200, 0)] | None = None


class DebitOut(Shape):
    """What a debit took from where; `debt` is what no lot covered."""

    transaction: int
    lots: list[UseOut]
    debt: CreditOut
    account: AccountOut


class ReasonIn(Shape):
    """Why."""

    reason: Reason


class ReversalOut(Shape):
    """What a reversal put back where."""

    transaction: int
    reverses: int
    lots: list[UseOut]
    account: AccountOut


class TypeIn(Shape):
    """A credit type; `scale` is its number of decimals, `unit_value` what one unit is worth."""

    code: NewCode
    name: Annotated[str, Text(80)]
    scale: Annotated[int, Field(ge=0, le=4)]
    unit_value: PriceIn


class TypeOut(Shape):
    """A credit type."""

    id: int
    code: str
    name: str
    scale: int
    unit_value: PriceOut


class TypesOut(Shape):
    """A page of credit types."""

    items: list[TypeOut]
    next: str | None
