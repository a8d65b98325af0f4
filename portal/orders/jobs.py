"""Timed work of orders; each job may run twice without doing its work twice."""

from datetime import date, datetime

from portal.clock import now, start_of, today
from portal.i18n import N_, Told
from portal.orders.queries.site import points_that_wait, unpaid_orders
from portal.orders.services.waiting import lapse_order, place_waiting
from portal.transactions import read, transact


def lapse_orders(as_of: date | None = None) -> str:
    """Let orders lapse that nobody paid in time."""
    at = _instant(as_of)
    done = 0
    while numbers := read(unpaid_orders, at):
        done += sum(transact(lapse_order, number, at=at) for number in numbers)
    return Told(N_("%(orders)s orders lapsed"), orders=done)


def place_waiting_orders(as_of: date | None = None) -> str:
    """Place paid orders that wait, as far as credit and prices go, oldest first."""
    at = _instant(as_of)
    points = read(points_that_wait)
    placed = 0
    for point in points:
        while transact(place_waiting, point, at):
            placed += 1
    said = N_("%(orders)s waiting orders placed at %(points)s service points")
    return Told(said, orders=placed, points=len(points))


def _instant(as_of: date | None) -> datetime:
    """Return when the work for a day is done: now, or the first instant of another day."""
    return now() if as_of is None or as_of == today() else start_of(as_of)


jobs = {"lapse-orders": lapse_orders, "place-waiting": place_waiting_orders}
