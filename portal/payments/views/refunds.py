"""Money of a charge goes back by itself: how much and why, once more in words, then done."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.errors import Conflict, Forbidden, Refused
from portal.payments import queries, services
from portal.payments.forms import RefundForm
from portal.payments.models import Charge
from portal.payments.services.providers import FIRMS
from portal.payments.views.door import bp
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.idempotency import do_once
from portal.web.problems import explain

CHECK, SURE = "check", "sure"
"""What a button of the page asks for: to read it once more, to do it."""


@bp.route("/charges/<int:number>/refund", methods=["GET", "POST"])
@requires("payments.refund")
def refund(number: int) -> ResponseReturnValue:
    """Give money of a paid charge back, all that is left of it or a part."""
    by, form, step = actor(), RefundForm(), request.form.get("step")
    typed = step in {CHECK, SURE} and form.submitted()
    if typed and step == SURE and _done(form, number, by):
        return redirect(url_for(".show", number=number), 303)
    try:
        charge = read(_refundable, by, number)
    except (Conflict, Forbidden) as refusal:
        flash(explain(refusal), "error")
        return redirect(url_for(".show", number=number), 303)
    if request.method == "GET":
        form.amount.data = charge.left
    sure = typed and not form.errors and _fits(form, number)
    return form_page("payments/refund.html", form, charge=charge, **_told(charge, sure))


def _refundable(session: Session, by: Actor, number: int) -> Charge:
    """Return a charge whose money may go back; a stranger's is not there."""
    charge = queries.charge_of(session, by, number)
    services.check_may_refund(session, charge, by)
    return charge


def _fits(form: RefundForm, number: int) -> bool:
    """Whether what was typed can be done; the form says what cannot."""

    def check(session: Session) -> None:
        charge = queries.charge_of(session, actor(), number)
        services.check_refund(session, charge, form.amount.data, form.reason.data or "")

    with form.taking(Refused):
        read(check)
    return not form.errors


def _done(form: RefundForm, number: int, by: Actor) -> bool:
    """Do it once, however often the button is pressed; False where the form says why not."""
    at = now()

    def deed(session: Session) -> str:
        facts = {"amount": form.amount.data, "reason": form.reason.data or ""}
        services.refund_charge(session, number, **facts, by=by, at=at)
        return url_for(".show", number=number)

    with form.taking(Refused, Conflict, Forbidden):
        do_once(form.form_key.data, deed)
        flash(gettext("The return is under way: this page says how it stands."), "success")
        return True
    return False


def _told(charge: Charge, sure: bool) -> dict[str, Any]:
    """Return what the page says besides: whether to ask once more, and who gives the money back."""
    return {
        "sure": sure,
        "by_firm": charge.payments[0].provider in FIRMS,
        "check": CHECK,
        "do_it": SURE,
    }
