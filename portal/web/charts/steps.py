"""A price over time: a step where it changes, red where there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.web.charts.plot import (
    CHARACTER,
    Box,
    Calendar,
    Chart,
    Dot,
    Gap,
    Line,
    Plot,
    Scale,
    Text,
    scale_of,
)
from portal.web.filters import DASH, day

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of days, both included, with one price; `value` None: without a price.

    `planned` says that it holds only if what is planned comes true.
    """

    first: date
    last: date
    value: Decimal | None
    planned: bool = False


def step_chart(
    name: str,
    title: str,
    summary: str,
    *,
    pieces: Sequence[Piece],
    today: date,
    written: Callable[[Decimal], str],
) -> Chart:
    """Draw the pieces, which follow each other; the present price is marked."""
    draw = _Drawing(tuple(pieces), today, written)
    rows = tuple((day(piece.first), day(piece.last), _figure(piece, written)) for piece in pieces)
    return Chart(name, title, summary, draw.plot(1130, 230, 70), draw.plot(350, 220, 52), rows)


def _figure(piece: Piece, written: Callable[[Decimal], str]) -> str:
    return DASH if piece.value is None else written(piece.value)


@dataclass(frozen=True, slots=True)
class _Drawing:
    pieces: tuple[Piece, ...]
    today: date
    written: Callable[[Decimal], str]

    def plot(self, width: int, height: int, every: float) -> Plot:
        values = [piece.value for piece in self.pieces if piece.value is not None]
        scale = scale_of(values, 22.0, height - 24.0, from_zero=False)
        left = round(
            max(len(self.written(value)) for value in (scale.low, scale.high)) * CHARACTER + 12
        )
        days = Calendar(self.pieces[0].first, self.pieces[-1].last + _ONE_DAY, left, width - 14)
        lines, words = scale.grid(left, width - 14, self.written)
        months = [Text(at, height - 5, name) for at, name, _ in days.words(every)]
        return Plot(
            width,
            height,
            under=tuple(lines),
            over=(
                *self._lines(days, scale, planned=False),
                *self._lines(days, scale, planned=True),
            ),
            dots=tuple(self._now(days, scale)),
            texts=(*words, *months, *self._price_now(days, scale)),
            gaps=tuple(self._gaps(days, scale)),
            today=days.x(self.today) if days.first <= self.today < days.last else None,
        )

    def _lines(self, days: Calendar, scale: Scale, *, planned: bool) -> list[Line]:
        path, level = [], None
        for piece in self.pieces:
            if piece.value is None or (piece.planned and not planned):
                level = None
                continue
            at, end = scale.y(piece.value), days.x(piece.last + _ONE_DAY)
            if piece.planned == planned:
                start = days.x(piece.first)
                path.append(
                    f"V{at}H{end}"
                    if level is not None and path
                    else f"M{start} {level or at}V{at}H{end}"
                )
            level = at
        return [Line("".join(path), "l-next" if planned else "l-now")] if path else []

    def _present(self) -> Piece | None:
        return next(
            (piece for piece in self.pieces if piece.first <= self.today <= piece.last), None
        )

    def _now(self, days: Calendar, scale: Scale) -> list[Dot]:
        piece = self._present()
        return (
            [Dot(days.x(self.today), scale.y(piece.value))]
            if piece and piece.value is not None
            else []
        )

    def _price_now(self, days: Calendar, scale: Scale) -> list[Text]:
        piece = self._present()
        if piece is None or piece.value is None:
            return []
        at = days.x(self.today)
        early = at < (days.left + days.right) / 2
        shift, anchor = (9, "start") if early else (-9, "end")
        return [
            Text(
                round(at + shift, 1),
                scale.y(piece.value) - 9,
                self.written(piece.value),
                anchor,
                "t-ink",
            )
        ]

    def _gaps(self, days: Calendar, scale: Scale) -> list[Gap]:
        return [
            Gap(_gap_box(days, piece, scale), (piece.last - piece.first).days + 1)
            for piece in self.pieces
            if piece.value is None
        ]


def _gap_box(days: Calendar, piece: Piece, scale: Scale) -> Box:
    left, right = days.x(piece.first), days.x(piece.last + _ONE_DAY)
    return Box(left, scale.top, round(max(right - left, 3), 1), scale.bottom - scale.top, "e-gap")
