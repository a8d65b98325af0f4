"""The list of orders: newest first; by day where days are asked for, as the index has them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, or_
from sqlalchemy.orm import Session

from portal.catalogue.models import Issuer
from portal.clock import local, now, today
from portal.i18n import N_
from portal.orders.forms import CHANNELS
from portal.orders.models import Order, OrderState
from portal.orders.queries.orders import (
    Sums,
    issuers_to_choose,
    of_buyer,
    of_issuer,
    of_service_point,
    of_state,
    orders,
    service_points_to_choose,
    sums_of,
)
from portal.orders.views.door import STATES, bp
from portal.partners.models import ServicePoint
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.lists import Column, Filter, Listing, ListView, choice_filter, day_filter
from portal.web.navigation import with_arguments

MOST_POINTS = 200
NO_ISSUER = "-"
_LONGEST_NUMBER = 18


def _says(wanted: Select[Any], text: str) -> Select[Any]:
    """Find by number, by the other system's reference from its beginning, or by who bought."""
    alike = [Order.external_reference.startswith(text, autoescape=True), of_buyer(text)]
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER:
        alike.append(Order.id == int(number))
    return wanted.where(or_(*alike))


def _of_issuer(wanted: Select[Any], code: str) -> Select[Any]:
    return wanted.where(of_issuer(None if code == NO_ISSUER else code))


def _margin(order: Order) -> Decimal | None:
    cost = _cost(order)
    return None if cost is None or order.sale_total is None else order.sale_total - cost


def _cost(order: Order) -> Decimal | None:
    """A cancelled order costs nothing any more."""
    return None if order.state is OrderState.CANCELLED else order.acquisition_total


def _issuer_said(code: str) -> str:
    return gettext("without issuer") if code == NO_ISSUER else code


ORDERS = Listing(
    title=N_("Orders"),
    key=Order.id,
    sort="-number",
    columns=(
        Column("number", N_("Order"), lambda order: order.id, sort=Order.id),
        Column(
            "day",
            N_("When"),
            lambda order: local(order.placed_at or order.created_at),
            sort=Order.day,
        ),
        Column("service_point", N_("Service point"), lambda order: order.service_point.name),
        Column("issuer", N_("Issuer"), lambda order: order.issuer.name if order.issuer else None),
        Column("channel", N_("Channel"), lambda order: gettext(CHANNELS[order.channel])),
        Column("status", N_("State"), lambda order: gettext(STATES[order.state_at(now())])),
        Column("buyer", N_("Buyer"), lambda order: order.buyer.name if order.buyer else None),
        Column("external_reference", N_("Reference"), lambda order: order.external_reference),
        Column("sale", N_("Sale"), lambda order: order.sale_total, sort=Order.sale_total, num=True),
        Column(
            "acquisition",
            N_("Acquisition"),
            _cost,
            sort=Order.acquisition_total,
            permission="costs.view",
            num=True,
        ),
        Column("margin", N_("Margin"), _margin, permission="costs.view", num=True),
    ),
    filters=(
        Filter("q", N_("Text"), _says),
        choice_filter(
            "status", N_("State"), STATES, lambda wanted, key: wanted.where(of_state(key, now()))
        ),
        day_filter("from", N_("From"), lambda wanted, day: wanted.where(Order.day >= day)),
        day_filter("to", N_("Until"), lambda wanted, day: wanted.where(Order.day <= day)),
        Filter(
            "point", N_("Service point"), lambda wanted, code: wanted.where(of_service_point(code))
        ),
        Filter("issuer", N_("Issuer"), _of_issuer, say=_issuer_said),
        choice_filter(
            "channel",
            N_("Channel"),
            CHANNELS,
            lambda wanted, key: wanted.where(Order.channel == key),
        ),
    ),
)


@bp.get("/orders")
@requires("orders.view")
def index() -> ResponseReturnValue:
    """List the orders of the service points that one sees."""
    dated = request.args.get("from") or request.args.get("to")
    listing = replace(ORDERS, sort="-day") if dated else ORDERS
    view = listing.view(orders(actor()), actor())
    if file := view.file():
        return file
    points, issuers = read(_choices)
    return render_template(
        "orders/index.html",
        view=view,
        views=_views(view),
        sums=read(_sums, view),
        points=points,
        issuers=issuers,
    )


def _choices(session: Session) -> tuple[list[ServicePoint], list[Issuer]]:
    by = actor()
    return service_points_to_choose(session, by, MOST_POINTS), issuers_to_choose(session)


def _sums(session: Session, view: ListView) -> Sums | None:
    """Return what the orders found add up to, where they are few enough to be counted."""
    return None if view.count.more else sums_of(session, view.wanted)


def _views(view: ListView) -> list[tuple[str, str, bool]]:
    """Return the tabs: a word, an address, whether it is the present one."""
    month = today().replace(day=1).isoformat()
    state, begin = view.text("status"), view.text("from")
    fresh = {"after": None, "before": None}
    tabs = [
        (
            gettext("All orders"),
            with_arguments(status=None, **{"from": None}, **fresh),
            not state and not begin,
        ),
        (
            gettext("This month"),
            with_arguments(status=None, **{"from": month}, **fresh),
            not state and _day(begin) == month,
        ),
    ]
    named = tuple(_TABS)
    return tabs + [
        (_TABS[one](), with_arguments(status=one.value, **fresh), state == one.value)
        for one in named
    ]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return text


_TABS = {
    OrderState.DRAFT: lambda: gettext("Drafts"),
    OrderState.AWAITING_PAYMENT: lambda: gettext("Unpaid ones"),
    OrderState.AWAITING_CREDIT: lambda: gettext("Paid ones that wait"),
    OrderState.PLACED: lambda: gettext("Placed ones"),
    OrderState.FULFILLED: lambda: gettext("Fulfilled ones"),
    OrderState.CANCELLED: lambda: gettext("Cancelled ones"),
}
