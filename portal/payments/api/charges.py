"""Charges: list, read, confirm; refunds that a person made."""

from typing import Any, cast

from portal.clock import now
from portal.payments import queries, services
from portal.payments.api.door import api
from portal.payments.api.shapes import (
    ChargeList,
    ChargeOut,
    ChargeQuery,
    ConfirmIn,
    Method,
    RefundOut,
    SubjectOut,
)
from portal.payments.models import Charge, Refund
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.answers import Answer
from portal.web.lists import api_page


@api.get(
    "/charges",
    permission="payments.view",
    query=ChargeQuery,
    answer=ChargeList,
    summary="List charges",
)
def list_charges(query: ChargeQuery) -> Any:
    """Newest first, those of one's own service points."""
    wanted = queries.charges(
        actor(),
        service_point=query.service_point,
        status=query.status,
        begin=query.begin,
        end=query.end,
    )
    order = (Charge.id.desc(),)
    return read(api_page, wanted, shown, order=order, cursor=query.cursor, limit=query.limit)


@api.get(
    "/charges/<int:number>",
    permission="payments.view",
    answer=ChargeOut,
    summary="Read a charge",
)
def read_charge(number: int) -> Any:
    """Another service point's charge is 404."""
    return _answer(number)


@api.post(
    "/charges/<int:number>/confirm",
    permission="payments.confirm",
    body=ConfirmIn,
    answer=ChargeOut,
    errors=(409,),
    summary="Confirm that a charge was paid",
)
def confirm_charge(number: int, body: ConfirmIn) -> Any:
    """Twice is 409 `already_confirmed`. What is paid to headquarters is confirmed by headquarters
    alone.
    """
    transact(
        services.confirm_charge,
        number,
        paid_on=body.paid_on,
        method=body.method,
        by=actor(),
        at=now(),
    )
    return _answer(number)


@api.post(
    "/refunds/<int:number>/confirm",
    permission="payments.confirm",
    answer=ChargeOut,
    errors=(409,),
    summary="Confirm that money has gone back",
)
def confirm_refund(number: int) -> Any:
    """For money that a person gives back; twice is 409 `already_refunded`. Answers the charge."""
    refund = transact(services.confirm_refund, number, by=actor(), at=now())
    return _answer(refund.charge_id)


def shown(charge: Charge) -> ChargeOut:
    """Return a charge as the API writes it."""
    return ChargeOut(
        id=charge.id,
        provider=charge.provider,
        subject=SubjectOut(type=charge.subject_type, id=charge.subject_id),
        service_point=charge.service_point.code,
        payee=charge.payee,  # type: ignore[arg-type] # the table holds no other
        amount=charge.amount,
        description=charge.description,
        txid=charge.txid,
        br_code=charge.br_code,
        status=charge.state,
        created_at=charge.created_at,
        expires_at=charge.expires_at,
        paid_on=charge.paid_on,
        paid_at=charge.paid_at,
        paid_amount=charge.paid_amount,
        method=cast(Method | None, charge.method),
        refunds=[_shown_refund(refund) for refund in charge.refunds],
    )


def _shown_refund(refund: Refund) -> RefundOut:
    return RefundOut(
        id=refund.id,
        amount=refund.amount,
        status=refund.status,  # type: ignore[arg-type] # the table holds no other
        reason=refund.reason,
        requested_at=refund.requested_at,
        done_at=refund.done_at,
    )


def _answer(number: int) -> Answer:
    charge = read(queries.charge_of, actor(), number)
    return Answer(shown(charge), etag=charge.version)
