"""What came of a shop day by day: visits, carts, checkouts; orders and what they were sold for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.orders.models import Order
from portal.periods import ONE_DAY, Period
from portal.storefronts.models import ShopDay
from portal.storefronts.queries.admin.shops import is_sale


@dataclass(frozen=True, slots=True)
class Figures:
    """What a day, or several, brought."""

    visits: int = 0
    carts: int = 0
    checkouts: int = 0
    orders: int = 0
    sales: Decimal = Decimal(0)

    def __add__(self, other: "Figures") -> "Figures":
        """Return both together."""
        return Figures(
            self.visits + other.visits,
            self.carts + other.carts,
            self.checkouts + other.checkouts,
            self.orders + other.orders,
            self.sales + other.sales,
        )


NOTHING = Figures()


def figures_by_day(
    session: Session, service_point_id: int, period: Period
) -> Mapping[date, Figures]:
    """Return the figures of each day that had some."""
    came = select(ShopDay.day, ShopDay.visits, ShopDay.carts, ShopDay.checkouts).where(
        ShopDay.service_point_id == service_point_id,
        ShopDay.day.between(period.start, period.last),
    )
    sold = (
        select(Order.day, func.count(), func.sum(Order.sale_total))
        .where(Order.service_point_id == service_point_id, *is_sale(period))
        .group_by(Order.day)
    )
    found = {day: Figures(*counts) for day, *counts in session.execute(came)}
    for day, orders, sales in session.execute(sold):
        more = Figures(orders=orders, sales=sales or Decimal(0))
        found[day] = found.get(day, NOTHING) + more
    return found


def summed(figures: Mapping[date, Figures], period: Period) -> Figures:
    """Return the figures of a period's days together."""
    return sum((one for day, one in figures.items() if period.covers(day)), NOTHING)


def by_month(figures: Mapping[date, Figures], period: Period) -> dict[date, Figures]:
    """Return the figures of each month of a period, by its first day."""
    months: dict[date, Figures] = {}
    for day in days_of(period):
        month = day.replace(day=1)
        months[month] = months.get(month, NOTHING) + figures.get(day, NOTHING)
    return months


def days_of(period: Period) -> Iterator[date]:
    """List the days of a period that ends."""
    day = period.start
    while day <= period.last:
        yield day
        day += ONE_DAY
