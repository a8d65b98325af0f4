"""The list of charges."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, or_
from sqlalchemy.orm import Session

from portal.clock import end_of, local, start_of
from portal.i18n import N_
from portal.partners.models import ServicePoint
from portal.partners.queries import own_service_points
from portal.payments import queries
from portal.payments.models import Charge, ChargeState
from portal.payments.views.door import PAYEES, PROVIDERS, STATES, bp, state_said
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.lists import Column, Filter, Listing, ListView, choice_filter, day_filter
from portal.web.navigation import with_arguments

MOST_POINTS = 200
_LONGEST_NUMBER = 18


def _says(wanted: Select[Any], text: str) -> Select[Any]:
    """Find by number, by the order's number, or by the txid from its beginning."""
    alike = [Charge.txid.startswith(text.upper(), autoescape=True)]
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER:
        alike += [Charge.id == int(number), Charge.subject_id == int(number)]
    return wanted.where(or_(*alike))


CHARGES = Listing(
    title=N_("Payments"),
    key=Charge.id,
    sort="-number",
    columns=(
        Column("number", N_("Charge"), lambda charge: charge.id, sort=Charge.id),
        Column(
            "created", N_("When"), lambda charge: local(charge.created_at), sort=Charge.created_at
        ),
        Column("service_point", N_("Service point"), lambda charge: charge.service_point.name),
        Column("for", N_("For"), lambda charge: charge.description),
        Column("payee", N_("Paid to"), lambda charge: gettext(PAYEES[charge.payee])),
        Column("provider", N_("By way of"), lambda charge: gettext(PROVIDERS[charge.provider])),
        Column("txid", N_("Pix id"), lambda charge: charge.txid),
        Column("status", N_("State"), state_said),
        Column("paid_on", N_("Paid on"), lambda charge: charge.paid_on, sort=Charge.paid_on),
        Column("amount", N_("Amount"), lambda charge: charge.amount, sort=Charge.amount, num=True),
    ),
    filters=(
        Filter("q", N_("Text"), _says),
        choice_filter(
            "status", N_("State"), STATES, lambda wanted, key: wanted.where(Charge.status == key)
        ),
        day_filter(
            "from",
            N_("From"),
            lambda wanted, day: wanted.where(Charge.created_at >= start_of(day)),
        ),
        day_filter(
            "to", N_("Until"), lambda wanted, day: wanted.where(Charge.created_at <= end_of(day))
        ),
        Filter(
            "point",
            N_("Service point"),
            lambda wanted, code: wanted.where(queries.of_service_point(code)),
        ),
        choice_filter(
            "payee", N_("Paid to"), PAYEES, lambda wanted, key: wanted.where(Charge.payee == key)
        ),
    ),
)


@bp.get("/charges")
@requires("payments.view")
def index() -> ResponseReturnValue:
    """List the charges of the service points that one sees."""
    by = actor()
    view = CHARGES.view(queries.own_charges(by), by)
    if file := view.file():
        return file
    return render_template(
        "payments/index.html", view=view, views=_views(view), points=read(_points)
    )


def _points(session: Session) -> list[ServicePoint]:
    wanted = own_service_points(actor()).order_by(ServicePoint.name, ServicePoint.id)
    return list(session.scalars(wanted.limit(MOST_POINTS)))


def _views(view: ListView) -> list[tuple[str, str, bool]]:
    """Return the tabs: a word, an address, whether it is the present one."""
    state = view.text("status")
    fresh = {"after": None, "before": None}
    named = (
        (None, gettext("All charges")),
        (ChargeState.PENDING, gettext("Awaiting payment")),
        (ChargeState.PAID, gettext("Paid ones")),
        (ChargeState.REFUND_PENDING, gettext("Money to return")),
    )
    tabs = [
        (word, with_arguments(status=one and one.value, **fresh), state == (one or ""))
        for one, word in named
    ]
    return [*tabs, (gettext("Notifications"), url_for(".notices"), False)]
