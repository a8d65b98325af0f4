"""What is sent and answered about charges and Pix accounts."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from portal.payments.models import ChargeState, NoticeOutcome
from portal.payments.rules.pix_keys import HOLDER_LENGTH, KEY_LENGTH, PLACE_LENGTH
from portal.web.shapes import AmountOut, Day, ListQuery, Shape, Text

Method = Literal["pix", "cash", "card", "transfer", "cheque"]


class ChargeQuery(ListQuery):
    """Which charges a list asks for; `from` and `to` are days on which they were made."""

    service_point: Annotated[str, Field(max_length=64)] | None = None
    status: ChargeState | None = None
    begin: Annotated[Day | None, Field(alias="from")] = None
    end: Annotated[Day | None, Field(alias="to")] = None


class ConfirmIn(Shape):
    """A person's word that money arrived."""

    paid_on: Day
    method: Method


class SubjectOut(Shape):
    """What a charge is for, such as an order and its number."""

    type: str
    id: int


class RefundOut(Shape):
    """Money that goes back, or went."""

    id: int
    amount: AmountOut
    status: Literal["pending", "sent", "done"]
    reason: str
    requested_at: datetime
    done_at: datetime | None


class ChargeOut(Shape):
    """Money that a customer is asked for; `br_code` is what the QR code holds."""

    id: int
    provider: str
    subject: SubjectOut
    service_point: str
    payee: Literal["service_point", "headquarters"]
    amount: AmountOut
    description: str
    txid: str
    br_code: str | None
    status: ChargeState
    created_at: datetime
    expires_at: datetime | None
    paid_on: date | None
    paid_at: datetime | None
    paid_amount: AmountOut | None
    method: Method | None
    refunds: list[RefundOut]


class ChargeList(Shape):
    """A page of charges."""

    items: list[ChargeOut]
    next: str | None


class PixAccountIn(Shape):
    """Where Pix is received."""

    key: Annotated[str, Text(KEY_LENGTH)]
    holder: Annotated[str, Text(HOLDER_LENGTH)]
    city: Annotated[str, Text(PLACE_LENGTH)]
    tax_id: Annotated[str, Text(40, 0)] | None = None


class PixAccountOut(Shape):
    """Where Pix is received; `key` as banks know it."""

    key: str
    holder: str
    city: str
    tax_id: str | None
    changed_at: datetime


class NoticeOut(Shape):
    """What came of a notification."""

    outcome: NoticeOutcome
