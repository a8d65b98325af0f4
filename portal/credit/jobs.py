"""Timed work of credit; each job may run twice without doing its work twice."""

from datetime import date, datetime

from portal.clock import now, start_of, today
from portal.credit.queries.expiring import accounts_past_their_day
from portal.credit.services import expire
from portal.i18n import N_, Told
from portal.transactions import read, transact


def expire_credits(as_of: date | None = None) -> str:
    """Book the expiry of credit in accounts at rest, each in a transaction of its own."""
    day = as_of or today()
    at = _instant(as_of)
    accounts = read(accounts_past_their_day, day)
    booked = sum(_expire(account_id, at) for account_id in accounts)
    return Told(
        N_("%(lots)s lots expired in %(accounts)s accounts"), lots=booked, accounts=len(accounts)
    )


def _expire(account_id: int, at: datetime) -> int:
    booked = 0
    while some := transact(expire, account_id=account_id, at=at):
        booked += some
    return booked


def _instant(as_of: date | None) -> datetime:
    """Return when the work for a day is done: now, or the first instant of another day."""
    return now() if as_of is None or as_of == today() else start_of(as_of)


jobs = {"expire-credits": expire_credits}
