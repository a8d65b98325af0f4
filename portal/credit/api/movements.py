"""Moving credit: grants, debits by hand, reversals. Each under its Idempotency-Key."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import day_of, now
from portal.credit import services
from portal.credit.api.accounts import ACCOUNT
from portal.credit.api.door import api
from portal.credit.api.shapes import (
    DebitIn,
    DebitOut,
    GrantIn,
    GrantOut,
    ReasonIn,
    ReversalOut,
)
from portal.credit.api.shown import account_shown, lot_shown, parts_shown
from portal.credit.models import Lot
from portal.credit.queries.accounts import Wallet, figures_now, wallet_of, wallet_of_transaction
from portal.credit.queries.lots import shown_lot
from portal.errors import Forbidden
from portal.money import from_minor
from portal.web.access import actor
from portal.web.endpoint import Answer
from portal.web.idempotency import answer_once


@api.post(
    f"{ACCOUNT}/grants",
    permission="credit.grant",
    body=GrantIn,
    answer=GrantOut,
    status=201,
    keyed=True,
    errors=(409,),
    summary="Grant credit",
)
def grant_credit(code: str, credit_type: str, body: GrantIn) -> Any:
    """The lot first pays what the account owes. The first grant opens an account of its type."""
    by = _who_sees_costs()

    def deed(session: Session) -> Answer:
        at = now()
        wallet = wallet_of(session, by, code, credit_type)
        offer = services.Offer(**body.model_dump())
        deed_id, lot_id, opened = services.grant_to(session, wallet, offer, by=by, at=at)
        lot = shown_lot(session.get_one(Lot, lot_id), wallet.kind.scale, day_of(at))
        return _answer(session, opened, at, transaction=deed_id, lot=lot_shown(lot))

    return answer_once(deed)


@api.post(
    f"{ACCOUNT}/debits",
    permission="credit.debit",
    body=DebitIn,
    answer=DebitOut,
    status=201,
    keyed=True,
    errors=(409,),
    summary="Debit credit",
)
def debit_credit(code: str, credit_type: str, body: DebitIn) -> Any:
    """All or nothing; 422 `insufficient_credit` says what is missing."""
    by = _who_sees_costs()

    def deed(session: Session) -> Answer:
        at = now()
        wallet = wallet_of(session, by, code, credit_type)
        reference = services.Reference(body.source, body.reference or "", body.description or "")
        deed_id, movement, opened = services.debit_from(
            session, wallet, body.amount, reference, by=by, at=at
        )
        return _answer(
            session,
            opened,
            at,
            transaction=deed_id,
            lots=parts_shown(movement.parts, wallet.kind.scale),
            debt=f"{from_minor(movement.owed, wallet.kind.scale):f}",
        )

    return answer_once(deed)


@api.post(
    "/transactions/<int:transaction>/reverse",
    permission="credit.reverse",
    body=ReasonIn,
    answer=ReversalOut,
    status=201,
    keyed=True,
    errors=(409,),
    summary="Reverse a debit or an unused grant",
)
def reverse_transaction(transaction: int, body: ReasonIn) -> Any:
    """Once, and into the lots that it came from. An order's debit: 409 `cancel_the_order`."""
    by = _who_sees_costs()

    def deed(session: Session) -> Answer:
        at = now()
        wallet = wallet_of_transaction(session, by, transaction)
        deed_id, movement = services.reverse(
            session, deed_id=transaction, reason=body.reason, by=by, at=at
        )
        return _answer(
            session,
            wallet,
            at,
            transaction=deed_id,
            reverses=transaction,
            lots=parts_shown(movement.parts, wallet.kind.scale),
        )

    return answer_once(deed)


def _who_sees_costs() -> Actor:
    """Return the actor: whoever moves credit sees what it comes to."""
    by = actor()
    if not by.sees_costs:
        raise Forbidden
    return by


def _answer(session: Session, wallet: Wallet, at: datetime, **facts: Any) -> Answer:
    account = account_shown(wallet, figures_now(session, wallet, at))
    return Answer({**facts, "account": account}, service_point_id=wallet.point.id)
