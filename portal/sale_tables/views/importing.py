"""A list of sale prices by hand: the file, how it is read, what is wrong, what becomes of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.errors import Conflict, Forbidden, PortalError, Refused
from portal.price_imports.errors import ImportRefused, Rehearsed, Report
from portal.price_imports.forms import (
    COLUMN_LABELS,
    FileForm,
    StoreForm,
    column_label,
    other_layout,
)
from portal.price_imports.forms.words import (
    DRAFT,
    ERROR_HEAD,
    PUBLISH,
    REPLACE,
    actions,
    column_of,
    reason_of,
    sentences,
)
from portal.price_imports.queries import Choices
from portal.price_imports.rules.cells import gather
from portal.price_imports.rules.columns import SALES
from portal.price_imports.rules.effects import effects_of
from portal.price_imports.rules.preview import preview
from portal.price_imports.services import Opened
from portal.price_imports.services.files import PREVIEW_ROWS
from portal.pricing.rules.windows import check_period, window_of
from portal.sale_tables import services
from portal.sale_tables.forms.files import HEAD
from portal.sale_tables.forms.imports import SaleReadingForm
from portal.sale_tables.models import SaleImport
from portal.sale_tables.queries.editions import published_editions
from portal.sale_tables.queries.imports import Waiting, waiting
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.services import WantedSales
from portal.sale_tables.views.door import bp
from portal.sheets.encodings import NAMES
from portal.sheets.limits import MAX_BYTES
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.exports import Cell, csv_response, xlsx_response
from portal.web.numbered import Numbered
from portal.web.problems import explain

ABOUT_FORM_BYTES = 100_000
ERRORS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying to store a list: what is wrong with its rows, or with the whole."""

    report: Report
    refusal: PortalError | None = None


@bp.route("/sale-tables/<int:table_id>/import", methods=["GET", "POST"])
@requires("sale_prices.edit")
def upload(table_id: int) -> ResponseReturnValue:
    """Take a file in."""
    request.max_content_length = MAX_BYTES + ABOUT_FORM_BYTES
    table = read(table_of, actor(), table_id)
    form = FileForm(valid_from=today())
    if form.submitted():
        try:
            return redirect(url_for(".importing", number=_keep(table_id, form).id), 303)
        except (Refused, Conflict) as refusal:
            form.take_file(refusal)
    page = render_template("sale_tables/upload.html", form=form, table=table)
    return (page, 422) if form.errors else page


@bp.get("/sale-tables/<int:table_id>/import/template")
@requires("sale_prices.edit")
def template(table_id: int) -> Response:
    """Hand out an empty list with the right columns."""
    read(table_of, actor(), table_id)
    head = [gettext(word) for word in HEAD]
    if request.args.get("format") == "xlsx":
        return xlsx_response(gettext("sale-table"), head, [], gettext("Sale prices"))
    return csv_response(gettext("sale-table"), head, [])


@bp.route("/sale-imports/<int:number>", methods=["GET", "POST"])
@requires("sale_prices.edit")
def importing(number: int) -> ResponseReturnValue:
    """Show how a file is read and what is wrong with it; correct how, or store it."""
    seen = read(waiting, actor(), number)
    layout = other_layout(request.form, seen.reading) if "read" in request.form else None
    if layout is not None:
        return _look_again(seen, layout)
    opened = services.open_sales(seen.found.file_name, seen.content, seen.reading)
    form = SaleReadingForm(valid_from=seen.found.valid_from, valid_until=seen.found.valid_until)
    form.offer(opened.sheet, opened.head, opened.reading)
    if request.method == "GET":
        form.show(opened.reading)
    elif form.submitted():
        try:
            _read_anew(number, form)
        except Refused as refusal:
            form.take(refusal)
        else:
            return redirect(url_for(".importing", number=number), 303)
    return _page(seen, opened, form)


@bp.post("/sale-imports/<int:number>/store")
@requires("sale_prices.edit")
def import_store(number: int) -> ResponseReturnValue:
    """Make the list an edition."""
    by = actor()
    seen = read(waiting, by, number)
    form = StoreForm()
    form.offer(_actions(read(_choices, seen.found, today())))
    if not form.submitted():
        return redirect(url_for(".importing", number=number), 303)
    checked = services.check_sales(
        services.open_sales(seen.found.file_name, seen.content, seen.reading)
    )
    try:
        done = transact(services.store_file, number, checked, _wanted(seen, form), by=by, at=now())
    except (Refused, Conflict, Forbidden) as refusal:
        flash(explain(refusal), "error")
        return redirect(url_for(".importing", number=number), 303)
    flash(gettext("%(rows)s rows are imported.", rows=done.report.rows), "success")
    target = ".table" if form.action.data != DRAFT else ".edition"
    where: dict[str, Any] = {"edition" if target == ".table" else "edition_id": done.edition.id}
    return redirect(url_for(target, table_id=seen.table.id, **where), 303)


