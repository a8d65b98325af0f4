"""One order: what it holds, what it cost, what was done with it, what can be done now."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.clock import now
from portal.credit.errors import InsufficientCredit
from portal.errors import Conflict, Forbidden, PortalError, PreconditionFailed, Refused
from portal.i18n import N_
from portal.orders.errors import PriceNotAllowed, TooManyPrices
from portal.orders.forms import DOCUMENT_TYPES, KINDS, CancelForm, MoveForm, SaleForm
from portal.orders.models import Order, OrderState
from portal.orders.queries.orders import order_of
from portal.orders.queries.wallets import debit_of
from portal.orders.rules.answers import Debit, deals_with_buyers, stored_line_bodies
from portal.orders.services import (
    SaleChanges,
    cancel,
    change_sale,
    fulfill,
    note_refused_correction,
    note_refused_price,
    place_draft,
)
from portal.orders.services.drafts import wanted_of
from portal.orders.services.paid import PAID_TOO_LATE
from portal.orders.services.waiting import Outlook, outlook_of
from portal.orders.views.door import STATES, WAITING, bp
from portal.payments.models import Charge
from portal.people.queries.history import Happening, history_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.idempotency import Sealing, do_once
from portal.web.problems import explain, explain_problem
from portal.web.trail import Fact, said_amount, said_choice, told

TITLES = {
    "order.begun": N_("Ordered in the shop"),
    "order.awaiting_credit": N_("Paid, waits"),
    "order.lapsed": N_("Lapsed: nobody paid in time"),
    "order.drafted": N_("Draft kept"),
    "order.redrafted": N_("Draft changed"),
    "order.placed": N_("Placed"),
    "order.fulfilled": N_("Fulfilled"),
    "order.cancelled": N_("Cancelled"),
    "order.sale_changed": N_("Sale corrected"),
}
FACTS = {
    "status": Fact(N_("State"), said_choice(STATES)),
    "waiting_reason": Fact(N_("Why it waits"), said_choice(WAITING)),
    "sale": Fact(N_("Sale"), said_amount),
    "external_reference": Fact(N_("Reference")),
    "kind": Fact(N_("Kind"), said_choice(KINDS)),
    "document_type": Fact(N_("Document"), said_choice(DOCUMENT_TYPES)),
}
REASONS = {
    PAID_TOO_LATE: N_("Paid after its time, when it was no longer sold at that price."),
}
"""Reasons of cancellations that nobody typed."""
CHARGES = {
    "pending": N_("to be paid"),
    "paid": N_("paid"),
    "cancelled": N_("no longer asked for"),
    "refund_pending": N_("on its way back"),
    "refunded": N_("given back"),
}
UNPAID = N_("not paid in time")
_REFUSALS = (Refused, Conflict, Forbidden, PreconditionFailed, TooManyPrices)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the page of an order shows."""

    order: Order
    debit: Debit | None
    happened: list[Happening]
    charge: Charge | None = None
    outlook: Outlook | None = None


def _seen(session: Session, number: int) -> Seen:
    order = order_of(session, actor(), number)
    seen = Seen(order, debit_of(session, number), history_of(session, "order", number))
    if order.buyer is None:
        return seen
    waits = order.state is OrderState.AWAITING_CREDIT
    return replace(
        seen,
        charge=session.get(Charge, order.buyer.charge_id),
        outlook=outlook_of(session, order, at=now()) if waits else None,
    )


@bp.get("/orders/<int:number>")
@requires("orders.view")
def show(number: int) -> ResponseReturnValue:
    """Show an order."""
    return _page(read(_seen, number), CancelForm())


def _charge_said(charge: Charge) -> str:
    return gettext(UNPAID if charge.has_expired(now()) else CHARGES[charge.status])


def _page(seen: Seen, form: CancelForm, refusal: PortalError | None = None) -> str:
    by, order = actor(), seen.order
    return render_template(
        "orders/show.html",
        order=order,
        lines=stored_line_bodies(order),
        debit=seen.debit if by.sees_costs else None,
        paid=json.loads(order.payments) if order.payments else [],
        trail=told(seen.happened, TITLES, FACTS),
        form=form,
        move=MoveForm(),
        may=_moves(order),
        charge=seen.charge,
        charge_said=_charge_said(seen.charge) if seen.charge else "",
        outlook=seen.outlook,
        reaches=deals_with_buyers(by),
        cancel_reason=gettext(REASONS.get(order.cancel_reason or "", order.cancel_reason or "")),
        refusal=explain(refusal) if refusal is not None else "",
        problems=[explain_problem(one) for one in refusal.problems] if refusal else [],
        lacks=isinstance(refusal, InsufficientCredit),
    )


