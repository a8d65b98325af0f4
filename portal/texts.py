"""Texts that people type: codes that name things, names that are read, words to look for."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from portal.errors import Invalid, invalid
from portal.i18n import N_

CODE_LENGTH = 64
SEARCH_WORDS = 6
SEARCH_LENGTH = 100
_NOT_IN_CODES = frozenset("/\\")
_TAKEN = frozenset({".", "..", "new", "suggest"})
"""What an address would mean something else by."""


def code_of(field: str, text: str, limit: int = CODE_LENGTH) -> str:
    """Return a code or SKU as it is stored: trimmed, visible, its case kept.

    Slashes, and the names ".", "..", "new" and "suggest", are refused: a code stands in
    addresses, where they would be read as folders or as pages.
    """
    code = text.strip()
    _check_length(field, code, limit)
    if not code.isprintable() or _NOT_IN_CODES & set(code) or code in _TAKEN:
        raise invalid(field, N_("Use visible characters, without slashes."))
    return code


def name_of(field: str, text: str, limit: int) -> str:
    """Return a name as it is stored: trimmed, with single blanks, visible."""
    name = " ".join(text.split())
    _check_length(field, name, limit)
    if not name.isprintable():
        raise invalid(field, N_("Use visible characters."))
    return name


def words_of(text: str) -> list[str]:
    """Return the words to look for; at most a handful, so that a search stays cheap."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text[:SEARCH_LENGTH])
    return shown.split()[:SEARCH_WORDS]


def holds_words(text: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return the condition that each word stands in one of the columns, whatever its case."""
    return and_(True, *(_holds(word, columns) for word in words_of(text)))


def _holds(word: str, columns: tuple[InstrumentedAttribute[Any], ...]) -> ColumnElement[bool]:
    low = word.lower()
    return or_(*(func.lower(column).contains(low, autoescape=True) for column in columns))


def _check_length(field: str, text: str, limit: int) -> None:
    if not text:
        raise _required(field)
    if len(text) > limit:
        raise invalid(field, N_("Use at most %(limit)s characters."), limit=limit)


def _required(field: str) -> Invalid:
    return invalid(field, N_("Fill this in."), "required")
