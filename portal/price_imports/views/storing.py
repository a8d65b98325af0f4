"""The last step: what is wrong with the rows, or what becomes of the list."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.clock import today
from portal.errors import Problem
from portal.price_imports.errors import ImportBusy
from portal.price_imports.forms import StoreForm
from portal.price_imports.forms.words import (
    DRAFT,
    PUBLISH,
    REPLACE,
    actions,
    column_of,
    reason_of,
    sentences,
)
from portal.price_imports.models import ImportState
from portal.price_imports.queries import Choices, Seen, choices, content_of, report_of
from portal.price_imports.rules.orders import Deed
from portal.price_imports.views.door import bp, own, run
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.numbered import Numbered
from portal.web.problems import explain_problem

ERRORS_ON_A_PAGE = 50


@bp.post("/price-imports/<int:number>/store")
@requires("prices.edit")
def store(number: int) -> ResponseReturnValue:
    """Make the list an edition."""
    seen = own(number)
    if seen.state != ImportState.CHECKED:
        raise ImportBusy
    form = StoreForm()
    form.offer(_actions(read(choices, seen.table.id, seen.order, today())))
    if not form.submitted():
        return checked_page(seen, form), 422
    order = replace(
        seen.order,
        deed=Deed.STORE,
        publish=form.action.data in {PUBLISH, REPLACE},
        replace=form.action.data == REPLACE,
        reason=form.reason.data or None,
    )
    run(number, order, len(read(content_of, actor(), number)))
    return redirect(url_for(".show", number=number), 303)


def checked_page(seen: Seen, form: StoreForm | None = None) -> str:
    """Show what was found: every wrong row, or what may become of the list."""
    report = read(report_of, actor(), seen.found.id)
    effects = read(choices, seen.table.id, seen.order, today())
    if form is None:
        form = StoreForm(formdata=None, action=DRAFT, reason=seen.order.reason)
        form.offer(_actions(effects))
    page = Numbered(report.errors, ERRORS_ON_A_PAGE)
    return render_template(
        "price_imports/checked.html",
        seen=seen,
        table=seen.table,
        report=report,
        page=page,
        rows=[(one.row, column_of(one), reason_of(one)) for one in page.items],
        refusal=said(report.refusal),
        effects=effects,
        sentences={
            PUBLISH: sentences(effects.plain.changed),
            REPLACE: sentences(effects.replacing.changed),
        },
        form=form,
    )


def _actions(effects: Choices) -> list[tuple[str, str]]:
    return actions(effects, publishes=actor().may("prices.publish"))


def said(refusal: Mapping[str, Any] | None) -> str:
    """Return a kept refusal in the reader's language."""
    if not refusal:
        return ""
    return explain_problem(Problem("", "", refusal["text"], dict(refusal["facts"])))
