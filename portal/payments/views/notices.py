"""What payment firms told, and what came of it: the ones that did nothing need a person."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, or_

from portal.clock import local
from portal.i18n import N_
from portal.payments import queries
from portal.payments.models import PaymentNotice
from portal.payments.views.door import PROVIDERS, bp
from portal.web.access import actor, requires
from portal.web.lists import Column, Filter, Listing, choice_filter

KINDS = {"paid": N_("Money arrived"), "refunded": N_("Money went back")}
OUTCOMES = {
    "counted": N_("Taken into account"),
    "parked": N_("Waits for its payment"),
    "differs": N_("Does not fit the charge"),
}
OUTCOME_LOOKS = {"counted": "ok", "parked": "next", "differs": "bad"}

_LONGEST_NUMBER = 18


def _says(wanted: Select[Any], text: str) -> Select[Any]:
    """Find by the charge's number, or by the payment's from its beginning."""
    alike = [PaymentNotice.end_to_end_id.startswith(text, autoescape=True)]
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER:
        alike.append(PaymentNotice.charge_id == int(number))
    return wanted.where(or_(*alike))


NOTICES = Listing(
    title=N_("Notifications"),
    key=PaymentNotice.id,
    sort="-received",
    columns=(
        Column(
            "received", N_("When"), lambda notice: local(notice.received_at), sort=PaymentNotice.id
        ),
        Column("charge", N_("Charge"), lambda notice: notice.charge_id),
        Column("firm", N_("From"), lambda notice: gettext(PROVIDERS[notice.provider])),
        Column("kind", N_("What it tells"), lambda notice: gettext(KINDS[notice.kind])),
        Column("end_to_end_id", N_("Number"), lambda notice: notice.end_to_end_id),
        Column("outcome", N_("What came of it"), lambda notice: gettext(OUTCOMES[notice.outcome])),
        Column("amount", N_("Amount"), lambda notice: notice.amount, num=True),
    ),
    filters=(
        Filter("q", N_("Text"), _says),
        choice_filter(
            "outcome",
            N_("What came of it"),
            OUTCOMES,
            lambda wanted, key: wanted.where(PaymentNotice.outcome == key),
        ),
    ),
)


@bp.get("/charges/notifications")
@requires("payments.view")
def notices() -> ResponseReturnValue:
    """List the notifications about charges that one sees."""
    by = actor()
    view = NOTICES.view(queries.own_notices(by), by)
    if file := view.file():
        return file
    return render_template(
        "payments/notices.html",
        view=view,
        kinds={key: gettext(word) for key, word in KINDS.items()},
        outcomes={key: gettext(word) for key, word in OUTCOMES.items()},
        outcome_looks=OUTCOME_LOOKS,
    )
