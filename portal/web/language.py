"""In which language a page speaks: the installation's, unless the page's address says another."""

from flask import g

from portal.i18n import LANGUAGE


def speak(language: str) -> None:
    """Let this request be answered in a language, such as `es`."""
    g.language = language


def spoken() -> str | None:
    """Return the language that the request asks for; None is the installation's."""
    found: str | None = g.get("language")
    return found


def spoken_or_own() -> str:
    """Return the language in which the request is answered."""
    return spoken() or LANGUAGE
