"""Whoever may not see acquisition prices must not find them by trying (API: 5 an hour)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.sale_tables.errors import TooManyPrices
from portal.sale_tables.queries.refusals import REFUSED_PRICE

WINDOW = timedelta(hours=1)


def check_guesses(fifth: datetime | None, at: datetime) -> None:
    """Refuse every further price until the fifth last refusal is an hour ago.

    High prices too: were they let through, going on would still tell the acquisition price.
    """
    if fifth is None:
        return
    left = fifth + WINDOW - at
    if left > timedelta(0):
        raise TooManyPrices(seconds=int(left.total_seconds()) + 1)


def note_refused_site_price(session: Session, table_id: int, *, by: Actor, at: datetime) -> None:
    """Write down that prices were refused: the transaction that refused them left nothing."""
    record(
        session,
        by=by,
        action="sale_edition.price_refused",
        entity=(REFUSED_PRICE, by.user_id or 0),
        at=at,
        after={"sale_table": table_id},
    )
