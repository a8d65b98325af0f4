"""Selects that pages, the API and services share."""

from portal.pricing.queries.prices import (
    FEW_LINES,
    assignment_by_code,
    load_book,
    load_book_beside,
)

__all__ = ["FEW_LINES", "assignment_by_code", "load_book", "load_book_beside"]
