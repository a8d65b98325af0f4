"""Numbers in lists: `1.228,49`, `1,228.49` or `1228.49`, told by the whole column, kept exactly."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from portal.sheets.records import FORMULA, NUMBER

COMMA, POINT = ",", "."
_ENOUGH = 500
"""Values of one style, and none of the other, that settle a column."""
_NOISE = re.compile(r"R\$|US\$|[€$%]|BRL|USD|EUR|[\s\u00a0\u202f]+", re.IGNORECASE)
_MARKS = re.compile(r"[0-9.,]*[.,][0-9.,]*")
_MINUS = str.maketrans("\u2212\u2013", "--")


class Fault(StrEnum):
    """Why a text is no figure that can be stored."""

    LETTERS = "letters"
    NEGATIVE = "negative"
    DECIMALS = "decimals"
    TOO_LARGE = "too_large"
    FORMULA = "formula"


class Says(StrEnum):
    """What a figure tells about the mark of its column's decimals."""

    COMMA = COMMA
    POINT = POINT
    EITHER = "either"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many values of a column need a decimal comma, a decimal point, or allow both."""

    comma: int = 0
    point: int = 0
    either: int = 0

    @property
    def mark(self) -> str | None:
        """The decimal mark that the values ask for; None when they do not tell."""
        if self.comma == self.point:
            return None
        return COMMA if self.comma > self.point else POINT

    @property
    def is_open(self) -> bool:
        """Whether it makes a difference and nothing here decides."""
        return self.mark is None and bool(self.either)


def weigh(values: Iterable[str]) -> Evidence:
    """Count what the values say; a clear majority ends the count."""
    counts = dict.fromkeys(Says, 0)
    for value in values:
        if "," in value or "." in value:
            counts[says(value)] += 1
            most = max(counts[Says.COMMA], counts[Says.POINT])
            if most >= _ENOUGH and not min(counts[Says.COMMA], counts[Says.POINT]):
                break
    return Evidence(counts[Says.COMMA], counts[Says.POINT], counts[Says.EITHER])


def says(value: str) -> Says:
    """Tell what one figure says: `1.234` says nothing, `1.23`, `1.234,5` and `1.234.567` do."""
    if value[:1] == NUMBER:
        return Says.NOTHING
    bare = bare_figure(value).lstrip("-+")
    if not _MARKS.fullmatch(bare):
        return Says.NOTHING
    commas, points = bare.count(","), bare.count(".")
    if commas and points:
        return Says.COMMA if bare.rfind(",") > bare.rfind(".") else Says.POINT
    mark, other = (Says.COMMA, Says.POINT) if commas else (Says.POINT, Says.COMMA)
    if commas + points > 1:
        return other
    before, _, after = bare.partition(str(mark))
    grouped = len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
    return Says.EITHER if grouped else mark


def bare_figure(text: str) -> str:
    """Return a figure without currency, blanks and percent sign; brackets become a minus."""
    bare = _NOISE.sub("", text).translate(_MINUS)
    if bare.startswith("(") and bare.endswith(")"):
        return f"-{bare[1:-1]}"
    return f"-{bare[:-1]}" if bare.endswith("-") else bare


def read_figure(text: str, mark: str, scale: int, highest: int) -> int | Fault | None:
    """Return a figure in its minor unit, what is wrong with it, or None where nothing stands.

    Exact: the digits are shifted by `scale`, nothing is rounded. `highest` is in the minor unit.
    """
    if text[:1] == NUMBER:
        text, mark = text[1:], POINT
    match = _grammar(mark).fullmatch(text)
    if match is None:
        return _unusual(text, mark, scale, highest)
    whole, decimals = match[1], match[2] or ""
    if len(decimals) > scale:
        if decimals[scale:].strip("0"):
            return Fault.DECIMALS
        decimals = decimals[:scale]
    value = int(whole.replace(_other(mark), "") + decimals.ljust(scale, "0"))
    return value if value <= highest else Fault.TOO_LARGE


def _unusual(text: str, mark: str, scale: int, highest: int) -> int | Fault | None:
    """Read what has more in it than digits and marks."""
    if text[:1] in {FORMULA, "="}:
        return Fault.FORMULA
    bare = bare_figure(text)
    if not bare:
        return None if not text.strip() else Fault.LETTERS
    sign, digits = bare[0] == "-", bare.lstrip("-+")
    if len(bare) - len(digits) > 1 or not _grammar(mark).fullmatch(digits):
        return Fault.LETTERS
    value = read_figure(digits, mark, scale, highest)
    return Fault.NEGATIVE if sign and value else value


@lru_cache(maxsize=2)
def _grammar(mark: str) -> re.Pattern[str]:
    group = re.escape(_other(mark))
    point = re.escape(mark)
    whole = rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[0-9]{{1,40}}|(?={point}[0-9])"
    return re.compile(rf"({whole})(?:{point}([0-9]{{0,40}}))?")


def _other(mark: str) -> str:
    return POINT if mark == COMMA else COMMA
