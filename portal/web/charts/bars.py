"""Bars beside each other: amounts per day or month, with last period's line over them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.web.charts.plot import CHARACTER, Box, Chart, Line, Plot, Scale, Text, scale_of
from portal.web.filters import quantity


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `value` None leaves its place empty (a day to come); `before` is the line over it.

    `label` stands below; `tip` says it in full. kind: now, bonus (credit given), warn, bad.
    """

    label: str
    value: Decimal | None
    before: Decimal | None = None
    tip: str = ""
    kind: str = "now"


def bar_chart(
    name: str,
    title: str,
    summary: str,
    *,
    bars: Sequence[Bar],
    written: Callable[[Decimal], str],
    figures: bool = False,
    width: int = 560,
) -> Chart:
    """Draw the bars; `written` writes an amount, `figures` writes it over each bar.

    `width` 560 suits half a page, 1130 a whole one.
    """
    draw = _Drawing(tuple(bars), written, figures)
    rows = tuple(
        (bar.label, *(written(value) if value is not None else "" for value in draw.columns(bar)))
        for bar in bars
    )
    return Chart(name, title, summary, draw.plot(width, 200), draw.plot(350, 190), rows)


@dataclass(frozen=True, slots=True)
class _Drawing:
    bars: tuple[Bar, ...]
    written: Callable[[Decimal], str]
    figures: bool

    def columns(self, bar: Bar) -> tuple[Decimal | None, ...]:
        compared = any(other.before is not None for other in self.bars)
        return (bar.value, bar.before) if compared else (bar.value,)

    def plot(self, width: int, height: int) -> Plot:
        scale = scale_of(self._values(), 22.0 if self.figures else 12.0, height - 22.0)
        widest = max(
            len(quantity(value)) for value in (scale.low, scale.high, scale.low + scale.step)
        )
        left, right = round(widest * CHARACTER + 12), width - 4
        lines, words = scale.grid(left, right, quantity)
        slot = (right - left) / max(len(self.bars), 1)
        return Plot(
            width,
            height,
            under=tuple(lines),
            boxes=tuple(self._boxes(scale, left, slot)),
            over=tuple(self._before(scale, left, slot)),
            texts=(*words, *self._labels(left, slot, height), *self._figures(scale, left, slot)),
        )

    def _values(self) -> list[Decimal]:
        return [
            value for bar in self.bars for value in (bar.value, bar.before) if value is not None
        ]

    def _boxes(self, scale: Scale, left: float, slot: float) -> list[Box]:
        thick, ground = round(min(slot * 0.72, 42), 1), scale.y(Decimal(0))
        return [
            Box(
                round(left + slot * (number + 0.5) - thick / 2, 1),
                min(scale.y(bar.value), ground),
                thick,
                round(abs(ground - scale.y(bar.value)), 1),
                f"c-{bar.kind}",
                tip=bar.tip or f"{bar.label}: {self.written(bar.value)}",
            )
            for number, bar in enumerate(self.bars)
            if bar.value
        ]

    def _before(self, scale: Scale, left: float, slot: float) -> list[Line]:
        steps, pen = [], "M"
        for number, bar in enumerate(self.bars):
            if bar.before is None:
                pen = "M"
                continue
            start, end = round(left + slot * number, 1), round(left + slot * (number + 1), 1)
            steps.append(f"{pen}{start} {scale.y(bar.before)}H{end}")
            pen = "L"
        return [Line("".join(steps), look) for look in ("l-halo", "l-before")] if steps else []

    def _labels(self, left: float, slot: float, height: int) -> list[Text]:
        longest = max((len(bar.label) for bar in self.bars), default=1)
        every = max(1, -(-int(longest * CHARACTER + 8) // max(int(slot), 1)))
        return [
            Text(round(left + slot * (number + 0.5), 1), height - 5, bar.label, "middle")
            for number, bar in enumerate(self.bars)
            if number % every == 0
        ]

    def _figures(self, scale: Scale, left: float, slot: float) -> list[Text]:
        if not self.figures:
            return []
        texts = [
            Text(
                round(left + slot * (number + 0.5), 1),
                scale.y(bar.value) - 6,
                self.written(bar.value),
                "middle",
                "t-ink",
            )
            for number, bar in enumerate(self.bars)
            if bar.value
        ]
        return texts if all(len(text.text) * CHARACTER <= slot * 1.6 for text in texts) else []
