"""Every wrong row as a file, to be worked through beside the list."""

from flask import Response
from flask_babel import gettext

from portal.price_imports.forms.pages import Pages
from portal.price_imports.forms.words import ERROR_HEAD, column_of, reason_of
from portal.price_imports.views.door import found_in
from portal.web.exports import Cell, csv_response


def errors(pages: Pages, number: int) -> Response:
    """Hand out the wrong rows."""
    rows: list[list[Cell]] = [
        [one.row, column_of(one), one.code, reason_of(one)]
        for one in found_in(pages, number).errors
    ]
    return csv_response(gettext("import-errors"), [gettext(word) for word in ERROR_HEAD], rows)
