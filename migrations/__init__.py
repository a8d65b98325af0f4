"""Alembic's scripts and the words they share."""
