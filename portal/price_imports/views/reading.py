"""The second step: how the file is read, shown with its first rows, to be corrected."""

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.errors import Refused
from portal.price_imports.errors import ColumnsUnknown
from portal.price_imports.forms import (
    COLUMN_LABELS,
    ReadingBase,
    column_label,
    creates_products,
    other_layout,
)
from portal.price_imports.forms.pages import Pages
from portal.price_imports.models import ImportState
from portal.price_imports.queries import Seen
from portal.price_imports.rules.cells import gather
from portal.price_imports.rules.orders import Deed
from portal.price_imports.rules.preview import Preview, preview
from portal.price_imports.rules.settings import Reading
from portal.price_imports.services.files import PREVIEW_ROWS, Opened
from portal.price_imports.services.uploads import read_anew
from portal.price_imports.views.door import file_of, own, run
from portal.pricing.rules.windows import check_period
from portal.sheets.encodings import NAMES
from portal.transactions import transact
from portal.web.access import actor
from portal.web.problems import explain


def reading(pages: Pages, number: int) -> ResponseReturnValue:
    """Show how the file is read; correct it, or have it checked."""
    seen = own(pages, number)
    if seen.state in {ImportState.RUNNING, ImportState.STORED}:
        return redirect(url_for(".show", number=number), 303)
    content = file_of(pages, number)
    if request.method == "POST" and (layout := other_layout(request.form, seen.order.reading)):
        return _look_again(pages, seen, content, layout)
    opened = pages.lists.open(seen.found.file_name, content, seen.order.reading)
    form = _form(pages, seen, opened)
    if form.submitted():
        try:
            return redirect(_go_on(pages, seen, form, len(content)), 303)
        except Refused as refusal:
            form.take(refusal)
    page = _page(pages, seen, form, opened)
    return (page, 422) if form.errors else page


def _look_again(pages: Pages, seen: Seen, content: bytes, layout: Reading) -> ResponseReturnValue:
    """Read the file by another layout, and show what comes of it."""
    lists, number = pages.lists, seen.found.id
    try:
        opened = lists.open(seen.found.file_name, content, layout)
    except Refused as refusal:
        flash(explain(refusal), "error")
    else:
        order = replace(seen.order, reading=opened.reading)
        transact(read_anew, lists, number, order, by=actor())
    return redirect(url_for(".reading", number=number), 303)


def _form(pages: Pages, seen: Seen, opened: Opened) -> ReadingBase:
    order = seen.order
    form = pages.reading_form(
        valid_from=order.period.start,
        valid_until=order.period.end,
        create_products=order.create_products,
    )
    form.offer(opened.sheet, opened.head, opened.reading)
    if request.method == "GET":
        form.show(opened.reading)
    return form


def _go_on(pages: Pages, seen: Seen, form: ReadingBase, size: int) -> str:
    """Keep the corrections, and check if that was asked for; return the address to go on to."""
    lists, number = pages.lists, seen.found.id
    order = replace(
        seen.order,
        period=check_period(form.period()),
        reading=form.reading(),
        create_products=creates_products(form),
        deed=Deed.CHECK,
    )
    if "check" not in request.form:
        transact(read_anew, lists, number, order, by=actor())
        return url_for(".reading", number=number)
    if not order.reading.is_complete:
        raise ColumnsUnknown
    run(lists, number, order, size)
    return url_for(".show", number=number)


def _page(pages: Pages, seen: Seen, form: ReadingBase, opened: Opened) -> str:
    sheet, how, layout = opened.sheet, opened.reading, pages.lists.layout
    cells = gather(sheet, how.columns, how.first_row) if how.columns else None
    looked: Preview = preview(opened.head, how, cells, sheet.separator, PREVIEW_ROWS, layout)
    return render_template(
        "price_imports/reading.html",
        pages=pages,
        form=form,
        seen=seen,
        table=seen.table,
        sheet=sheet,
        preview=looked,
        complete=how.is_complete,
        encoding=NAMES.get(sheet.encoding, ""),
        labels=COLUMN_LABELS,
        column_label=column_label,
    )
