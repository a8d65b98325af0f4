"""What orders look like as JSON."""

from typing import Annotated, Any, Literal

from pydantic import Field

from portal.orders.models import OrderState
from portal.orders.rules import Payment, Wanted, WantedLine
from portal.web.shapes import (
    AmountIn,
    AmountOut,
    CodeText,
    Day,
    DiscountIn,
    ListQuery,
    PriceIn,
    QuantityIn,
    Shape,
    Text,
)

MAX_LINES = 500
Channel = Literal["back_office", "site", "api"]
Kind = Literal["sale", "subscription", "internal"]
DocumentType = Literal["cash_sale", "credit_sale", "delivery_note"]
Method = Literal["cash", "pix", "card", "transfer", "cheque", "wallet"]
Status = Literal[
    "draft",
    "placed",
    "awaiting_approval",
    "awaiting_payment",
    "awaiting_credit",
    "lapsed",
    "fulfilled",
    "cancelled",
]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Reference = Annotated[str, Text(64)]
Reason = Annotated[str, Text(500)]


class LineIn(Shape):
    """A product and how much of it; a typed `unit_price` is final, a discount comes off a list."""

    sku: CodeText
    quantity: QuantityIn
    discount_percent: DiscountIn | None = None
    unit_price: PriceIn | None = None

    def wanted(self) -> WantedLine:
        """Return it as plain values."""
        return WantedLine(self.sku, self.quantity, self.unit_price, self.discount_percent)


class QuoteIn(Shape):
    """What is to be priced, by default for today."""

    service_point: CodeText
    issuer: CodeText | None = None
    channel: Channel
    on: Day | None = None
    customer: Id | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MAX_LINES)]

    def wanted(self) -> Wanted:
        """Return it as plain values."""
        return Wanted(
            service_point=self.service_point,
            channel=self.channel,
            lines=[line.wanted() for line in self.lines],
            issuer=self.issuer,
            on=self.on,
        )


class PaymentIn(Shape):
    """How a part of the sale is paid."""

    method: Method
    amount: AmountIn

    def plain(self) -> Payment:
        """Return it as plain values."""
        return Payment(self.method, self.amount)


class OrderIn(Shape):
    """An order. `on` is refused: the day of an order is the day it is placed."""

    service_point: CodeText
    issuer: CodeText | None = None
    channel: Channel
    on: Any = None
    customer: Id | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MAX_LINES)]
    kind: Kind = "sale"
    document_type: DocumentType = "cash_sale"
    referrer: Id | Annotated[str, Text(64)] | None = None
    sales_condition: CodeText | None = None
    final_total: AmountIn | None = None
    payments: Annotated[list[PaymentIn], Field(max_length=100)] | None = None
    leave_balance: bool = False
    external_reference: Reference | None = None
    draft: bool = False
    expected_total: AmountIn | None = None
    request_approval: bool = False

    def wanted(self) -> Wanted:
        """Return it as plain values."""
        paid = self.payments
        return Wanted(
            self.service_point,
            self.channel,
            [line.wanted() for line in self.lines],
            self.issuer,
            self.kind,
            self.document_type,
            self.external_reference,
            self.final_total,
            None if paid is None else [one.plain() for one in paid],
            self.expected_total,
        )


class PriceChangeIn(Shape):
    """Another sale price for a line, named by its position."""

    position: Annotated[int, Field(ge=1, le=MAX_LINES)]
    unit_price: PriceIn


class OrderPatch(Shape):
    """What of the sale is to be another; the acquisition side never changes."""

    customer: Id | None = None
    kind: Kind = "sale"
    document_type: DocumentType = "cash_sale"
    external_reference: Reference | None = None
    payments: Annotated[list[PaymentIn], Field(max_length=100)] | None = None
    lines: Annotated[list[PriceChangeIn], Field(max_length=MAX_LINES)] = []  # noqa: RUF012 - pydantic copies it


