"""Lots: what burns first, what its use recognises, what became of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.credit.models import LotKind
from portal.money import divide_half_up

RANKS = {LotKind.BONUS: 0, LotKind.PAID: 1}
"""Bonus burns before paid."""


class _Grace:
    """How long credit lives that came back for a lot that has expired since (DESIGN 4.6)."""

    days = 30


def configure(*, grace_days: int) -> None:
    """Set the grace days of the installation; done once when the application starts."""
    _Grace.days = grace_days


class LotStatus(StrEnum):
    """What became of a lot."""

    LIVE = "live"
    USED = "used"
    EXPIRED = "expired"
    REFUNDED = "refunded"


@dataclass(slots=True)
class LotState:
    """A lot as it stands while an account is locked; amounts in minor units, `paid` in cents.

    `was` is what the database holds of `remaining` and `used`: the condition of its update.
    """

    id: int
    kind_rank: int
    face: int
    paid: int
    remaining: int
    used: int
    expired: int
    gone: int
    moved: int
    expires_on: date
    was: tuple[int, int] = (0, 0)

    @property
    def kind(self) -> LotKind:
        """Whether money came in for it."""
        return LotKind.PAID if self.kind_rank else LotKind.BONUS

    def is_past(self, day: date) -> bool:
        """Whether its last day is over; no job needs to have run for that."""
        return self.expires_on < day

    @property
    def recognised(self) -> int:
        """The revenue that its use has recognised."""
        return recognised(self.paid, self.used, self.face)

    def burns(self) -> tuple[date, int, int]:
        """Its place in the burning order: last day, then bonus before paid, then the oldest."""
        return self.expires_on, self.kind_rank, self.id

    def use(self, amount: int) -> int:
        """Take credit out of it; return the revenue that this recognises."""
        before = self.recognised
        self.remaining -= amount
        self.used += amount
        return self.recognised - before

    def give_back(self, amount: int) -> int:
        """Put credit back that was taken out of it; return the revenue that falls away."""
        return -self.use(-amount)

    def move_on(self, amount: int) -> int:
        """Let go of used credit that comes back after its day; return the share of `paid`."""
        before = self.recognised
        self.used -= amount
        self.gone += amount
        share = before - self.recognised
        self.moved += share
        return share

    def take_back(self) -> int:
        """Take an unused lot back; return what was paid for it."""
        self.gone += self.remaining
        self.remaining = 0
        self.moved = self.paid
        return self.paid

    def hand_back(self, amount: int) -> int:
        """Let go of credit whose money goes back; return the share of `paid`.

        It is what falls out of the most that the lot could still recognise, so that use, expiry and
        what went back add up to what was paid, whatever is rounded.
        """
        most = recognised(self.paid, self.used + self.remaining, self.face)
        self.remaining -= amount
        self.gone += amount
        share = most - recognised(self.paid, self.used + self.remaining, self.face)
        self.moved += share
        return share

    @property
    def deferred(self) -> int:
        """What was paid for credit that is neither used nor gone."""
        return self.paid - self.recognised - self.moved


class Use(NamedTuple):
    """What a movement takes out of a lot; `value` is the revenue or the money, in cents."""

    lot: LotState
    amount: int
    value: int


def recognised(paid: int, used: int, face: int) -> int:
    """Return the revenue recognised after `used` of `face` bought for `paid` (DESIGN 4.8).

    Rounded as a whole each time, so that the parts add up to what was paid.
    """
    return divide_half_up(paid * used, face)


def burn(
    lots: Iterable[LotState], amount: int, take: Callable[[LotState, int], int] = LotState.use
) -> tuple[list[Use], int]:
    """Take an amount out of lots that come in burning order; return the uses and what is left."""
    uses: list[Use] = []
    if amount <= 0:
        return uses, amount
    for lot in lots:
        part = min(lot.remaining, amount)
        uses.append(Use(lot, part, take(lot, part)))
        amount -= part
        if not amount:
            break
    return uses, amount


def grace_until(day: date, grace_days: int | None = None) -> date:
    """Return the last day of a lot that stands in for a dead one; by default the installation's."""
    return day + timedelta(days=_Grace.days if grace_days is None else grace_days)


def status_of(
    *, remaining: int, used: int, face: int, is_past: bool, taken_back: bool
) -> LotStatus:
    """Say what became of a lot."""
    if taken_back:
        return LotStatus.REFUNDED
    if is_past and used < face:
        return LotStatus.EXPIRED
    return LotStatus.LIVE if remaining else LotStatus.USED
