"""Texts marked for translation where no request is known; only doors translate.

What is kept for ever in words, such as the reasons of a price, is said once, when it is stored,
in the language of the installation.
"""

import gettext
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGE = "pt_BR"


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for translation and return it unchanged."""
    return text


class Told(str):
    """A text of the portal's own with its facts filled in, which can still be said otherwise."""

    text: str
    facts: dict[str, Any]

    def __new__(cls, text: str, **facts: Any) -> "Told":
        """Fill the facts into a marked text; they are numbers and codes, never about people."""
        told = super().__new__(cls, text % facts)
        told.text, told.facts = text, facts
        return told


def in_own_language(text: str) -> str:
    """Return a marked text in the installation's language, where no request says another."""
    return said_in(LANGUAGE, text)


@lru_cache(maxsize=4096)
def said_in(language: str, text: str) -> str:
    """Return a marked text in a language; as it stands in the code where there is none."""
    return _catalogue(language).gettext(text)


@lru_cache(maxsize=8)
def _catalogue(language: str) -> gettext.NullTranslations:
    found = gettext.NullTranslations()
    for path in sorted(Path(__file__).parent.glob(f"*/translations/{language}/*/messages.mo")):
        with path.open("rb") as file:
            feature = gettext.GNUTranslations(file)
        feature.add_fallback(found)
        found = feature
    return found
