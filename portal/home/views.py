"""The start page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from portal import clock
from portal.actors import Actor
from portal.home.queries import (
    ROWS,
    Change,
    DayFigure,
    Expiring,
    Wallet,
    edition_changes,
    expiring_credit,
    figures_by_day,
    latest_orders,
    wallets,
)
from portal.orders.models import Order
from portal.sale_tables.queries.unpriced import Unpriced, unpriced_tables
from portal.transactions import read
from portal.web.access import actor, signed_in
from portal.web.charts import Bar, Chart, bar_chart
from portal.web.filters import money, quantity

bp = Blueprint("home", __name__)

NOTHING = DayFigure()


@dataclass
class News:
    """What the reader may know today; empty where the profile does not allow it."""

    today: date
    this_month: dict[date, DayFigure] = field(default_factory=dict)
    last_month: dict[date, DayFigure] = field(default_factory=dict)
    wallets: list[Wallet] = field(default_factory=list)
    expiring: list[Expiring] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    unpriced: list[Unpriced] = field(default_factory=list)

    @property
    def short(self) -> list[Wallet]:
        """Service points whose credit ends soon, the most pressing first."""
        found = [wallet for wallet in self.wallets if wallet.is_short]
        return sorted(found, key=lambda one: (one.days if one.days is not None else 999, one.name))

    @property
    def month_orders(self) -> int:
        """Orders of this month so far."""
        return sum(day.orders for day in self.this_month.values())

    @property
    def month_debits(self) -> Decimal:
        """What this month's orders debited so far."""
        return sum((day.debited for day in self.this_month.values()), Decimal(0))

    @property
    def before_orders(self) -> int:
        """Orders of last month through the same day."""
        return sum(day.orders for day in self._so_far())

    @property
    def before_debits(self) -> Decimal:
        """What last month's orders debited through the same day."""
        return sum((day.debited for day in self._so_far()), Decimal(0))

    @property
    def balance(self) -> Decimal:
        """What all wallets hold together."""
        return sum((one.balance for one in self.wallets), Decimal(0))

    def _so_far(self) -> list[DayFigure]:
        return [one for day, one in self.last_month.items() if day.day <= self.today.day]


@bp.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """Show what matters today to whoever is signed in."""
    who = actor()
    news = read(_gather, who)
    page = "home/headquarters.html" if who.headquarters else "home/service_point.html"
    return render_template(
        page,
        news=news,
        rows=ROWS,
        headline=format_date(news.today, "full").capitalize(),
        charts=_charts(news, who) if who.headquarters and who.may("orders.view") else [],
        growth=growth,
    )


def growth(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    """Return by how many per cent it grew; None where there was nothing before."""
    if not before:
        return None
    return (Decimal(now) - Decimal(before)) * 100 / Decimal(before)


def _gather(session: Session, by: Actor) -> News:
    at = clock.now()
    news = News(clock.day_of(at))
    if by.may("orders.view"):
        first = news.today.replace(day=1)
        before = (first - timedelta(days=1)).replace(day=1)
        figures = figures_by_day(session, by, before, news.today)
        news.this_month = {day: one for day, one in figures.items() if day >= first}
        news.last_month = {day: one for day, one in figures.items() if day < first}
        news.orders = latest_orders(session, by)
    if by.sees_costs:
        news.wallets = wallets(session, by, at)
        news.expiring = expiring_credit(session, by, at)
    if not by.headquarters and by.may("sale_prices.edit"):
        found = unpriced_tables(session, by, news.today)
        news.unpriced = [one for one in found if one.count]
    if by.may("prices.view"):
        news.changes = edition_changes(session, news.today)
    return news


def _charts(news: News, by: Actor) -> list[Chart]:
    charts = [
        bar_chart(
            "orders",
            gettext("Orders per day"),
            gettext(
                "%(now)s orders this month so far, %(before)s last month through the same day.",
                now=quantity(news.month_orders),
                before=quantity(news.before_orders),
            ),
            bars=_bars(news, lambda day: Decimal(day.orders)),
            written=quantity,
        )
    ]
    if by.sees_costs:
        charts.append(
            bar_chart(
                "debits",
                gettext("Debits per day, in R$"),
                gettext(
                    "R$ %(now)s this month so far, R$ %(before)s last month through the same day.",
                    now=money(news.month_debits),
                    before=money(news.before_debits),
                ),
                bars=_bars(news, lambda day: day.debited),
                written=money,
            )
        )
    return charts


def _bars(news: News, value: Callable[[DayFigure], Decimal]) -> list[Bar]:
    """Pair the days of both months by their number; days to come have no bar."""
    first = news.today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    bars = []
    for step in range(max((first - before).days, news.today.day)):
        now, then = first + timedelta(days=step), before + timedelta(days=step)
        bars.append(
            Bar(
                str(step + 1),
                value(news.this_month.get(now, NOTHING)) if now <= news.today else None,
                value(news.last_month.get(then, NOTHING)) if then < first else None,
            )
        )
    return bars
