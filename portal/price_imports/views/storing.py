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
from portal.price_imports.forms.pages import Pages
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
from portal.price_imports.queries import Choices, Seen, choices
from portal.price_imports.rules.orders import Deed
from portal.price_imports.views.door import file_of, found_in, own, run
from portal.transactions import read
from portal.web.access import actor
from portal.web.numbered import Numbered
from portal.web.problems import explain_problem

ERRORS_ON_A_PAGE = 50


def store(pages: Pages, number: int) -> ResponseReturnValue:
    """Make the list an edition."""
    seen = own(pages, number)
    if seen.state != ImportState.CHECKED:
        raise ImportBusy
    form = StoreForm()
    form.offer(_actions(pages, _choices(pages, seen)))
    if not form.submitted():
        return checked_page(pages, seen, form), 422
    order = replace(
        seen.order,
        deed=Deed.STORE,
        publish=form.action.data in {PUBLISH, REPLACE},
        replace=form.action.data == REPLACE,
        reason=form.reason.data or None,
    )
    run(pages.lists, number, order, len(file_of(pages, number)))
    return redirect(url_for(".show", number=number), 303)


def checked_page(pages: Pages, seen: Seen, form: StoreForm | None = None) -> str:
    """Show what was found: every wrong row, or what may become of the list."""
    report = found_in(pages, seen.found.id)
    effects = _choices(pages, seen)
    if form is None:
        form = StoreForm(formdata=None, action=DRAFT, reason=seen.order.reason)
        form.offer(_actions(pages, effects))
    page = Numbered(report.errors, ERRORS_ON_A_PAGE)
    return render_template(
        "price_imports/checked.html",
        pages=pages,
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


def _choices(pages: Pages, seen: Seen) -> Choices:
    return read(choices, pages.lists, seen.table.id, seen.order, today())


def _actions(pages: Pages, effects: Choices) -> list[tuple[str, str]]:
    return actions(effects, publishes=actor().may(pages.lists.publishing))


def said(refusal: Mapping[str, Any] | None) -> str:
    """Return a kept refusal in the reader's language."""
    if not refusal:
        return ""
    return explain_problem(Problem("", "", refusal["text"], dict(refusal["facts"])))
