"""Deeds on lists of prices; they flush and never commit."""

from portal.price_imports.services.acquisition import ACQUISITION
from portal.price_imports.services.files import Opened, check_file, open_file
from portal.price_imports.services.importing import (
    Outcome,
    Wanted,
    check_only,
    import_prices,
)
from portal.price_imports.services.lists import rehearse

__all__ = [
    "ACQUISITION",
    "Opened",
    "Outcome",
    "Wanted",
    "check_file",
    "check_only",
    "import_prices",
    "open_file",
    "rehearse",
]
