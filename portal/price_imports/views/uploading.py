"""The first step: the file, and for which days it holds."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.errors import Conflict, Refused
from portal.i18n import N_
from portal.price_imports.forms import FileForm, creates_products
from portal.price_imports.forms.pages import Pages
from portal.price_imports.models import ImportState, Upload
from portal.price_imports.queries import recent
from portal.price_imports.rules.orders import Order
from portal.price_imports.services.uploads import upload
from portal.pricing.rules.windows import check_period
from portal.sheets.limits import MAX_BYTES
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.exports import csv_response, xlsx_response

ABOUT_FORM_BYTES = 100_000
STATES = {
    ImportState.UPLOADED: ("next", N_("to be checked")),
    ImportState.RUNNING: ("next", N_("running")),
    ImportState.CHECKED: ("next", N_("checked")),
    ImportState.FAILED: ("bad", N_("failed")),
    ImportState.STORED: ("ok", N_("stored")),
}


def new(pages: Pages, table_id: int) -> ResponseReturnValue:
    """Take a file in."""
    request.max_content_length = MAX_BYTES + ABOUT_FORM_BYTES
    table, earlier = read(_table, pages, actor(), table_id)
    form = pages.upload_form(valid_from=today())
    if form.submitted():
        try:
            return redirect(url_for(".reading", number=_keep(pages, table_id, form)), 303)
        except (Refused, Conflict) as refusal:
            form.take_file(refusal)
    page = render_template(
        "price_imports/upload.html",
        pages=pages,
        form=form,
        table=table,
        earlier=earlier,
        states={one.id: STATES[ImportState(one.state)] for one in earlier},
    )
    return (page, 422) if form.errors else page


def template(pages: Pages, table_id: int) -> Response:
    """Hand out an empty list with the right columns."""
    table = read(pages.lists.table_of, actor(), table_id)
    made = pages.template(table)
    name, head = gettext(made.name), [gettext(word) for word in made.head]
    if request.args.get("format") == "xlsx":
        return xlsx_response(name, head, [], gettext(made.sheet))
    return csv_response(name, head, [])


def _keep(pages: Pages, table_id: int, form: FileForm) -> int:
    """Look into the file outside of any transaction, then keep it."""
    period = check_period(form.period())
    sent: Any = form.file.data
    name, content = sent.filename or "", sent.stream.read(MAX_BYTES + 1)
    by, lists = actor(), pages.lists
    order = Order(
        period,
        lists.open(name, content).reading,
        create_products=creates_products(form),
        address=by.address,
        request_id=by.request_id,
    )
    facts: dict[str, Any] = {"file_name": name, "content": content, "order": order}
    return int(transact(upload, lists, table_id, **facts, by=by, at=now()).id)


def _table(session: Session, pages: Pages, by: Actor, table_id: int) -> tuple[Any, list[Upload]]:
    table = pages.lists.table_of(session, by, table_id)
    return table, list(recent(session, pages.lists, by, table.id))
