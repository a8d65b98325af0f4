"""Which tables a service point uses: what it sees, and the form that changes it."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, PreconditionFailed, Refused
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.pricing.forms import AssignmentsForm
from portal.pricing.forms.assignments import row_of
from portal.pricing.models import Edition, PriceAssignment, PriceTable, TableKind
from portal.pricing.queries.assignments import assignments_of
from portal.pricing.queries.editions import in_force, next_starts
from portal.pricing.queries.tables import general_tables
from portal.pricing.services import set_assignments
from portal.pricing.views.door import bp
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.point_tabs import point_tabs


@dataclass(frozen=True, slots=True)
class Seen:
    """A service point's assignments and the tables behind them."""

    point: ServicePoint
    assignments: list[PriceAssignment]
    own: list[PriceTable]
    editions: dict[int, Edition]
    nexts: dict[int, Any]


@bp.get("/service-points/<code>/prices")
@requires("costs.view")
def point_prices(code: str) -> ResponseReturnValue:
    """Show which tables a service point uses, from when to when, and what changes next."""
    seen = read(_seen, actor(), code)
    return render_template(
        "pricing/point.html",
        seen=seen,
        point=seen.point,
        today=today(),
        tabs=point_tabs(code, "prices"),
    )


@bp.route("/service-points/<code>/prices/edit", methods=["GET", "POST"])
@requires("assignments.edit")
def point_prices_edit(code: str) -> ResponseReturnValue:
    """Say which tables a service point uses."""
    by = actor()
    if not by.headquarters:
        raise Forbidden
    seen = read(_seen, by, code)
    form = _form(seen) if request.method == "GET" else AssignmentsForm()
    _rearrange(form)
    form.offer(_named_tables(), gettext("its own tables"), gettext("choose"))
    if request.method == "POST" and not {"add", "drop"} & set(request.form):
        if form.submitted() and _is_whole(form) and _save(code, form):
            return redirect(url_for(".point_prices", code=code), 303)
        return _page(seen, form), 422
    return _page(seen, form)


def _seen(session: Session, by: Actor, code: str) -> Seen:
    point = service_point_of(session, by, code)
    assignments = list(assignments_of(session, point.id))
    own = list(
        session.scalars(
            select(PriceTable)
            .where(PriceTable.kind == TableKind.OWN, PriceTable.service_point_id == point.id)
            .order_by(PriceTable.name)
        )
    )
    tables = [one.price_table_id for one in assignments if one.price_table_id]
    tables += [table.id for table in own]
    day = today()
    return Seen(
        point, assignments, own, in_force(session, tables, day), next_starts(session, tables, day)
    )


def _form(seen: Seen) -> AssignmentsForm:
    rows = [row_of(one) for one in seen.assignments]
    form = AssignmentsForm(data={"rows": rows, "version": seen.point.version})
    form.rows.append_entry()
    return form


def _rearrange(form: AssignmentsForm) -> None:
    """Add or take out a row where a button asked for it; nothing is stored then."""
    if "add" in request.form:
        form.rows.append_entry()
    name = request.form.get("drop", "")
    at = int(name) if name.isascii() and name.isdigit() and len(name) < 5 else -1
    if 0 <= at < len(form.rows.entries):
        form.rows.entries.pop(at)


def _named_tables() -> list[tuple[int, str]]:
    return [
        (table.id, f"{table.name} ({table.issuer.name})" if table.issuer else table.name)
        for table in read(general_tables)
    ]


def _is_whole(form: AssignmentsForm) -> bool:
    halves = [row for _at, row in form.filled() if row.is_half()]
    for row in halves:
        missing = row.table if not row.table.data else row.valid_from
        missing.errors = [*missing.errors, gettext("Fill this in.")]
    if halves:
        form.form_errors.append(gettext("Say for each row what it uses and from when."))
    return not halves


def _save(code: str, form: AssignmentsForm) -> bool:
    filled = form.filled()
    try:
        transact(
            set_assignments,
            code,
            [row.given() for _at, row in filled],
            by=actor(),
            at=now(),
            reason=form.reason.data,
            version=form.seen_version(),
        )
    except (Refused, Conflict, Forbidden, PreconditionFailed) as refusal:
        places = [at for at, _row in filled]
        form.take_rows(refusal, form.rows.entries, places, price_table="table", mode="table")
        return False
    flash(gettext("Saved."), "success")
    return True


def _page(seen: Seen, form: AssignmentsForm) -> str:
    return render_template(
        "pricing/point_form.html", seen=seen, point=seen.point, form=form, today=today()
    )
