"""What an order would cost on a day, and what would refuse it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import day_of
from portal.credit.errors import InsufficientCredit
from portal.money import ZERO
from portal.orders.errors import IssuerInactive, PriceNotAllowed, ServicePointInactive
from portal.orders.queries.setting import Asked, Setting, setting_of
from portal.orders.queries.wallets import WalletNow, wallet_now
from portal.orders.rules import Totals, Wanted
from portal.orders.rules.answers import (
    Body,
    asked_body,
    line_body,
    settlement_body,
    totals_body,
)
from portal.orders.rules.pricing import Fault, Pricing, refusal_of
from portal.orders.services.placing import resolve


@dataclass(frozen=True, slots=True)
class Quote:
    """Priced lines, what would refuse the order, and the account as it stands."""

    wanted: Wanted
    on: date
    pricing: Pricing
    warnings: list[Fault]
    wallet: WalletNow | None

    @property
    def totals(self) -> Totals:
        """The sums of the lines."""
        return self.pricing.totals

    @property
    def body(self) -> Body:
        """What the API tells, apart from the warnings' texts."""
        totals = self.totals
        return {
            "on": self.on.isoformat(),
            **asked_body(self.wanted),
            "lines": [line_body(at, line) for at, line in enumerate(self.pricing.lines, 1)],
            "totals": totals_body(totals),
            "settlement": settlement_body(totals.sale),
            "instalments": [],
        }


def quote(session: Session, wanted: Wanted, *, by: Actor, at: datetime) -> Quote:
    """Price the lines for a day, by default today; refuse only what has no price."""
    found = look_at(session, wanted, by=by, at=at)
    if found.pricing.missing:
        raise refusal_of(found.pricing.missing)
    return found


def look_at(session: Session, wanted: Wanted, *, by: Actor, at: datetime) -> Quote:
    """Price the lines that have a price: `pricing.missing` names the others."""
    connection = session.connection()
    asked = Asked(wanted.service_point, wanted.issuer, [line.sku for line in wanted.lines])
    setting = setting_of(connection, asked, by=by)
    on = wanted.on or day_of(at)
    pricing = resolve(connection, setting, wanted, by=by, on=on)
    wallet = wallet_now(session, setting.account_id, at=at) if setting.account_id else None
    warnings = _of_setting(setting, wanted) + pricing.against
    if on == day_of(at):
        warnings += _of_credit(pricing, wallet)
    told = [one for one in warnings if not isinstance(one.error, PriceNotAllowed)]
    return Quote(wanted, on, pricing, told, wallet)


def _of_setting(setting: Setting, wanted: Wanted) -> list[Fault]:
    found = []
    if not setting.active:
        found.append(Fault(None, ServicePointInactive(service_point=wanted.service_point)))
    if wanted.issuer is not None and not setting.issuer_active:
        found.append(Fault(None, IssuerInactive(issuer=wanted.issuer)))
    return found


def _of_credit(pricing: Pricing, wallet: WalletNow | None) -> list[Fault]:
    cost = pricing.totals.acquisition
    available = wallet.available if wallet else ZERO
    if not cost or cost <= available:
        return []
    return [Fault(None, InsufficientCredit(cost - available, available))]
