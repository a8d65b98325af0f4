"""The pages of imports: upload, how it is read, what is wrong, what becomes of it.

They are the same for every kind of list; `pages_of` opens them for one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.price_imports.forms.pages import PAGES, Pages
from portal.price_imports.views.errors import errors
from portal.price_imports.views.progress import progress, restart, show
from portal.price_imports.views.reading import reading
from portal.price_imports.views.storing import store
from portal.price_imports.views.uploading import new, template
from portal.web.access import requires

__all__ = ["bp", "pages_of"]

View = Callable[..., ResponseReturnValue]
_READ, _WRITE, _BOTH = ["GET"], ["POST"], ["GET", "POST"]
_OF_TABLE: tuple[tuple[str, View, list[str]], ...] = (
    ("", new, _BOTH),
    ("/template", template, _READ),
)
_OF_FILE: tuple[tuple[str, View, list[str]], ...] = (
    ("", show, _READ),
    ("/progress", progress, _READ),
    ("/reading", reading, _BOTH),
    ("/restart", restart, _WRITE),
    ("/store", store, _WRITE),
    ("/errors", errors, _READ),
)


def pages_of(pages: Pages) -> Blueprint:
    """Return the pages of a kind of list."""
    made = Blueprint(pages.name, __name__)
    allowed = requires(pages.lists.permission)
    table, file = f"/{pages.tables}/<int:table_id>/import", f"/{pages.path}/<int:number>"
    for path, view, methods in _OF_TABLE:
        made.add_url_rule(f"{table}{path}", view_func=allowed(_for(pages, view)), methods=methods)
    for path, view, methods in _OF_FILE:
        made.add_url_rule(f"{file}{path}", view_func=allowed(_for(pages, view)), methods=methods)
    return made


def _for(pages: Pages, view: View) -> View:
    @wraps(view)
    def shown(**values: Any) -> ResponseReturnValue:
        return view(pages, **values)

    return shown


bp = pages_of(PAGES)
