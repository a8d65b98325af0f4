"""Three months of trade: orders of every service point, and the credit that they use up.

What is drawn comes from one seeded series, so that the same day gives the same story.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal import clock
from portal.actors import Actor
from portal.cli.demo import credit, prices
from portal.cli.demo.calendar import Calendar, moment
from portal.cli.demo.partners import (
    CLOSED,
    EXPIRED,
    EXPIRING,
    FIXED_PRICES,
    LOW,
    NEW,
    OWING,
    POINTS,
)
from portal.cli.demo.products import AURORA, BALIZA, BY_SKU, PRATA
from portal.cli.demo.stage import Stage
from portal.credit.errors import InsufficientCredit
from portal.money import HUNDRED, amount_of, round_half_up
from portal.orders import services as orders
from portal.orders.rules import Payment, Wanted, WantedLine

SEED = 20261122
_MINUTES = 9 * 60
"""Of a working day: half past eight to half past five."""
_CANCELLED = 35
"""Of a thousand orders."""
_REASONS = (
    "Cliente desistiu da compra",
    "Dados do titular digitados errado",
    "Pedido em duplicidade",
    "Titular não compareceu à validação",
)
_ISSUER_OF = {
    prices.AURORA_LIST: AURORA,
    prices.GOLD: AURORA,
    prices.GOLD_SOUTH: AURORA,
    prices.PRATA_LIST: PRATA,
    prices.BRONZE: PRATA,
    prices.BALIZA_LIST: BALIZA,
}
_ISSUERS_OF_OWN: dict[str, tuple[str | None, ...]] = {
    prices.OWN_FIXED: (AURORA, None),
    prices.OWN_PERCENT: (None,),
    prices.OWN_BOTH: (PRATA, None),
}
_SETTLED = (None, None, None, "pix", "pix", "card", "cash", "transfer")
_LATE = timedelta(hours=26)


@dataclass(slots=True)
class Trade:
    """What one service point does: from when on it rests, and below what it stops ordering."""

    code: str
    rests_from: date | None = None
    tops_up_until: date | None = None
    stops_below: Decimal = Decimal(0)
    orders_of_ten: int = 4
    """On how many of ten working days it orders."""


def trades(calendar: Calendar) -> list[Trade]:
    """Return who trades, and the few whose story is a special one."""
    special = {
        LOW: Trade(LOW, None, calendar.day(-30), Decimal(420), 9),
        OWING: Trade(OWING, None, calendar.day(-30), Decimal(900), 9),
        EXPIRING: Trade(EXPIRING, calendar.day(-1)),
        EXPIRED: Trade(EXPIRED, calendar.day(-40)),
        CLOSED: Trade(CLOSED, calendar.day(-30)),
    }
    idle = {*FIXED_PRICES, NEW}
    return [special.get(p.code, Trade(p.code)) for p in POINTS if p.code not in idle]


class Story:
    """The orders, written into the stage's calendar as they are drawn."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.drawn = random.Random(SEED)  # noqa: S311 - a story, the same every time
        self.reference = 48_210

    def schedule(self) -> None:
        """Draw who orders when; what each order holds is drawn when it happens."""
        all_trades = trades(self.stage.calendar)
        for day in self.stage.calendar.working_days():
            for trade in all_trades:
                if trade.rests_from and day >= trade.rests_from:
                    continue
                if self.drawn.randrange(10) < trade.orders_of_ten:
                    self._order_on(day, trade)
        for trade in all_trades[3::6]:
            self._draft_on(trade.code)

    def _order_on(self, day: date, trade: Trade) -> None:
        minute = 30 + self.drawn.randrange(_MINUTES)
        second = self.drawn.randrange(60)
        instant = moment(day, 8 + minute // 60, minute % 60, second)
        self.stage.at(instant, lambda: self._order(trade))

    def _draft_on(self, code: str) -> None:
        day = self.drawn.choice(self.stage.calendar.working_days()[-3:])
        self.stage.at(moment(day, 8, self.drawn.randrange(60)), lambda: self._draft(code))

    def _draft(self, code: str) -> None:
        wanted = self._wanted(code)
        orders.save_draft(self.stage.session, wanted, by=self._seller(code), at=clock.now())

    def _order(self, trade: Trade) -> None:
        """Buy credit first where it runs low; without it keep the order as a draft."""
        stage, now = self.stage, clock.now()
        until = trade.tops_up_until
        may_top_up = until is None or clock.today() < until
        if may_top_up:
            credit.top_up_if_low(stage, trade.code, self.drawn)
        elif credit.wallet(stage, trade.code).available < trade.stops_below:
            return
        wanted, by = self._wanted(trade.code), self._seller(trade.code)
        try:
            with stage.session.begin_nested():
                placed = orders.place_order(stage.session, wanted, by=by, at=now)
        except InsufficientCredit:
            orders.save_draft(stage.session, wanted, by=by, at=now)
            return
        self._go_on(trade.code, placed.number, now)

    def _go_on(self, code: str, number: int, at: datetime) -> None:
        """Fulfil it on one of the next days, or cancel it, a few even afterwards."""
        chance = self.drawn.randrange(1000)
        later = at + timedelta(minutes=self.drawn.randrange(20, 600))
        done = at + _LATE + timedelta(minutes=self.drawn.randrange(0, 1200))
        if chance < _CANCELLED:
            self.stage.at(later, lambda: self._cancel(code, number))
        elif chance < 980:
            self.stage.at(done, lambda: self._fulfill(code, number))
            if chance >= 970:
                self.stage.at(done + 5 * _LATE, lambda: self._cancel("administrator", number))

    def _fulfill(self, code: str, number: int) -> None:
        owner = self.stage.actors[code]
        orders.fulfill(self.stage.session, number, by=owner, at=clock.now())

    def _cancel(self, who: str, number: int) -> None:
        reason, by = self.drawn.choice(_REASONS), self.stage.actors[who]
        orders.cancel(self.stage.session, number, reason=reason, by=by, at=clock.now())

    def _seller(self, code: str) -> Actor:
        seller = self.stage.actors.get(f"seller of {code}")
        owner = self.stage.actors[code]
        return seller if seller and self.drawn.randrange(10) < 6 else owner

    # What is ordered

    def _wanted(self, code: str) -> Wanted:
        issuer = self.drawn.choice(_issuers(code, clock.today(), self.stage.calendar))
        skus = _portfolio(code, issuer)
        many = self.drawn.choice((1, 1, 1, 2, 2, 3))
        lines = [self._line(sku) for sku in self.drawn.sample(skus, k=min(many, len(skus)))]
        by_api = self.drawn.randrange(5) == 0
        self.reference += self.drawn.randrange(1, 9)
        return Wanted(
            service_point=code,
            channel="api" if by_api else "back_office",
            lines=lines,
            issuer=issuer,
            external_reference=f"ERP-{self.reference}" if by_api else None,
            payments=self._payments(lines),
        )

    def _line(self, sku: str) -> WantedLine:
        article = BY_SKU[sku]
        if article.fractional:
            quantity = Decimal(self.drawn.choice(("0.5", "1", "1.5", "2.25", "3")))
        elif article.category == "Mídias e leitoras":
            quantity = Decimal(self.drawn.choice((1, 1, 1, 2, 5, 12)))
        else:
            quantity = Decimal(self.drawn.choice((1, 1, 1, 1, 1, 2, 3)))
        percent = self.drawn.choice((0, 0, 0, 0, -5, -3, 4, 8))
        retail = round_half_up(article.retail * (HUNDRED + percent) / HUNDRED, 2)
        return WantedLine(sku, quantity, retail)

    def _payments(self, lines: Sequence[WantedLine]) -> list[Payment] | None:
        method = self.drawn.choice(_SETTLED)
        total = sum(
            (amount_of(line.unit_price or Decimal(0), line.quantity) for line in lines), Decimal(0)
        )
        return None if method is None else [Payment(method, total)]


def _issuers(code: str, day: date, calendar: Calendar) -> tuple[str | None, ...]:
    """Return the issuers that a service point may order through on a day."""
    if code == prices.CHANGED and day >= calendar.month(-1):
        return (None,)
    if own := _ISSUERS_OF_OWN.get(code):
        return own
    lists = prices.general_lists(int(code[-4:]))
    found = tuple(_ISSUER_OF.get(name) for name in lists)
    return (*found[:1], *found)


def _portfolio(code: str, issuer: str | None) -> tuple[str, ...]:
    if code == prices.OWN_PERCENT:
        return tuple(BY_SKU)
    return prices.PORTFOLIO[issuer]
