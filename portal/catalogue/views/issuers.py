"""Issuers: the list, a new one, changes."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select
from sqlalchemy.orm import Session

from portal.catalogue import queries
from portal.catalogue.forms import STATES, IssuerForm, NewIssuerForm
from portal.catalogue.models import Issuer
from portal.catalogue.services import change_issuer, create_issuer
from portal.catalogue.views.door import bp
from portal.clock import now
from portal.errors import Conflict, PreconditionFailed, Refused
from portal.i18n import N_
from portal.people.queries.history import Happening, history_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.lists import Column, Filter, Listing, choice_filter
from portal.web.trail import Fact, told

TITLES = {"issuer.created": N_("Put on file"), "issuer.updated": N_("Changed")}
FACTS = {"name": Fact(N_("Name")), "active": Fact(N_("Active"))}


def _state(issuer: Issuer) -> str:
    word = STATES["1" if issuer.active else "0"]
    return gettext(word)


def _in_state(wanted: Select[Any], state: str) -> Select[Any]:
    return wanted.where(Issuer.active.is_(state == "1"))


ISSUERS = Listing(
    title=N_("Issuers"),
    key=Issuer.id,
    sort="name",
    columns=(
        Column("code", N_("Code"), lambda issuer: issuer.code, sort=Issuer.code),
        Column("name", N_("Issuer"), lambda issuer: issuer.name, sort=Issuer.name),
        Column("active", N_("State"), _state, sort=Issuer.active),
    ),
    filters=(
        Filter("q", N_("Text"), lambda wanted, text: wanted.where(queries.issuer_says(text))),
        choice_filter("active", N_("State"), STATES, _in_state),
    ),
)


@bp.get("/issuers")
@requires("catalogue.view")
def issuers() -> ResponseReturnValue:
    """List issuers."""
    view = ISSUERS.view(queries.issuers(), actor())
    if file := view.file():
        return file
    states = {key: gettext(word) for key, word in STATES.items()}
    return render_template("catalogue/issuers.html", view=view, states=states)


@bp.route("/issuers/new", methods=["GET", "POST"])
@requires("catalogue.edit")
def issuer_new() -> ResponseReturnValue:
    """Put an issuer on file."""
    form = NewIssuerForm()
    if form.submitted():
        with form.taking(Refused, Conflict):
            issuer = _create(form)
            flash(gettext("%(name)s is on file.", name=issuer.name), "success")
            return redirect(url_for(".issuers"), 303)
    return form_page("catalogue/issuer_form.html", form)


@bp.route("/issuers/<code>/edit", methods=["GET", "POST"])
@requires("catalogue.edit")
def issuer_edit(code: str) -> ResponseReturnValue:
    """Change an issuer."""
    issuer, happened = read(_with_history, code)
    form = IssuerForm(data={name: getattr(issuer, name) for name in ("name", "active", "version")})
    if form.submitted():
        with form.taking(Refused, Conflict, PreconditionFailed):
            _change(form, code)
            flash(gettext("Saved."), "success")
            return redirect(url_for(".issuers"), 303)
    trail = told(happened, TITLES, FACTS)
    return form_page("catalogue/issuer_form.html", form, issuer=issuer, trail=trail)


def _create(form: NewIssuerForm) -> Issuer:
    facts = form.changes()
    return transact(
        create_issuer,
        code=form.code.data or "",
        name=facts["name"],
        active=facts["active"],
        by=actor(),
        at=now(),
    )


def _change(form: IssuerForm, code: str) -> None:
    seen = form.seen_version()
    transact(change_issuer, code, form.changes(), by=actor(), at=now(), version=seen)


def _with_history(session: Session, code: str) -> tuple[Issuer, list[Happening]]:
    issuer = queries.issuer_of(session, code)
    return issuer, history_of(session, "issuer", issuer.id)
