"""How doors do deeds that may refuse a price on the site."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from portal import transactions
from portal.clock import now
from portal.sale_tables.errors import SitePriceNotAllowed
from portal.sale_tables.services.guesses import note_refused_site_price
from portal.web.access import actor

P = ParamSpec("P")
T = TypeVar("T")


def transact(deed: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Do one deed in one transaction; a price refused on the site is counted in another."""
    try:
        return transactions.transact(deed, *args, **kwargs)
    except SitePriceNotAllowed as refusal:
        transactions.transact(note_refused_site_price, refusal.table_id, by=actor(), at=now())
        raise
