"""One charge: how it is paid, what arrived, what goes back, and what can be done now."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.errors import Conflict, Forbidden, Refused
from portal.i18n import N_
from portal.payments import queries, services
from portal.payments.forms import METHODS, ConfirmForm, ReturnedForm
from portal.payments.models import Charge, ChargeState, Payee, PaymentNotice
from portal.payments.rules.qr import qr_svg
from portal.payments.views.door import STATES, bp
from portal.people.queries.history import Happening, history_of
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.idempotency import do_once
from portal.web.trail import Fact, said_amount, said_choice, said_day, told

TITLES = {
    "charge.created": N_("Charge made"),
    "charge.paid": N_("Paid"),
    "charge.cancelled": N_("Cancelled"),
    "charge.refund_requested": N_("To be returned"),
    "charge.refunded": N_("Returned"),
}
FACTS = {
    "status": Fact(N_("State"), said_choice(STATES)),
    "returned": Fact(N_("Goes back"), said_amount),
    "paid_on": Fact(N_("Paid on"), said_day),
    "method": Fact(N_("How"), said_choice(METHODS)),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the page of a charge shows."""

    charge: Charge
    happened: list[Happening]
    unfit: Sequence[PaymentNotice]
    may_refund: bool


def _seen(session: Session, number: int) -> Seen:
    charge = queries.charge_of(session, actor(), number)
    return Seen(
        charge,
        history_of(session, "charge", number),
        queries.unfit_notices(session, number),
        _may_refund(session, charge),
    )


def _may_refund(session: Session, charge: Charge) -> bool:
    try:
        services.check_may_refund(session, charge, actor())
    except (Conflict, Forbidden):
        return False
    return True


@bp.get("/charges/<int:number>")
@requires("payments.view")
def show(number: int) -> ResponseReturnValue:
    """Show a charge."""
    return _page(read(_seen, number), ConfirmForm(data={"paid_on": today()}))


@bp.post("/charges/<int:number>/confirm")
@requires("payments.confirm")
def confirm(number: int) -> ResponseReturnValue:
    """Confirm by hand that a charge was paid."""
    form, address = ConfirmForm(), url_for(".show", number=number)
    by, at = actor(), now()

    def deed(session: Session) -> str:
        facts = {"paid_on": form.paid_on.data, "method": form.method.data}
        services.confirm_charge(session, number, **facts, by=by, at=at)
        return address

    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden):
            do_once(form.form_key.data, deed)
            flash(gettext("Payment confirmed."), "success")
            return redirect(address, 303)
    return _page(read(_seen, number), form), 422


@bp.post("/refunds/<int:number>/confirm")
@requires("payments.confirm")
def confirm_refund(number: int) -> ResponseReturnValue:
    """Confirm by hand that money has gone back."""
    form, by, at = ReturnedForm(), actor(), now()
    charge = read(queries.charge_of_refund, by, number)
    address = url_for(".show", number=charge.id)

    def deed(session: Session) -> str:
        services.confirm_refund(session, number, by=by, at=at)
        return address

    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden):
            do_once(form.form_key.data, deed)
            flash(gettext("The return is on record."), "success")
            return redirect(address, 303)
    return _page(read(_seen, charge.id), form), 422


def _page(seen: Seen, form: ConfirmForm | ReturnedForm) -> str:
    by, charge = actor(), seen.charge
    its_people = by.headquarters or charge.payee != Payee.HEADQUARTERS
    may = by.may("payments.confirm") and its_people
    waits = charge.state.may_be_paid
    is_asked = charge.state is ChargeState.PENDING and not charge.has_expired(now())
    code = charge.br_code if is_asked else None
    return render_template(
        "payments/show.html",
        charge=charge,
        trail=told(seen.happened, TITLES, FACTS),
        form=form if isinstance(form, ConfirmForm) else ConfirmForm(data={"paid_on": today()}),
        failed=form if form.errors else None,
        once=ReturnedForm(formdata=None),
        may_confirm=may and waits,
        may_return=may,
        may_refund=seen.may_refund,
        unfit=seen.unfit,
        not_ours=by.may("payments.confirm") and not its_people and waits,
        code=code,
        qr=Markup(qr_svg(code, title=gettext("QR code of the Pix"))) if code else "",  # noqa: S704 - drawn here
    )
