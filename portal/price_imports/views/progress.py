"""How far an import is: its page leads on to whatever comes next."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.price_imports.forms.pages import Pages
from portal.price_imports.models import ImportState
from portal.price_imports.queries import Seen
from portal.price_imports.views.door import file_of, found_in, own, run
from portal.price_imports.views.storing import checked_page, said


def show(pages: Pages, number: int) -> ResponseReturnValue:
    """Show the step at which an import is."""
    seen = own(pages, number)
    if seen.state == ImportState.UPLOADED:
        return redirect(url_for(".reading", number=number), 303)
    if seen.state == ImportState.STORED:
        return redirect(edition_url(pages, seen), 303)
    if seen.state == ImportState.CHECKED:
        return checked_page(pages, seen)
    if seen.state == ImportState.FAILED:
        return _failed_page(pages, seen)
    return render_template("price_imports/progress.html", pages=pages, seen=seen, table=seen.table)


def progress(pages: Pages, number: int) -> ResponseReturnValue:
    """Give the part of the page that tells how far it is; once it is done, lead on."""
    seen = own(pages, number)
    if seen.state == ImportState.RUNNING:
        return render_template("price_imports/_progress.html", seen=seen)
    response = make_response("")
    response.headers["HX-Redirect"] = url_for(".show", number=number)
    return response


def restart(pages: Pages, number: int) -> ResponseReturnValue:
    """Begin a run again that was cut off."""
    seen = own(pages, number)
    run(pages.lists, number, seen.order, len(file_of(pages, number)))
    return redirect(url_for(".show", number=number), 303)


def edition_url(pages: Pages, seen: Seen) -> str:
    """Return the address of the edition that a list became, or of its table."""
    return url_for(pages.table, table_id=seen.table.id, edition=seen.found.edition_id)


def _failed_page(pages: Pages, seen: Seen) -> str:
    why = said(found_in(pages, seen.found.id).refusal)
    facts = {"pages": pages, "seen": seen, "table": seen.table, "why": why}
    return render_template("price_imports/failed.html", **facts)
