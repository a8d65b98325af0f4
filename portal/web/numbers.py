"""Numbers as people type them: strict, in the manner of their language, exact."""

import re
from decimal import Decimal

from babel import Locale
from flask import has_request_context
from flask_babel import get_locale

from portal.money import plain, round_half_up

DEFAULT_LOCALE = "pt_BR"
_NOISE = re.compile(r"(?:R\$|%|[\s\u00a0\u202f])+")


def parse_number(text: str, scale: int, locale: str | None = None) -> Decimal:
    """Read `1.234,56` or `1234,56` (in pt_BR); ValueError for anything else.

    No exponent, no NaN, no digits but 0-9, no more than `scale` decimals. A point where the
    language groups by threes is taken only where a group of three follows: 1.5 is refused.
    """
    point, group = _marks(locale)
    bare = _NOISE.sub("", text).replace("\u2212", "-")
    grammar = rf"-?(?:[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+|[0-9]{{1,18}})"
    if scale:
        grammar += rf"(?:{re.escape(point)}[0-9]{{1,{scale}}})?"
    if len(bare) > 40 or not re.fullmatch(grammar, bare):
        raise ValueError("not a number")
    return Decimal(bare.replace(group, "").replace(point, "."))


def number_text(value: Decimal, scale: int, *, fixed: bool, locale: str | None = None) -> str:
    """Write a number for a form field: no grouping, the language's decimal mark."""
    exact = round_half_up(value, scale)
    return (f"{exact:f}" if fixed else plain(exact)).replace(".", _marks(locale)[0])


def _marks(locale: str | None) -> tuple[str, str]:
    """Return the decimal mark and the one between groups."""
    name = locale or (
        str(get_locale() or DEFAULT_LOCALE) if has_request_context() else DEFAULT_LOCALE
    )
    symbols = Locale.parse(name).number_symbols["latn"]
    return symbols["decimal"], symbols["group"]
