"""Timed work: one process at a time does it, elected through the database."""
