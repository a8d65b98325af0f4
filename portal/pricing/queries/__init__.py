"""Selects that pages, the API and services share."""

from portal.pricing.queries.prices import load_book

__all__ = ["load_book"]
