"""What publishing an imported edition does to the others, said before it happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.periods import Period
from portal.pricing.errors import WindowOverlap
from portal.pricing.rules.windows import Window, after_publishing, changes_past

_NOT_YET = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """An edition and its days afterwards; without days it is superseded."""

    number: int
    before: Period
    after: Period | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What happens to the editions; `overlap` says why it cannot be published so."""

    changed: Sequence[Effect] = ()
    overlap: WindowOverlap | None = None
    past: bool = False
    """Whether days before today change their prices: that needs permission and a reason."""


def effects_of(
    standing: Sequence[Window], period: Period, today: date, *, replacing: bool
) -> Effects:
    """Return what publishing an edition for these days does."""
    try:
        after = after_publishing(standing, Window(_NOT_YET, _NOT_YET, period), replacing=replacing)
    except WindowOverlap as overlap:
        return Effects(overlap=overlap)
    later = {window.id: window.period for window in after}
    changed = [
        Effect(window.number, window.period, later.get(window.id))
        for window in standing
        if later.get(window.id) != window.period
    ]
    return Effects(changed, past=changes_past(standing, after, today))
