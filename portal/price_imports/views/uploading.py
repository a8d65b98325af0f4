"""The first step: the file, and for which days it holds."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, Refused
from portal.i18n import N_
from portal.price_imports.forms import UploadForm
from portal.price_imports.models import ImportState, PriceImport
from portal.price_imports.queries import recent
from portal.price_imports.rules.orders import Order
from portal.price_imports.services import open_file
from portal.price_imports.services.uploads import upload
from portal.price_imports.views.door import bp
from portal.pricing.models import PriceTable
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.rules.windows import check_period
from portal.sheets.limits import MAX_BYTES
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.exports import Cell, csv_response, xlsx_response

ABOUT_FORM_BYTES = 100_000
STATES = {
    ImportState.UPLOADED: ("next", N_("to be checked")),
    ImportState.RUNNING: ("next", N_("running")),
    ImportState.CHECKED: ("next", N_("checked")),
    ImportState.FAILED: ("bad", N_("failed")),
    ImportState.STORED: ("ok", N_("stored")),
}


@bp.route("/price-tables/<int:table_id>/import", methods=["GET", "POST"])
@requires("prices.edit")
def new(table_id: int) -> ResponseReturnValue:
    """Take a file in."""
    by = actor()
    if not by.headquarters:
        raise Forbidden
    request.max_content_length = MAX_BYTES + ABOUT_FORM_BYTES
    table, earlier = read(_table, by, table_id)
    form = UploadForm(valid_from=today())
    if form.submitted():
        try:
            return redirect(url_for(".reading", number=_keep(table_id, form)), 303)
        except (Refused, Conflict) as refusal:
            form.take_file(refusal)
    states = {one.id: STATES[ImportState(one.state)] for one in earlier}
    page = render_template(
        "price_imports/upload.html", form=form, table=table, earlier=earlier, states=states
    )
    return (page, 422) if form.errors else page


@bp.get("/price-tables/<int:table_id>/import/template")
@requires("prices.edit")
def template(table_id: int) -> Response:
    """Hand out an empty list with the right columns."""
    table, _ = read(_table, actor(), table_id)
    percentages = takes_percentages(table.calculation)
    figure = gettext("Percentage") if percentages else gettext("Price")
    head = [
        gettext("SKU"),
        gettext("Name"),
        gettext("Category"),
        gettext("From quantity"),
        figure,
        gettext("Free"),
    ]
    rows: list[list[Cell]] = []
    name = gettext("price-list")
    if request.args.get("format") == "xlsx":
        return xlsx_response(name, head, rows, gettext("Prices"))
    return csv_response(name, head, rows)


def _keep(table_id: int, form: UploadForm) -> int:
    """Look into the file outside of any transaction, then keep it."""
    period = check_period(form.period())
    sent: Any = form.file.data
    name, content = sent.filename or "", sent.stream.read(MAX_BYTES + 1)
    opened = open_file(name, content)
    order = Order(
        period,
        opened.reading,
        create_products=bool(form.create_products.data),
        address=actor().address,
        request_id=actor().request_id,
    )
    kept: PriceImport = transact(
        upload, table_id, file_name=name, content=content, order=order, by=actor(), at=now()
    )
    return kept.id


def _table(session: Session, by: Actor, table_id: int) -> tuple[PriceTable, list[PriceImport]]:
    table = table_of(session, by, table_id)
    return table, list(recent(session, by, table.id))
