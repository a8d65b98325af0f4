"""Why a list is not stored, and what is wrong with its rows."""

from portal.price_imports.errors.reasons import (
    CalculationChanged,
    ColumnsUnknown,
    FileGone,
    ImportBusy,
    ImportCutOff,
    ImportRefused,
    NoSuchImport,
    NothingToImport,
    Rehearsed,
)
from portal.price_imports.errors.report import KEPT_ERRORS, LISTED_ERRORS, Report, RowError

__all__ = [
    "KEPT_ERRORS",
    "LISTED_ERRORS",
    "CalculationChanged",
    "ColumnsUnknown",
    "FileGone",
    "ImportBusy",
    "ImportCutOff",
    "ImportRefused",
    "NoSuchImport",
    "NothingToImport",
    "Rehearsed",
    "Report",
    "RowError",
]
