"""All shops that one sees: which are open, who came, what was sold."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, and_

from portal.clock import today
from portal.i18n import N_
from portal.partners.models import ServicePoint
from portal.partners.queries import point_says
from portal.periods import Period
from portal.storefronts.queries.admin.shops import listed_shops, sums_of_shops
from portal.storefronts.views.admin.door import SHOP_EDIT, bp
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.lists import Column, Filter, Listing, choice_filter

DAYS = 30
STATES = {"open": N_("Open"), "closed": N_("Closed"), "none": N_("No shop")}


def state_of(point: ServicePoint) -> str:
    """Say whether visitors can buy: open, closed, or none for no address."""
    if not point.shop_slug:
        return "none"
    return "open" if point.shop_enabled and point.active else "closed"


def _in_state(wanted: Select[Any], state: str) -> Select[Any]:
    has = ServicePoint.shop_slug.is_not(None)
    is_open = and_(has, ServicePoint.shop_enabled.is_(True), ServicePoint.active.is_(True))
    return wanted.where({"open": is_open, "closed": and_(has, ~is_open), "none": ~has}[state])


SHOPS = Listing(
    title=N_("Shops"),
    key=ServicePoint.id,
    sort="name",
    columns=(
        Column("name", N_("Service point"), lambda row: row[0].name, sort=ServicePoint.name),
        Column("code", N_("Code"), lambda row: row[0].code, sort=ServicePoint.code),
        Column(
            "slug",
            N_("Address of the shop"),
            lambda row: row[0].shop_slug,
            sort=ServicePoint.shop_slug,
        ),
        Column("state", N_("State"), lambda row: gettext(STATES[state_of(row[0])])),
        Column("visits", N_("Visits"), lambda row: int(row[1] or 0), num=True),
        Column("orders", N_("Orders"), lambda row: row[2] or 0, num=True),
        Column("sales", N_("Sales"), lambda row: row[3], num=True),
    ),
    filters=(
        Filter("q", N_("Text"), lambda wanted, text: wanted.where(point_says(text))),
        choice_filter("state", N_("State"), STATES, _in_state),
    ),
)


@bp.get("/shops")
@requires(SHOP_EDIT)
def index() -> ResponseReturnValue:
    """List the shops; whoever has one alone is led to it."""
    by = actor()
    if not by.headquarters and len(by.service_points) == 1:
        return redirect(url_for(".show", code=by.service_points[0].code), 303)
    period = Period(today() - timedelta(days=DAYS - 1), today())
    view = SHOPS.view(listed_shops(by, period), by)
    if file := view.file():
        return file
    orders, sales = read(sums_of_shops, by, period)
    return render_template(
        "storefronts/admin/index.html",
        view=view,
        orders=orders,
        sales=sales,
        days=DAYS,
        state_of=state_of,
        states={key: gettext(word) for key, word in STATES.items()},
    )