@bp.get("/sale-imports/<int:number>/errors")
@requires("sale_prices.edit")
def import_errors(number: int) -> Response:
    """Hand out the wrong rows, to be worked through beside the list."""
    seen = read(waiting, actor(), number)
    opened = services.open_sales(seen.found.file_name, seen.content, seen.reading)
    rows: list[list[Cell]] = [
        [one.row, column_of(one), one.code, reason_of(one)]
        for one in _tried(seen, opened).report.errors
    ]
    return csv_response(gettext("import-errors"), [gettext(word) for word in ERROR_HEAD], rows)


def _keep(table_id: int, form: FileForm) -> SaleImport:
    """Look into the file outside of any transaction, then keep it."""
    sent: Any = form.file.data
    name, content = sent.filename or "", sent.stream.read(MAX_BYTES + 1)
    opened = services.open_sales(name, content)
    kept: SaleImport = transact(
        services.keep_file, table_id, file_name=name, content=content, reading=opened.reading,
        period=form.period(), by=actor(), at=now(),
    )  # fmt: skip
    return kept


def _look_again(seen: Waiting, layout: Any) -> ResponseReturnValue:
    """Read the file by another separator, sheet or header, and show what comes of it."""
    number = seen.found.id
    try:
        opened = services.open_sales(seen.found.file_name, seen.content, layout)
    except Refused as refusal:
        flash(explain(refusal), "error")
    else:
        transact(services.read_file_anew, number, opened.reading, seen.found.period, by=actor())
    return redirect(url_for(".importing", number=number), 303)


def _read_anew(number: int, form: SaleReadingForm) -> None:
    days = check_period(form.period())
    transact(services.read_file_anew, number, form.reading(), days, by=actor())


def _page(seen: Waiting, opened: Opened, form: SaleReadingForm) -> ResponseReturnValue:
    sheet, how = opened.sheet, opened.reading
    cells = gather(sheet, how.columns, how.first_row) if how.columns else None
    complete = how.is_complete
    tried = _tried(seen, opened) if complete else Tried(Report())
    effects = read(_choices, seen.found, today())
    store = StoreForm(formdata=None, action=DRAFT)
    store.offer(_actions(effects))
    page = Numbered(tried.report.errors, ERRORS_ON_A_PAGE)
    shown = render_template(
        "sale_tables/importing.html",
        seen=seen,
        table=seen.table,
        form=form,
        store=store,
        sheet=sheet,
        encoding=NAMES.get(sheet.encoding, ""),
        preview=preview(opened.head, how, cells, sheet.separator, PREVIEW_ROWS, SALES),
        complete=complete,
        labels=COLUMN_LABELS,
        column_label=column_label,
        report=tried.report,
        refusal=explain(tried.refusal) if tried.refusal else "",
        page=page,
        rows=[(one.row, column_of(one), reason_of(one)) for one in page.items],
        effects=effects,
        sentences={
            PUBLISH: sentences(effects.plain.changed),
            REPLACE: sentences(effects.replacing.changed),
        },
    )
    return (shown, 422) if form.errors else shown


def _tried(seen: Waiting, opened: Opened) -> Tried:
    """Try to store the list as a draft, and undo it: what is refused is told."""
    wanted = WantedSales(seen.found.period)
    try:
        checked = services.check_sales(opened)
        transact(services.rehearse_sales, seen.table.id, checked, wanted, by=actor(), at=now())
    except Rehearsed as done:
        return Tried(done.report)
    except ImportRefused as refused:
        return Tried(refused.report, refused)
    except (Refused, Conflict) as refusal:
        return Tried(Report(), refusal)
    raise LookupError("a rehearsal ends by raising")


def _choices(session: Session, found: SaleImport, day: date) -> Choices:
    """Return what publishing for the file's days does to the table's other editions."""
    standing = [window_of(one) for one in published_editions(session, found.sale_table_id)]
    plain, replacing = (
        effects_of(standing, found.period, day, replacing=how) for how in (False, True)
    )
    return Choices(plain, replacing)


def _actions(effects: Choices) -> list[tuple[str, str]]:
    return actions(effects, publishes=actor().may("sale_prices.publish"))


def _wanted(seen: Waiting, form: StoreForm) -> WantedSales:
    return WantedSales(
        seen.found.period,
        publish=form.action.data in {PUBLISH, REPLACE},
        replace=form.action.data == REPLACE,
        reason=form.reason.data or None,
        file_name=seen.found.file_name,
    )
