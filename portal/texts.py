"""Texts that people type: codes that name things, names that are read, words to look for."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, and_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

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


def fold(text: str | None) -> str:
    """Return a text without case and accents, as people type it who look for something."""
    if text is None or text.isascii():
        return (text or "").lower()
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parted if not unicodedata.combining(sign))


class Folded(FunctionElement[str]):
    """A column without case and accents, on both engines.

    MariaDB's own order of texts knows neither; SQLite asks `fold`, which each of its connections
    is given (`portal.transactions.tune`), for what it calls lower case ends with the letter z.
    """

    type = String()
    inherit_cache = True


class Bytes(FunctionElement[str]):
    """A column as its very bytes: MariaDB's order of texts takes many for the same."""

    type = String()
    inherit_cache = True


@compiles(Folded)
def _lower(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(Folded, "sqlite")
def _fold(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"fold({compiler.process(element.clauses, **options)})"


@compiles(Bytes)
def _binary(element: Bytes, compiler: SQLCompiler, **options: Any) -> str:
    return f"BINARY {compiler.process(element.clauses, **options)}"


@compiles(Bytes, "sqlite")
def _as_it_is(element: Bytes, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


def is_exactly(column: SQLColumnExpression[Any], text: str) -> ColumnElement[bool]:
    """Return the condition that a column holds this text and no other; an index still serves it."""
    return and_(column == text, Bytes(column) == text)


def reads_as(column: SQLColumnExpression[Any], text: str) -> ColumnElement[bool]:
    """Return the condition that a column holds this text, whatever its case and accents."""
    return Folded(column) == fold(text)


def holds_words(text: str, *columns: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Return the condition that each word stands in a column, whatever its case and accents."""
    return and_(True, *(_holds(word, columns) for word in words_of(text)))


def _holds(word: str, columns: tuple[SQLColumnExpression[Any], ...]) -> ColumnElement[bool]:
    """Codes are compared by their bytes on MariaDB, so a word is looked for as it was typed too."""
    typed = {fold(word), word.lower()}
    return or_(*(Folded(one).contains(said, autoescape=True) for one in columns for said in typed))


def _check_length(field: str, text: str, limit: int) -> None:
    if not text:
        raise _required(field)
    if len(text) > limit:
        raise invalid(field, N_("Use at most %(limit)s characters."), limit=limit)


def _required(field: str) -> Invalid:
    return invalid(field, N_("Fill this in."), "required")
