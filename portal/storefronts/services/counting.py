"""How many came to a shop on a day: counted, never known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.db import is_duplicate
from portal.storefronts.models import ShopDay


@dataclass(slots=True)
class Came:
    """What happened in a shop on a day."""

    visits: int = 0
    carts: int = 0
    checkouts: int = 0


def add_days(session: Session, came: Mapping[tuple[int, date], Came]) -> None:
    """Add what was counted, by service point and day, to what is stored."""
    for (service_point_id, day), more in sorted(came.items(), key=lambda one: one[0]):
        if _add(session, service_point_id, day, more):
            continue
        try:
            with session.begin_nested():
                session.add(ShopDay(service_point_id=service_point_id, day=day, **_facts(more)))
                session.flush()
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            _add(session, service_point_id, day, more)


def _add(session: Session, service_point_id: int, day: date, more: Came) -> bool:
    changed = session.execute(
        update(ShopDay)
        .where(ShopDay.service_point_id == service_point_id, ShopDay.day == day)
        .values(
            visits=ShopDay.visits + more.visits,
            carts=ShopDay.carts + more.carts,
            checkouts=ShopDay.checkouts + more.checkouts,
        )
    )
    return isinstance(changed, CursorResult) and changed.rowcount > 0


def _facts(more: Came) -> dict[str, int]:
    return {"visits": more.visits, "carts": more.carts, "checkouts": more.checkouts}
