"""Where Pix is received: headquarters' key, and each service point's own."""

from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.clock import now
from portal.errors import Forbidden, NotFound, PreconditionFailed, Refused
from portal.i18n import N_
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.payments import queries, services
from portal.payments.forms import PixForm, RemoveForm
from portal.payments.models import PixAccount
from portal.payments.rules.setup import setup
from portal.payments.views.door import bp
from portal.people.queries.history import Happening, history_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.point_tabs import point_tabs
from portal.web.trail import Fact, told

TITLES = {
    "pix_account.changed": N_("Pix key changed"),
    "pix_account.removed": N_("Pix key removed"),
}
FACTS = {
    "key": Fact(N_("Pix key")),
    "holder": Fact(N_("Account holder")),
    "city": Fact(N_("City")),
    "tax_id": Fact(N_("CNPJ or CPF")),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the page shows."""

    point: ServicePoint | None
    account: PixAccount | None
    happened: list[Happening]


def _seen(session: Session, code: str | None) -> Seen:
    by = actor()
    owner = queries.owner_of(session, by, code)
    point = service_point_of(session, by, code) if code else None
    account = queries.pix_account(session, owner)
    return Seen(point, account, history_of(session, "pix_account", owner))


@bp.route("/settings/pix", methods=["GET", "POST"])
@requires("payments.settings")
def pix() -> ResponseReturnValue:
    """Show and say where headquarters receives Pix."""
    return _edit(None)


@bp.post("/settings/pix/remove")
@requires("payments.settings")
def pix_remove() -> ResponseReturnValue:
    """Take headquarters' own key back; that of the settings, if there is one, serves again."""
    return _remove(None)


@bp.route("/service-points/<code>/pix", methods=["GET", "POST"])
@requires("payments.settings")
def point_pix(code: str) -> ResponseReturnValue:
    """Show and say where a service point receives Pix."""
    return _edit(code)


@bp.post("/service-points/<code>/pix/remove")
@requires("payments.settings")
def point_pix_remove(code: str) -> ResponseReturnValue:
    """Take a service point's key back."""
    return _remove(code)


def _edit(code: str | None) -> ResponseReturnValue:
    seen = read(_seen, code)
    form = PixForm(data=_typed(seen.account))
    if form.submitted():
        facts = {"by": actor(), "at": now(), "version": form.seen_version()}
        with form.taking(Refused, PreconditionFailed, Forbidden):
            transact(services.set_pix_account, code, form.told(), **facts)  # type: ignore[arg-type] # as the service takes them
            flash(gettext("Saved."), "success")
            return redirect(_address(code), 303)
    return form_page(
        "payments/pix.html",
        form,
        remove=RemoveForm(formdata=None),
        point=seen.point,
        tabs=point_tabs(code, "pix") if code else [],
        account=seen.account,
        usual=setup().headquarters if code is None else None,
        simulated=setup().simulated,
        trail=told(seen.happened, TITLES, FACTS),
        remove_url=_address(code, remove=True),
    )


def _remove(code: str | None) -> ResponseReturnValue:
    if not RemoveForm().submitted():
        return redirect(_address(code), 303)
    try:
        transact(services.remove_pix_account, code, by=actor(), at=now())
    except NotFound:
        read(_seen, code)  # a stranger's service point is none
    else:
        flash(gettext("The Pix key was removed."), "success")
    return redirect(_address(code), 303)


def _address(code: str | None, *, remove: bool = False) -> str:
    ending = "_remove" if remove else ""
    if code is None:
        return url_for(f".pix{ending}")
    return url_for(f".point_pix{ending}", code=code)


def _typed(account: PixAccount | None) -> dict[str, str]:
    if account is None:
        return {"version": "0"}
    facts = {name: getattr(account, name) for name in ("key", "holder", "city", "tax_id")}
    return facts | {"version": str(account.version)}
