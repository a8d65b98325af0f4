"""One shop at a glance: is it open, what is missing, who came, what was sold."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext, ngettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.errors import Conflict
from portal.partners.models import Collects
from portal.people.queries.history import Happening, history_of
from portal.periods import Period
from portal.storefronts.queries.admin.figures import (
    NOTHING,
    Figures,
    by_month,
    days_of,
    figures_by_day,
    summed,
)
from portal.storefronts.queries.admin.shops import RunShop, Standing, run_shop, standing_of, waiting
from portal.storefronts.rules.admin.opening import NEEDS
from portal.storefronts.services.settings import close_shop, open_shop
from portal.storefronts.views.admin.door import FACTS, SHOP_EDIT, TITLES, bp, frame
from portal.storefronts.views.admin.listing import state_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.charts import Bar, Chart, bar_chart
from portal.web.filters import day, money, money_brl, quantity
from portal.web.navigation import address, with_arguments
from portal.web.problems import explain
from portal.web.trail import told

DAYS, MONTHS = 30, 12
_HISTORY = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A day or a month, as the picture and the table show it."""

    label: str
    title: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the page reads."""

    run: RunShop
    standing: Standing
    waiting: dict[str, int]
    rows: list[Row]
    now: Figures
    before: Figures
    happened: list[Happening]


@bp.get("/service-points/<code>/shop")
@requires(SHOP_EDIT)
def show(code: str) -> ResponseReturnValue:
    """Show how a shop does."""
    by, yearly = actor(), request.args.get("by") == "month"
    seen = read(_seen, by, code, yearly)
    return render_template(
        "storefronts/admin/show.html",
        **frame(seen.run, "show"),
        state=state_of(seen.run.point),
        standing=seen.standing,
        needs=_needs(seen.run, seen.standing),
        waiting=seen.waiting,
        rows=seen.rows,
        sums=seen.now,
        before=seen.before,
        ever=seen.now + seen.before != NOTHING,
        charts=(_visits(seen.rows), _sales(seen.rows)),
        yearly=yearly,
        spans=[
            (gettext("30 days"), with_arguments(by=None), not yearly),
            (gettext("12 months"), with_arguments(by="month"), yearly),
        ],
        orders_url=address("orders.index", channel="site", point=code),
        trail=told(seen.happened, TITLES, FACTS),
    )


@bp.post("/service-points/<code>/shop/opening")
@requires(SHOP_EDIT)
def opening(code: str) -> ResponseReturnValue:
    """Open the shop to visitors, or close it."""
    is_open = request.form.get("open") == "1"
    try:
        if is_open:
            transact(open_shop, code, by=actor(), at=now(), day=today())
        else:
            transact(close_shop, code, by=actor(), at=now())
    except Conflict as refusal:
        flash(explain(refusal), "error")
    else:
        flash(
            gettext("The shop is open.") if is_open else gettext("The shop is closed."), "success"
        )
    return redirect(url_for(".show", code=code), 303)


def _seen(session: Session, by: Actor, code: str, yearly: bool) -> Seen:
    run = run_shop(session, by, code)
    period, earlier = _periods(today(), yearly=yearly)
    figures = figures_by_day(session, run.point.id, Period(earlier.start, period.end))
    rows = (
        _months(by_month(figures, period))
        if yearly
        else [Row(f"{one:%d}", day(one), figures.get(one, NOTHING)) for one in days_of(period)]
    )
    happened = [*history_of(session, "shop", run.point.id), *_of_address(session, run.point.id)]
    return Seen(
        run,
        standing_of(session, run, today()),
        dict(waiting(session, run.point.id)),
        rows,
        summed(figures, period),
        summed(figures, earlier),
        sorted(happened, key=lambda one: one.at, reverse=True)[:_HISTORY],
    )


def _of_address(session: Session, service_point_id: int) -> list[Happening]:
    """Return what became of address and opening, which stand with the service point."""
    return [
        replace(one, before={"shop": one.before.get("shop")}, after={"shop": one.after["shop"]})
        for one in history_of(session, "service_point", service_point_id)
        if one.before and "shop" in one.after
    ]


def _periods(until: date, *, yearly: bool) -> tuple[Period, Period]:
    """Return the days shown, and as many before them."""
    if yearly:
        begin = _months_before(until, MONTHS - 1)
        return Period(begin, until), Period(_months_before(begin, MONTHS), begin - timedelta(1))
    begin = until - timedelta(days=DAYS - 1)
    return Period(begin, until), Period(begin - timedelta(days=DAYS), begin - timedelta(days=1))


def _months_before(until: date, months: int) -> date:
    years, month = divmod(until.year * 12 + until.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _months(months: dict[date, Figures]) -> list[Row]:
    return [
        Row(format_date(one, "MMM").rstrip("."), format_date(one, "MMMM y"), figures)
        for one, figures in months.items()
    ]


def _visits(rows: list[Row]) -> Chart:
    total = sum(row.figures.visits for row in rows)
    return bar_chart(
        "visits",
        gettext("Visits"),
        ngettext("%(num)s visit", "%(num)s visits", total),
        bars=[
            Bar(row.label, Decimal(row.figures.visits), tip=f"{row.title}: {row.figures.visits}")
            for row in rows
        ],
        written=quantity,
        width=560,
    )


def _sales(rows: list[Row]) -> Chart:
    total = sum((row.figures.sales for row in rows), Decimal(0))
    return bar_chart(
        "sales",
        gettext("Sales"),
        gettext("Sold for %(amount)s", amount=money_brl(total)),
        bars=[
            Bar(row.label, row.figures.sales, tip=f"{row.title}: {money_brl(row.figures.sales)}")
            for row in rows
        ],
        written=money,
        width=560,
    )


def _needs(run: RunShop, standing: Standing) -> list[tuple[str, str, bool, str | None]]:
    """Return what the shop needs: name, why, whether it is there, where it is put right."""
    by, code = actor(), run.point.code
    may_see_tables = by.may("sale_prices.view")
    if run.point.collects == Collects.HEADQUARTERS:
        key = url_for("payments.pix") if by.headquarters else None
    else:
        key = url_for("payments.point_pix", code=code)
    ways = {
        "address": url_for(".address", code=code),
        "table": url_for("sale_tables.point_tables", code=code) if may_see_tables else None,
        "products": url_for(".products", code=code),
        "payment": key if by.may("payments.settings") else None,
        "texts": url_for(".edit", code=code),
    }
    return [
        (gettext(name), gettext(why), need not in standing.missing, ways[need])
        for need, (name, why) in NEEDS.items()
    ]
