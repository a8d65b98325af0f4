"""How fast an account is used, and how long its credit will last at that pace."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.credit.models import Book, Entry
from portal.money import from_minor, round_half_up

PACE_DAYS = 30


def pace_of(session: Session, account_id: int | None, at: datetime, scale: int) -> Decimal:
    """Return what an account used a day, on the average of the last 30; reversals taken off."""
    wanted = select(func.sum(Entry.qty)).where(
        Entry.account_id == (account_id or 0),
        Entry.booked_at > at - timedelta(days=PACE_DAYS),
        Entry.book.in_((Book.CONSUMED.value, Book.DEBT.value)),
    )
    used = from_minor(-int(session.scalar(wanted) or 0), scale)
    return round_half_up(max(used, Decimal(0)) / PACE_DAYS, scale)


def days_left(available: Decimal, pace: Decimal) -> int | None:
    """Return for how many days the credit lasts; None where nothing is used."""
    if pace <= 0:
        return None
    return max(0, int(available / pace))
