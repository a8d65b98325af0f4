"""Asking whether the ledger is whole."""

from sqlalchemy import Engine

from portal.credit.cli import verified


def faults(engine: Engine) -> list[str]:
    """Return all that is wrong with the ledger, in words."""
    return [f"{check.name} {text}" for check in verified(engine) for text in check.faults]
