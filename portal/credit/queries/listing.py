"""Accounts as a list: figures of many wallets at once."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select

from portal.actors import Actor
from portal.credit.models import Account, CreditType, Lot
from portal.partners.models import ServicePoint
from portal.periods import FOREVER

SOON = timedelta(days=30)
FIGURES = ("balance", "available", "expiring")
"""What stands in a row behind account, service point and credit type, in minor units."""


def _lots_of_account(*conditions: Any) -> Any:
    """Return what an account's open lots under some conditions hold, as an expression."""
    rest = select(func.coalesce(func.sum(Lot.remaining), 0)).where(
        Lot.account_id == Account.id, Lot.is_open.is_(True), *conditions
    )
    return rest.correlate(Account).scalar_subquery()


class Figures:
    """The figures of each account on a day, as expressions to select and to sort by."""

    def __init__(self, today: date) -> None:
        dead = _lots_of_account(Lot.expires_on < today)
        soon = and_(Lot.expires_on >= today, Lot.expires_on <= today + SOON)
        self.balance = Account.balance - dead
        self.available = self.balance - Account.held - Account.floor
        self.expiring = _lots_of_account(soon, Lot.expires_on < FOREVER)

    def accounts(self, by: Actor) -> Select[Any]:
        """Return the accounts of the service points that the actor sees."""
        return (
            select(
                Account,
                ServicePoint,
                CreditType,
                self.balance.label("balance"),
                self.available.label("available"),
                self.expiring.label("expiring"),
            )
            .join(ServicePoint, ServicePoint.id == Account.service_point_id)
            .join(CreditType, CreditType.id == Account.credit_type_id)
            .where(by.scope(ServicePoint.id))
        )

    def short(self, wanted: Select[Any]) -> Select[Any]:
        """Keep accounts below zero, or in money under their service point's threshold."""
        threshold = case(
            (CreditType.code == literal("BRL"), ServicePoint.low_balance_threshold), else_=None
        )
        below = and_(threshold.is_not(None), self.available < threshold)
        return wanted.where(or_(self.balance < 0, below))

    def owing(self, wanted: Select[Any]) -> Select[Any]:
        """Keep accounts with debt."""
        return wanted.where(Account.debt > 0)

    def running_out(self, wanted: Select[Any]) -> Select[Any]:
        """Keep accounts with credit that expires within 30 days."""
        return wanted.where(self.expiring > 0)
