"""Charges are made, and cancelled while nobody has paid them."""

import string
from datetime import datetime
from decimal import Decimal
from secrets import choice, token_urlsafe
from typing import TypedDict, Unpack

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import jot, record
from portal.money import AMOUNT_SCALE, text_of
from portal.payments.errors import ChargeNotPending
from portal.payments.models import HEADQUARTERS, Charge, ChargeState, Payee
from portal.payments.queries import hold, recipient
from portal.payments.services.providers import choose, provider_named

_SIGNS = string.ascii_uppercase + string.digits
_TXID_LENGTH = 24
_TOKEN_BYTES = 16


class Terms(TypedDict):
    """Whose customer pays, whom, and until when; `payee` is a Payee."""

    service_point_id: int
    payee: str
    expires_at: datetime | None


def create_charge(
    session: Session,
    *,
    subject: tuple[str, int],
    amount: Decimal,
    description: str,
    at: datetime,
    by: Actor,
    **terms: Unpack[Terms],
) -> Charge:
    """Ask a customer for money; how it is paid follows from the payee's Pix key and the settings.

    `subject` says what for, such as `("order", 1042)`.
    """
    point_id = terms["service_point_id"]
    owner = HEADQUARTERS if terms["payee"] == Payee.HEADQUARTERS else point_id
    to = recipient(session, owner)
    provider = choose(to)
    charge = Charge(
        token=token_urlsafe(_TOKEN_BYTES),
        provider=provider.name,
        subject_type=subject[0],
        subject_id=subject[1],
        amount=amount,
        description=description,
        txid="".join(choice(_SIGNS) for _ in range(_TXID_LENGTH)),
        status=ChargeState.PENDING,
        created_at=at,
        version=1,
        **terms,
    )
    provider.create_charge(session, charge, to)
    session.add(charge)
    session.flush()
    jot(
        session.connection(),
        by=by,
        action="charge.created",
        entity=("charge", charge.id),
        at=at,
        service_point_id=point_id,
        after={"amount": text_of(amount, AMOUNT_SCALE), "provider": provider.name},
    )
    return charge


def cancel_charge(
    session: Session, charge: Charge, *, reason: str, by: Actor, at: datetime
) -> None:
    """Stop asking for the money; ChargeNotPending once it has arrived, or was cancelled before."""
    charge = hold(session, charge.id)
    if not charge.state.may_become(ChargeState.CANCELLED):
        raise ChargeNotPending
    provider_named(charge.provider).cancel_charge(session, charge.txid)
    charge.status, charge.cancelled_at, charge.cancel_reason = ChargeState.CANCELLED, at, reason
    record(
        session,
        by=by,
        action="charge.cancelled",
        entity=("charge", charge.id),
        at=at,
        service_point_id=charge.service_point_id,
        reason=reason,
    )
