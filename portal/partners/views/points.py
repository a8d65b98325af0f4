"""Service points: the list, one of them in tabs, a new one, changes, suggestions while typing."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.errors import Conflict, Forbidden, PreconditionFailed, Refused
from portal.partners import queries
from portal.partners.errors import HeadquartersOnly
from portal.partners.forms import COLLECTORS, STATES, NewPointForm, PointForm
from portal.partners.models import ServicePoint
from portal.partners.rules import COSTLY
from portal.partners.services import change_service_point, create_service_point
from portal.partners.views.door import bp
from portal.partners.views.listing import FACTS, POINTS, TITLES
from portal.people.queries.history import Happening, history_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.point_tabs import point_tabs
from portal.web.trail import told

_PLAIN = (
    "name",
    "tax_id",
    "max_discount_percent",
    "max_surcharge_percent",
    "may_edit_final_price",
    "debt_enabled",
    "collects",
    "shop_slug",
    "shop_enabled",
    "low_balance_threshold",
    "active",
    "version",
)
"""Facts whose form fields have their names."""


@bp.get("/service-points")
@requires("partners.view")
def index() -> ResponseReturnValue:
    """List the service points that one sees."""
    by = actor()
    view = POINTS.view(queries.own_service_points(by), by)
    if file := view.file():
        return file
    policies = read(queries.policy_names, by) if by.sees_costs else []
    return render_template(
        "partners/index.html",
        view=view,
        states=_words(STATES),
        collectors=_words(COLLECTORS),
        policies=policies,
    )


@bp.get("/service-points/suggest")
@requires("partners.view")
def suggest() -> ResponseReturnValue:
    """Suggest active service points to someone who types (js/combobox.js)."""
    found = read(queries.suggested_service_points, actor(), request.args.get("q", ""))
    return jsonify(
        [{"id": one.id, "value": one.code, "label": one.name, "detail": one.code} for one in found]
    )


@bp.route("/service-points/new", methods=["GET", "POST"])
@requires("partners.edit")
def new() -> ResponseReturnValue:
    """Put a service point on file."""
    by = actor()
    if not by.headquarters:
        raise HeadquartersOnly
    form = NewPointForm()
    form.limit_to(by, read(queries.policies_to_choose, by))
    if form.submitted():
        with form.taking(Refused, Conflict):
            point = transact(create_service_point, form.facts(), by=by, at=now())
            flash(gettext("%(name)s is on file.", name=point.name), "success")
            return redirect(url_for(".show", code=point.code), 303)
    return form_page("partners/form.html", form)


@bp.get("/service-points/<code>")
@requires("partners.view")
def show(code: str) -> ResponseReturnValue:
    """Show a service point."""
    point = read(queries.service_point_of, actor(), code)
    return render_template(
        "partners/point.html",
        point=point,
        collects=gettext(COLLECTORS[point.collects]),
        tabs=point_tabs(point.code, "data"),
    )


@bp.get("/service-points/<code>/history")
@requires("partners.view")
def history(code: str) -> ResponseReturnValue:
    """Show what happened to a service point, to those who keep or audit it."""
    by = actor()
    if not (by.may("audit.view") or by.may("partners.edit")):
        raise Forbidden
    point, happened = read(_with_history, by, code)
    trail = told(happened, TITLES, FACTS, hidden=() if by.sees_costs else COSTLY)
    tabs = point_tabs(point.code, "history")
    return render_template("partners/history.html", point=point, trail=trail, tabs=tabs)


@bp.route("/service-points/<code>/edit", methods=["GET", "POST"])
@requires("partners.edit")
def edit(code: str) -> ResponseReturnValue:
    """Change a service point."""
    by = actor()
    point = read(queries.service_point_of, by, code)
    form = PointForm(data=_typed(point))
    form.limit_to(by, read(queries.policies_to_choose, by))
    if form.submitted():
        with form.taking(Refused, Conflict, PreconditionFailed):
            _change(form, code, by)
            flash(gettext("Saved."), "success")
            return redirect(url_for(".show", code=code), 303)
    return form_page("partners/form.html", form, point=point)


def _with_history(session: Session, by: Actor, code: str) -> tuple[ServicePoint, list[Happening]]:
    point = queries.service_point_of(session, by, code)
    return point, history_of(session, "service_point", point.id)


def _typed(point: ServicePoint) -> dict[str, Any]:
    values = {name: getattr(point, name) for name in _PLAIN}
    return values | {"credit_policy": queries.policy_code(point) or ""}


def _change(form: PointForm, code: str, by: Actor) -> None:
    seen = form.seen_version()
    transact(change_service_point, code, form.changes(), by=by, at=now(), version=seen)


def _words(words: dict[str, str]) -> dict[str, str]:
    return {key: gettext(word) for key, word in words.items()}
