"""What every drawing is made of.

Places are pixels of the drawing; money comes in as Decimal and leaves as a place.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from babel.dates import format_date
from flask_babel import get_locale

CHARACTER = 6.9
"""Width of one letter of a label, a little more than the average, so that text is never cut."""


@dataclass(frozen=True, slots=True)
class Text:
    """A word in the drawing; `look` is a class of the style sheet."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    look: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; with `url` it opens something, with `tip` it says what it stands for."""

    x: float
    y: float
    width: float
    height: float
    look: str
    radius: float = 2
    tip: str = ""
    url: str = ""
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A path."""

    d: str
    look: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point worth seeing."""

    x: float
    y: float
    look: str = "c-acc"


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without a price: a red box; `named` if there is room to say how many."""

    box: Box
    days: int
    named: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing, from the bottom layer up; `today` is where the present day stands."""

    width: int
    height: int
    under: tuple[Line, ...] = ()
    boxes: tuple[Box, ...] = ()
    over: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    texts: tuple[Text, ...] = ()
    gaps: tuple[Gap, ...] = ()
    today: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A wide and a narrow drawing of the same, title, summary, and the numbers behind it."""

    name: str
    title: str
    summary: str
    wide: Plot
    narrow: Plot
    rows: tuple[tuple[str, ...], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Scale:
    """Amounts to heights: round steps from `low` to `high`."""

    low: Decimal
    high: Decimal
    step: Decimal
    top: float
    bottom: float

    def y(self, value: Decimal) -> float:
        """Return the height at which a value stands."""
        share = float((value - self.low) / (self.high - self.low))
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def grid(
        self, left: float, right: float, written: Callable[[Decimal], str]
    ) -> tuple[list[Line], list[Text]]:
        """Return the lines across and the words at their left."""
        lines, words = [], []
        value = self.low
        while value <= self.high:
            at = self.y(value)
            lines.append(Line(f"M{left} {at}H{right}", "c-axis" if value == 0 else "c-grid"))
            words.append(Text(left - 8, at + 4, written(value), "end"))
            value += self.step
        return lines, words


def scale_of(values: list[Decimal], top: float, bottom: float, *, from_zero: bool = True) -> Scale:
    """Return a scale that holds all values in three to six round steps."""
    low = min([Decimal(0), *values] if from_zero else values, default=Decimal(0))
    high = max([*values, low])
    step = _round_step((high - low) / 4 or max(abs(high), Decimal(1)) / 10)
    first = (low / step).to_integral_value(ROUND_FLOOR) * step
    last = (high / step).to_integral_value(ROUND_CEILING) * step
    return Scale(first, last if last > first else first + step, step, top, bottom)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days to places, from the first day at `left` to the last at `right`."""

    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        """Return where a day begins; days outside stand at the rim."""
        share = (min(max(day, self.first), self.last) - self.first).days / (
            self.last - self.first
        ).days
        return round(self.left + share * (self.right - self.left), 1)

    def months(self) -> list[date]:
        """Return the first days of the months in sight."""
        found, day = [], self.first.replace(day=1)
        while day < self.last:
            found.append(max(day, self.first))
            day = (day + timedelta(days=32)).replace(day=1)
        return found

    def words(self, every: float) -> list[tuple[float, str, bool]]:
        """Return place, name and whether a year begins, for months `every` pixels apart."""
        shown: list[tuple[float, str, bool]] = []
        for number, day in enumerate(self.months()):
            at = self.x(day)
            if at > self.right - every * 0.6 or (shown and at - shown[-1][0] < every):
                continue
            year = number == 0 or (shown and day.month == 1) or day.month == 1
            shown.append((at, month_name(day, year=bool(year)), bool(year)))
        return shown


def month_name(day: date, *, year: bool) -> str:
    """Return `nov` or `nov 26`."""
    name = format_date(day, "MMM", locale=str(get_locale() or "pt_BR")).rstrip(".")
    return f"{name} {day:%y}" if year else name


def fitting(labels: tuple[str, ...], width: float) -> str:
    """Return the longest of the labels that fits, or nothing."""
    return next((label for label in labels if len(label) * CHARACTER <= width), "")


def _round_step(rough: Decimal) -> Decimal:
    size = Decimal(10) ** math.floor(rough.log10())
    return next(
        size * factor
        for factor in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
        if size * factor >= rough
    )
