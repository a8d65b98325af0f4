"""The editions of a price table on a line of time, to scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from portal.web.charts.plot import CHARACTER, Box, Calendar, Chart, Gap, Line, Plot, Text, fitting

_ONE_DAY = timedelta(days=1)
_INK = {"old": "t-ink", "now": "t-on", "next": "t-acc", "draft": "t-acc"}
_TOP, _HIGH = 40.0, 34.0
_WORDS = 135.0
"""Width of "5 days without a price"."""


@dataclass(frozen=True, slots=True)
class Span:
    """One edition. kind: old, now, next (published, not begun), draft; `last` None: without end.

    `labels` go from long to short ("Vigência 7 · em vigor", "Vigência 7", "7"); the longest
    that fits is written.
    """

    first: date
    last: date | None
    kind: str
    labels: tuple[str, ...]
    url: str = ""


def edition_timeline(
    name: str, title: str, summary: str, *, spans: Sequence[Span], today: date
) -> Chart:
    """Draw the editions around the present day: ten months back when wide, five when narrow."""
    ordered = tuple(sorted(spans, key=lambda span: (span.first, span.kind == "draft")))
    return Chart(
        name,
        title,
        summary,
        _plot(ordered, today, 1130, (310, 125), 60),
        _plot(ordered, today, 358, (150, 90), 44),
    )


def _plot(
    spans: tuple[Span, ...], today: date, width: int, reach: tuple[int, int], every: float
) -> Plot:
    days = _calendar(spans, today, width, reach)
    shown = [
        span for span in spans if span.first < days.last and (span.last or days.last) >= days.first
    ]
    months = days.words(every)
    return Plot(
        width,
        100,
        under=tuple(Line(f"M{days.x(month)} 22V96", "c-grid") for month in days.months()),
        boxes=tuple(
            _box(span, days, after)
            for span, after in zip(shown, [*(one.first for one in shown[1:]), None], strict=True)
        ),
        texts=tuple(
            Text(at + 4, 13, name, look="t-2" if year else "") for at, name, year in months
        ),
        gaps=tuple(_named(_gaps(shown, days), width, days.x(today))),
        today=days.x(today),
    )


def _calendar(spans: tuple[Span, ...], today: date, width: int, reach: tuple[int, int]) -> Calendar:
    back, ahead = (timedelta(days=count) for count in reach)
    begun = min([today, *(span.first for span in spans)])
    ends = max(
        [
            today + timedelta(days=62),
            *(span.last or span.first + timedelta(days=62) for span in spans),
        ]
    )
    first = max(begun, today - back).replace(day=1)
    last = (min(ends, today + ahead) + timedelta(days=31)).replace(day=1)
    return Calendar(first, last, 6, width - 6)


def _box(span: Span, days: Calendar, after: date | None) -> Box:
    """Draw an edition; its name keeps out of what the one that begins `after` it may cover."""
    left = days.x(span.first) + 0.75
    right = days.x(span.last + _ONE_DAY if span.last else days.last) - 0.75
    width = round(max(right - left, 2), 1)
    seen = min(width, days.x(after) - left) if after else width
    label = fitting(span.labels, seen - 1.2 * CHARACTER)
    text = Text(round(left + 9, 1), _TOP + 21.5, label, look=_INK[span.kind]) if label else None
    return Box(
        round(left, 1), _TOP, width, _HIGH, f"e-{span.kind}", 5, span.labels[0], span.url, text
    )


def _gaps(spans: list[Span], days: Calendar) -> list[Gap]:
    """Return the days between two editions on which none applies."""
    return [
        Gap(_gap_box(one.last + _ONE_DAY, other.first, days), (other.first - one.last).days - 1)
        for one, other in pairwise(spans)
        if one.last is not None and other.first > one.last + _ONE_DAY
    ]


def _named(gaps: list[Gap], width: int, today: float) -> list[Gap]:
    """Name the gaps whose words touch neither the rim, nor "today", nor each other."""
    named, taken = [], -_WORDS
    for gap in gaps:
        at = gap.box.x + gap.box.width / 2
        fits = _WORDS / 2 < at < width - _WORDS / 2 and abs(at - today) > _WORDS / 2 + 20
        fits = fits and at - taken > _WORDS
        named.append(replace(gap, named=fits))
        taken = at if fits else taken
    return named


def _gap_box(first: date, until: date, days: Calendar) -> Box:
    left, right = days.x(first), days.x(until)
    return Box(left, _TOP + 1, round(max(right - left, 3), 1), _HIGH - 2, "e-gap")