def _moves(order: Order) -> set[str]:
    """Return what the person at work may do with the order now."""
    by, state = actor(), order.state_at(now())
    wanted = {
        "place": state is OrderState.DRAFT and by.may("orders.place"),
        "fulfill": state is OrderState.PLACED and by.may("orders.fulfill"),
        "cancel": state.may_become(OrderState.CANCELLED)
        and by.may("orders.cancel")
        and (state is not OrderState.FULFILLED or by.may("orders.cancel_fulfilled")),
        "correct": state in {OrderState.PLACED, OrderState.FULFILLED}
        and not order.is_of_site
        and by.may("orders.edit_sale"),
    }
    return {name for name, is_open in wanted.items() if is_open}


def _do(
    number: int, deed: Callable[..., Any], said: str, *, seals: bool = False
) -> ResponseReturnValue:
    """Do a deed once and come back to the order, or say why not."""
    form = MoveForm()
    if not form.submitted():
        return _page(read(_seen, number), CancelForm()), 422
    try:
        address = do_once(form.form_key.data, deed, seals=seals)  # type: ignore[call-overload] # either kind of deed
    except _REFUSALS as refusal:
        if isinstance(refusal, PriceNotAllowed):
            wanted = wanted_of(read(_seen, number).order)
            transact(note_refused_price, wanted, refusal, by=actor(), at=now())
        return _page(read(_seen, number), CancelForm(), refusal), 422
    flash(said, "success")
    return redirect(address, 303)


@bp.post("/orders/<int:number>/place")
@requires("orders.place")
def place(number: int) -> ResponseReturnValue:
    """Place a draft."""
    address, by, at = url_for(".show", number=number), actor(), now()

    def deed(session: Session, sealing: Sealing) -> str:
        place_draft(session, number, by=by, at=at, seal=sealing(lambda _: address))
        return address

    return _do(number, deed, gettext("Order placed."), seals=True)


@bp.post("/orders/<int:number>/fulfill")
@requires("orders.fulfill")
def fulfill_one(number: int) -> ResponseReturnValue:
    """Mark an order as fulfilled."""
    address, by, at = url_for(".show", number=number), actor(), now()

    def deed(session: Session) -> str:
        fulfill(session, number, by=by, at=at)
        return address

    return _do(number, deed, gettext("Order fulfilled."))


@bp.post("/orders/<int:number>/cancel")
@requires("orders.cancel")
def cancel_one(number: int) -> ResponseReturnValue:
    """Cancel an order, with a reason."""
    form, by, at = CancelForm(), actor(), now()
    address = url_for(".show", number=number)
    if not form.submitted() or not (form.reason.data or "").strip():
        if not form.reason.errors:
            form.refuse("reason", gettext("Say why."))
        return _page(read(_seen, number), form), 422
    reason = str(form.reason.data).strip()

    def deed(session: Session) -> str:
        cancel(session, number, reason=reason, by=by, at=at)
        return address

    try:
        do_once(form.form_key.data, deed)
    except _REFUSALS as refusal:
        return _page(read(_seen, number), form, refusal), 422
    flash(gettext("Order cancelled."), "success")
    return redirect(address, 303)


@bp.route("/orders/<int:number>/sale", methods=["GET", "POST"])
@requires("orders.edit_sale")
def correct(number: int) -> ResponseReturnValue:
    """Correct the sale side of a placed order."""
    seen = read(_seen, number)
    order = seen.order
    form = SaleForm(
        data={
            "lines": [{"unit_price": line.sale_unit_price} for line in order.lines],
            "kind": order.kind,
            "document_type": order.document_type,
            "external_reference": order.external_reference,
            "version": str(order.version),
        }
    )
    if form.submitted():
        changes, by, at = _changes(order, form), actor(), now()
        try:
            transact(change_sale, number, changes, by=by, at=at, version=form.seen_version())
        except _REFUSALS as refusal:
            if isinstance(refusal, PriceNotAllowed):
                prices = changes.unit_prices
                transact(note_refused_correction, number, prices, refusal, by=by, at=at)
            _put(form, refusal, order)
        else:
            flash(gettext("Sale corrected."), "success")
            return redirect(url_for(".show", number=number), 303)
    return form_page("orders/sale.html", form, order=order)


def _changes(order: Order, form: SaleForm) -> SaleChanges:
    """Return what differs from what the order holds."""
    values = {
        "kind": form.kind.data,
        "document_type": form.document_type.data,
        "external_reference": (form.external_reference.data or "").strip() or None,
    }
    typed = zip(order.lines, form.lines.entries, strict=False)
    prices = {
        line.position: entry.form.unit_price.data
        for line, entry in typed
        if entry.form.unit_price.data != line.sale_unit_price
    }
    return SaleChanges(values, prices)


def _put(form: SaleForm, refusal: PortalError, order: Order) -> None:
    """Put each problem beside its price and, with the product's name, on top."""
    for problem in refusal.problems:
        number = problem.field.partition("]")[0].removeprefix("lines[")
        text = explain_problem(problem)
        if number.isdigit() and int(number) < len(form.lines.entries):
            field = form.lines.entries[int(number)].form.unit_price
            field.errors = [*field.errors, text]
            form.form_errors.append(f"{order.lines[int(number)].name}: {text}")
        else:
            form.refuse(problem.field, text)
    if not refusal.problems:
        form.refuse("", explain(refusal))
