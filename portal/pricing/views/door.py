"""The blueprint of the pages of prices, and what others have to say when prices are published."""

from collections.abc import Callable
from typing import Protocol

from flask import Blueprint
from markupsafe import Markup

bp = Blueprint("pricing", __name__)


class Aftermath(Protocol):
    """What an edition does elsewhere."""

    @property
    def part(self) -> Markup:
        """What the preview of publishing shows of it."""

    @property
    def url(self) -> str:
        """The page to look at afterwards."""


aftermaths: list[Callable[[int, int], Aftermath | None]] = []
"""Asked with the numbers of table and edition by whoever publishes; the application fills it."""


def aftermaths_of(table_id: int, edition_id: int) -> list[Aftermath]:
    """Return what an edition does elsewhere, as far as the reader may know."""
    found = (ask(table_id, edition_id) for ask in aftermaths)
    return [one for one in found if one is not None]
