"""A shop's one colour, and the shades of it that can be read by day and by night."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

WHITE, NIGHT = (255, 255, 255), (27, 24, 29)
READABLE = Decimal("4.8")
"""Contrast: WCAG asks for 4.5; the rest is for tints."""
STEP = 6
_HEX = re.compile(r"#[0-9a-f]{6}")

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shades:
    """The colour itself, what is written on it, and a soft ground of it; by day and by night."""

    day: str
    day_on: str
    day_soft: str
    night: str
    night_on: str
    night_soft: str


def colour_of(text: str) -> str | None:
    """Return a colour as it is stored, #rrggbb in lower case; None if it is none."""
    colour = text.strip().lower()
    return colour if _HEX.fullmatch(colour) else None


@lru_cache(maxsize=512)
def shades(colour: str) -> Shades:
    """Return shades that keep the colour's hue and are readable, however bright it is."""
    base = _rgb(colour)
    day = base
    while min(_contrast(day, WHITE), _contrast(day, _mix(WHITE, day, 10))) < READABLE:
        day = _mix(day, (0, 0, 0), STEP)
    night, soft = base, _mix(NIGHT, base, 18)
    while min(_contrast(night, NIGHT), _contrast(night, soft)) < READABLE:
        night = _mix(night, WHITE, STEP)
    on = _mix((0, 0, 0), base, 12)
    while _contrast(night, on) < READABLE:
        night = _mix(night, WHITE, STEP)
    return Shades(
        _hex(day), "#ffffff", _hex(_mix(WHITE, day, 10)), _hex(night), _hex(on), _hex(soft)
    )


def contrast(one: str, other: str) -> Decimal:
    """Return the contrast of two colours, 1 to 21 (WCAG 2)."""
    return _contrast(_rgb(one), _rgb(other))


def _contrast(one: Rgb, other: Rgb) -> Decimal:
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + Decimal("0.05")) / (dark + Decimal("0.05"))


@lru_cache(maxsize=4096)
def _luminance(rgb: Rgb) -> Decimal:
    red, green, blue = (_linear(part) for part in rgb)
    return Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue


@lru_cache(maxsize=256)
def _linear(part: int) -> Decimal:
    share = Decimal(part) / 255
    if share <= Decimal("0.04045"):
        return share / Decimal("12.92")
    return ((share + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")


def _mix(one: Rgb, other: Rgb, percent: int) -> Rgb:
    red, green, blue = (
        (a * (100 - percent) + b * percent) // 100 for a, b in zip(one, other, strict=True)
    )
    return red, green, blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
