"""Every wrong row as a file, to be worked through beside the list."""

from flask import Response
from flask_babel import gettext

from portal.price_imports.forms.words import ERROR_HEAD, column_of, reason_of
from portal.price_imports.queries import report_of
from portal.price_imports.views.door import bp
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.exports import Cell, csv_response


@bp.get("/price-imports/<int:number>/errors")
@requires("prices.edit")
def errors(number: int) -> Response:
    """Hand out the wrong rows."""
    report = read(report_of, actor(), number)
    rows: list[list[Cell]] = [
        [one.row, column_of(one), one.code, reason_of(one)] for one in report.errors
    ]
    return csv_response(gettext("import-errors"), [gettext(word) for word in ERROR_HEAD], rows)
