"""What a run of a job left to say."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.errors import PortalError
from portal.i18n import N_, Told

LONGEST = 500
DIED = N_("The process that ran it died.")


@dataclass(frozen=True, slots=True)
class Tale:
    """A text, perhaps marked for translation, and the facts that fill it in."""

    text: str
    facts: dict[str, Any] = field(default_factory=dict)

    def said(self, translate: Callable[[str], str] = str) -> str:
        """Say it, in the language of `translate`."""
        if not self.text:
            return ""
        return translate(self.text) % self.facts if self.facts else translate(self.text)


def tale_of(told: str) -> Tale:
    """Return what a job told."""
    return Tale(told.text, told.facts) if isinstance(told, Told) else Tale(str(told))


def tale_of_failure(error: Exception) -> Tale:
    """Return what a failure may say: the portal's own words, of others only their kind."""
    if isinstance(error, PortalError):
        return Tale(error.text, error.facts)
    return Tale(f"{type(error).__module__}.{type(error).__name__}")


def write(tale: Tale) -> str:
    """Write it down; whatever is long loses its end."""
    facts = {name: str(value)[:LONGEST] for name, value in tale.facts.items()}
    return json.dumps({"text": tale.text[:LONGEST], "facts": facts}, ensure_ascii=False)


def tale_in(written: str | None) -> Tale | None:
    """Read it again."""
    if written is None:
        return None
    kept = json.loads(written)
    return Tale(kept["text"], kept["facts"])
