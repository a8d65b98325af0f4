"""The last step: what is wrong with the rows, or what becomes of the list."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.clock import today
from portal.errors import Problem
from portal.i18n import N_
from portal.price_imports.errors import ImportBusy
from portal.price_imports.forms import COLUMN_LABELS, StoreForm
from portal.price_imports.models import ImportState
from portal.price_imports.queries import Choices, Seen, choices, content_of, report_of
from portal.price_imports.rules.columns import Column
from portal.price_imports.rules.effects import Effect
from portal.price_imports.rules.orders import Deed
from portal.price_imports.views.door import bp, own, run
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.filters import day
from portal.web.numbered import Numbered
from portal.web.problems import explain_problem

ERRORS_ON_A_PAGE = 50
DRAFT, PUBLISH, REPLACE = "draft", "publish", "replace"


@bp.post("/price-imports/<int:number>/store")
@requires("prices.edit")
def store(number: int) -> ResponseReturnValue:
    """Make the list an edition."""
    seen = own(number)
    if seen.state != ImportState.CHECKED:
        raise ImportBusy
    form = StoreForm()
    form.offer(actions(read(choices, seen.table.id, seen.order, today())))
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
        form.offer(actions(effects))
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


def actions(effects: Choices) -> list[tuple[str, str]]:
    """Return what may become of a list, by what the actor may do and the days allow."""
    found = [(DRAFT, gettext("Keep it as a draft"))]
    if actor().may("prices.publish"):
        if effects.plain.overlap is None:
            found.append((PUBLISH, gettext("Publish it now")))
        if effects.plain.overlap is not None:
            found.append((REPLACE, gettext("Publish it now, and let the others make room")))
    return found


def sentences(changed: Any) -> list[str]:
    """Say what happens to the other editions."""
    return [_sentence(effect) for effect in changed]


def _sentence(effect: Effect) -> str:
    if effect.after is None:
        return gettext("Edition %(number)s is superseded.", number=effect.number)
    return gettext(
        "Edition %(number)s ends on %(day)s.", number=effect.number, day=day(effect.after.end)
    )


def said(refusal: Mapping[str, Any] | None) -> str:
    """Return a kept refusal in the reader's language."""
    if not refusal:
        return ""
    return explain_problem(Problem("", "", refusal["text"], dict(refusal["facts"])))


def reason_of(row: Any) -> str:
    """Return what is wrong with a row, in the reader's language."""
    return explain_problem(Problem(row.field, row.code, row.text, dict(row.facts)))


def column_of(row: Any) -> str:
    """Return what people call the column."""
    return gettext(COLUMN_LABELS[Column(row.field)])


ERROR_HEAD = (N_("Row"), N_("Column"), N_("Code"), N_("What is wrong"))
