"""Whoever may not see acquisition prices must not find them by trying (API: 5 an hour)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import jot
from portal.orders.errors import PriceNotAllowed, TooManyPrices
from portal.orders.queries.setting import REFUSED_PRICE
from portal.orders.rules import Wanted

WINDOW = timedelta(hours=1)


def counts_guesses(wanted: Wanted, by: Actor) -> bool:
    """Whether this order could tell someone an acquisition price by being refused."""
    if by.sees_costs or by.may("orders.sell_below_acquisition"):
        return False
    return wanted.final_total is not None or any(
        line.unit_price is not None for line in wanted.lines
    )


def check_guesses(guessed_at: datetime | None, at: datetime) -> None:
    """Refuse every further typed price until the fifth last refusal is an hour ago.

    High prices too: were they let through, going on would still tell the acquisition price.
    """
    if guessed_at is None:
        return
    left = guessed_at + WINDOW - at
    if left > timedelta(0):
        raise TooManyPrices(seconds=int(left.total_seconds()) + 1)


def note_refused_price(
    session: Session, wanted: Wanted, refusal: PriceNotAllowed, *, by: Actor, at: datetime
) -> None:
    """Write down that a price was refused: the transaction that refused it left nothing."""
    jot(
        session.connection(),
        by=by,
        action="order.price_refused",
        entity=(REFUSED_PRICE, by.user_id or 0),
        at=at,
        after={
            "service_point": wanted.service_point,
            "lines": [
                {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price}
                for line in wanted.lines
            ],
            "final_total": wanted.final_total,
            "refused": [problem.field for problem in refusal.problems],
        },
    )
