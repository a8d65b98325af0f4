"""Accounts with credit past its day that nothing has booked yet."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credit.models import Lot


def accounts_past_their_day(session: Session, day: date) -> Sequence[int]:
    """Return the accounts whose open lots were usable through a day before this one."""
    wanted = select(Lot.account_id).where(Lot.is_open.is_(True), Lot.expires_on < day).distinct()
    return sorted(session.scalars(wanted))
