"""Selects that pages, the API and services share."""