class PlaceIn(Shape):
    """What may be said when a draft is placed."""

    expected_total: AmountIn | None = None
    request_approval: bool = False


class CancelIn(Shape):
    """Why an order is cancelled."""

    reason: Reason


class OrderQuery(ListQuery):
    """Which orders a list asks for; `from` and `to` are days on which they were placed."""

    service_point: Annotated[str, Field(max_length=64)] | None = None
    customer: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    status: OrderState | None = None
    begin: Annotated[Day | None, Field(alias="from")] = None
    end: Annotated[Day | None, Field(alias="to")] = None
    external_reference: Annotated[str, Field(max_length=64)] | None = None


class BecauseOut(Shape):
    """One reason of a price."""

    step: str
    text: str


class AcquisitionOut(Shape):
    """What a line costs the service point; absent without `costs.view`."""

    unit_price: str
    amount: AmountOut
    price_table: int
    edition: int
    because: list[BecauseOut]


class SaleOut(Shape):
    """What a line costs the final customer."""

    list_price: str | None
    unit_price: str
    amount: AmountOut
    discount_percent: str | None
    because: list[BecauseOut]


class LineOut(Shape):
    """A line; a draft's keeps what was typed and has no prices."""

    position: int
    sku: str
    name: str
    quantity: str
    acquisition: AcquisitionOut | None = None
    sale: SaleOut | None = None
    unit_price: str | None = None
    discount_percent: str | None = None


class TotalsOut(Shape):
    """Sums of rounded lines; `acquisition` and `margin` are absent without `costs.view`."""

    sale: AmountOut
    acquisition: AmountOut | None = None
    margin: AmountOut | None = None


class LotPartOut(Shape):
    """How much a lot gave."""

    lot: int
    amount: AmountOut


class CreditOut(Shape):
    """What an order took from the account; absent without `costs.view`."""

    transaction: int
    debited: AmountOut
    balance: AmountOut
    available: AmountOut
    lots: list[LotPartOut]
    debt: AmountOut
    reversal: int | None = None


class SettlementOut(Shape):
    """How the sale is settled."""

    paid: AmountOut
    left_as_debt: AmountOut
    left_as_credit: AmountOut


class WarningOut(Shape):
    """What would refuse the order."""

    code: str
    field: str
    message: str


class PaymentOut(Shape):
    """How a part of the sale is paid; a draft may leave open how much is left to pay."""

    method: Method
    amount: AmountOut | None


class QuoteOut(Shape):
    """What an order would cost, and what would refuse it."""

    on: Day
    service_point: str
    issuer: str | None
    channel: Channel
    customer: int | None
    lines: list[LineOut]
    totals: TotalsOut
    settlement: SettlementOut
    instalments: list[Any]
    warnings: list[WarningOut]


class BuyerOut(Shape):
    """Who ordered in a shop; how to reach them is for those who deal with orders or payments."""

    kind: Literal["person", "company"]
    name: str
    tax_id: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str


class OrderSummary(Shape):
    """An order as lists tell it."""

    number: str
    status: Status
    created_at: str
    placed_at: str | None
    on: Day | None
    fulfilled_at: str | None
    cancelled_at: str | None
    cancel_reason: str | None
    service_point: str
    issuer: str | None
    channel: Channel
    customer: int | None
    referrer: int | None
    sales_condition: str | None
    kind: Kind
    document_type: DocumentType
    external_reference: str | None
    final_total: AmountOut | None
    payments: list[PaymentOut] | None
    pay_until: str | None
    waiting_reason: Literal["insufficient_credit", "no_price", "behind_others"] | None
    charge: int | None
    buyer: BuyerOut | None
    totals: TotalsOut | None = None


class OrderOut(OrderSummary):
    """An order with its lines, its debit and its settlement."""

    lines: list[LineOut]
    settlement: SettlementOut | None = None
    instalments: list[Any] | None = None
    credit: CreditOut | None = None


class OrderList(Shape):
    """A page of orders, newest first."""

    items: list[OrderSummary]
    next: str | None
