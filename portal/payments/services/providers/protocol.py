"""What every way to be paid can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from sqlalchemy.orm import Session

from portal.payments.models import Charge
from portal.payments.rules.pix_keys import Recipient


class Kind(StrEnum):
    """What a notification tells."""

    PAID = "paid"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Notification:
    """What a firm tells, once its signature was found good: a hint to ask it, never a proof."""

    event_id: str
    kind: Kind
    txid: str
    end_to_end_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Arrived:
    """Money that came in; `end_to_end_id` is its own number, the same wherever it is told of."""

    end_to_end_id: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """Money that went back, of the payment with this number.

    `key` is that of the portal's `Return`; None where the firm or the bank did it by itself.
    """

    end_to_end_id: str
    amount: Decimal
    at: datetime
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the firm answers when it is asked about a charge."""

    txid: str
    amount: Decimal
    payments: tuple[Arrived, ...] = ()
    refunds: tuple[Returned, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """Money to give back; `key` makes the firm do it once, however often it is asked."""

    key: str
    txid: str
    end_to_end_id: str
    amount: Decimal
    at: datetime


class Provider(Protocol):
    """A way to be paid.

    The session is for those whose books stand in the portal's own database: whoever calls a firm
    must not hold a transaction open. So `create_charge` and `cancel_charge`, which are part of the
    order's transaction, never call out.
    """

    name: str
    is_firm: bool
    """Whether it notifies, can be asked and gives money back; otherwise people do."""

    def create_charge(self, session: Session, charge: Charge, recipient: Recipient | None) -> None:
        """Complete a new charge with what the customer needs to pay it."""

    def cancel_charge(self, session: Session, txid: str) -> None:
        """See to it that it is not paid any more."""

    def get_charge(self, session: Session, txid: str) -> Standing | None:
        """Ask how a charge stands; None when the provider does not know it."""

    def refund(self, session: Session, wanted: Return) -> None:
        """Give money back; ProviderUnreachable when it is to be tried again."""

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> Notification:
        """Read a notification off its raw bytes; ForgedNotice unless the firm signed it."""

    def reconcile(self, session: Session, day: date) -> Sequence[Standing]:
        """Return the charges for which money came in or went back on that day."""
