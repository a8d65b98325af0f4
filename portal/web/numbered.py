"""Numbers in addresses, and lists that are turned by the number of a page."""

from collections.abc import Sequence
from typing import Any

from flask import request

from portal.web.navigation import with_arguments


def number_asked(name: str) -> int | None:
    """Return a number of the address; None where there is none."""
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None


class Numbered:
    """Some of the rows of a list that is at hand as a whole."""

    def __init__(self, whole: Sequence[Any], size: int) -> None:
        self.count = len(whole)
        self.last = max(1, -(-self.count // size))
        self.number = min(max(number_asked("page") or 1, 1), self.last)
        start = (self.number - 1) * size
        self.items = whole[start : start + size]

    @property
    def previous_url(self) -> str | None:
        """The address of the page before."""
        return with_arguments(page=self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The address of the next page."""
        return with_arguments(page=self.number + 1) if self.number < self.last else None
