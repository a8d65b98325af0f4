"""What people and other systems ask of a wallet, in amounts: the doors' way to the deeds."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.credit.models import LotKind
from portal.credit.queries.accounts import Wallet
from portal.credit.services.accounts import open_account
from portal.credit.services.booking import Movement
from portal.credit.services.debits import Reference, debit
from portal.credit.services.grants import Terms, grant
from portal.errors import invalid
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, to_minor


@dataclass(frozen=True, slots=True)
class Offer:
    """Credit to be granted: `amount` in the wallet's type, `paid` in money."""

    amount: Decimal
    paid: Decimal
    kind: str
    expires_on: date | None
    reason: str


def grant_to(
    session: Session, wallet: Wallet, offer: Offer, *, by: Actor, at: datetime
) -> tuple[int, int, Wallet]:
    """Grant credit, opening the account with its first; return transaction, lot and wallet."""
    opened = _opened(session, wallet, at)
    terms = Terms(
        amount=_minor("amount", offer.amount, wallet.kind.scale),
        paid=_minor("paid", offer.paid, AMOUNT_SCALE),
        kind=LotKind(offer.kind),
        expires_on=offer.expires_on,
    )
    deed_id, lot_id = grant(
        session,
        account_id=opened.account_id or 0,
        service_point_id=wallet.point.id,
        terms=terms,
        reason=offer.reason,
        by=by,
        at=at,
    )
    return deed_id, lot_id, opened


def debit_from(
    session: Session,
    wallet: Wallet,
    amount: Decimal,
    reference: Reference,
    *,
    by: Actor,
    at: datetime,
) -> tuple[int, Movement, Wallet]:
    """Debit credit by hand; return transaction, movement and wallet."""
    minor = _minor("amount", amount, wallet.kind.scale)
    if minor <= 0:
        raise invalid("amount", N_("Must be above zero."))
    opened = _opened(session, wallet, at)
    deed_id, movement = debit(
        session,
        account_id=opened.account_id or 0,
        service_point_id=wallet.point.id,
        amount=minor,
        reference=reference,
        by=by,
        at=at,
    )
    return deed_id, movement, opened


def _opened(session: Session, wallet: Wallet, at: datetime) -> Wallet:
    account = open_account(
        session, service_point_id=wallet.point.id, at=at, credit_type=wallet.kind
    )
    return Wallet(wallet.point, wallet.kind, account.id)


def _minor(field: str, amount: Decimal, scale: int) -> int:
    """Return an amount in minor units; Invalid where it has more decimals than its type."""
    try:
        return to_minor(amount, scale)
    except ValueError:
        raise invalid(field, N_("At most %(scale)s decimals."), scale=scale) from None
