"""Deeds on lists of prices; they flush and never commit."""

from portal.price_imports.services.files import Opened, check_file, open_file
from portal.price_imports.services.importing import (
    Outcome,
    Wanted,
    check_only,
    import_prices,
    rehearse,
)

__all__ = [
    "Opened",
    "Outcome",
    "Wanted",
    "check_file",
    "check_only",
    "import_prices",
    "open_file",
    "rehearse",
]
