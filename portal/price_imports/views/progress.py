"""How far an import is: its page leads on to whatever comes next."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.price_imports.models import ImportState
from portal.price_imports.queries import Seen, content_of, report_of
from portal.price_imports.views.door import bp, own, run
from portal.price_imports.views.storing import checked_page, said
from portal.transactions import read
from portal.web.access import actor, requires


@bp.get("/price-imports/<int:number>")
@requires("prices.edit")
def show(number: int) -> ResponseReturnValue:
    """Show the step at which an import is."""
    seen = own(number)
    if seen.state == ImportState.UPLOADED:
        return redirect(url_for(".reading", number=number), 303)
    if seen.state == ImportState.STORED:
        return redirect(edition_url(seen), 303)
    if seen.state == ImportState.CHECKED:
        return checked_page(seen)
    if seen.state == ImportState.FAILED:
        return _failed_page(seen)
    return render_template("price_imports/progress.html", seen=seen, table=seen.table)


@bp.get("/price-imports/<int:number>/progress")
@requires("prices.edit")
def progress(number: int) -> ResponseReturnValue:
    """Give the part of the page that tells how far it is; once it is done, lead on."""
    seen = own(number)
    if seen.state == ImportState.RUNNING:
        return render_template("price_imports/_progress.html", seen=seen)
    response = make_response("")
    response.headers["HX-Redirect"] = url_for(".show", number=number)
    return response


@bp.post("/price-imports/<int:number>/restart")
@requires("prices.edit")
def restart(number: int) -> ResponseReturnValue:
    """Begin a run again that was cut off."""
    seen = own(number)
    run(number, seen.order, len(read(content_of, actor(), number)))
    return redirect(url_for(".show", number=number), 303)


def edition_url(seen: Seen) -> str:
    """Return the address of the edition that a list became, or of its table."""
    return url_for("pricing.table", table_id=seen.table.id, edition=seen.found.edition_id)


def _failed_page(seen: Seen) -> str:
    why = said(read(report_of, actor(), seen.found.id).refusal)
    return render_template("price_imports/failed.html", seen=seen, table=seen.table, why=why)
