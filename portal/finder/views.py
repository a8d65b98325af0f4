"""The search of the bar on top: `/` from any page."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.finder.queries import Found, find
from portal.texts import SEARCH_LENGTH
from portal.transactions import read
from portal.web.access import actor, signed_in
from portal.web.navigation import address

bp = Blueprint("finder", __name__)


@bp.get("/search")
@signed_in
def search() -> ResponseReturnValue:
    """Show what was found; a single find opens at once."""
    text = request.args.get("q", "")[:SEARCH_LENGTH]
    found = read(find, actor(), text)
    if len(found) == 1 and (only := _address_of(found)):
        return redirect(only, 303)
    return render_template("finder/search.html", text=text.strip(), found=found)


def _address_of(found: Found) -> str | None:
    """Return where the only find is shown, if it has a page of its own."""
    if found.orders:
        return address("orders.show", number=found.orders[0].id)
    if found.service_points:
        return address("partners.show", code=found.service_points[0].code)
    if found.products:
        return address("catalogue.product", sku=found.products[0].sku)
    if found.charges:
        return address("payments.show", number=found.charges[0].id)
    return None
