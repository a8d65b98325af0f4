"""Counts who comes, in this process, and writes the sums down now and then.

No cookie, no address, nothing of a person: a visit is a page that was opened from elsewhere. What
was counted in the last half minute is lost with a process that is killed.
"""

import re
import time
from contextlib import suppress
from datetime import date
from threading import Lock

from flask import current_app, request

from portal import clock
from portal.errors import Busy
from portal.storefronts.services.counting import Came, add_days
from portal.storefronts.views.public.door import Entered, shop
from portal.transactions import transact

SECONDS = 30.0
MANY = 500
_MACHINES = re.compile(r"bot|crawl|spider|slurp|preview|monitor|curl|wget|python", re.IGNORECASE)


class Counter:
    """What was counted and is not yet written down."""

    def __init__(self) -> None:
        self._came: dict[tuple[int, date], Came] = {}
        self._many = 0
        self._written = time.monotonic()
        self._guard = Lock()

    def add(self, service_point_id: int, day: date, what: str) -> None:
        """Count one; now and then, write down."""
        with self._guard:
            came = self._came.setdefault((service_point_id, day), Came())
            setattr(came, what, getattr(came, what) + 1)
            self._many += 1
            due = self._many >= MANY or time.monotonic() - self._written >= SECONDS
        if due:
            self.write_down()

    def write_down(self) -> None:
        """Store the sums; what a busy database does not take is lost, for they are no accounts."""
        with self._guard:
            came, self._came, self._many = self._came, {}, 0
            self._written = time.monotonic()
        if not came:
            return
        with suppress(Busy):
            transact(add_days, came)


@shop.record_once
def _install(state: object) -> None:
    state.app.extensions["shop_counter"] = Counter()  # type: ignore[attr-defined] # Flask's setup state


def counter() -> Counter:
    """Return the counter of this process."""
    found: Counter = current_app.extensions["shop_counter"]
    return found


def count(entered: Entered, what: str) -> None:
    """Count a visit, a cart begun or a checkout opened; machines are not counted."""
    if _MACHINES.search(request.user_agent.string or "bot"):
        return
    counter().add(entered.front.service_point_id, clock.today(), what)


def count_visit(entered: Entered) -> None:
    """Count a page that was opened from elsewhere."""
    if request.method == "GET" and not _came_from_within():
        count(entered, "visits")


def _came_from_within() -> bool:
    return (request.referrer or "").startswith(f"{request.host_url}loja/")
