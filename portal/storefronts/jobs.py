"""Timed work of shops; it may run twice without doing its work twice."""

from datetime import date

from portal.clock import now, start_of, today
from portal.i18n import N_, Told
from portal.storefronts.services.limits import sweep
from portal.transactions import transact


def forget_shop_limits(as_of: date | None = None) -> Told:
    """Forget who ordered how often more than two days ago."""
    at = now() if as_of is None or as_of == today() else start_of(as_of)
    return Told(N_("%(forgotten)s counts of orders forgotten"), forgotten=transact(sweep, at=at))


jobs = {"forget-shop-limits": forget_shop_limits}
