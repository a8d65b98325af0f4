"""Asking whether the ledger is whole."""

from sqlalchemy import Engine

from portal.credit.cli import verified


def faults(engine: Engine) -> list[str]:
    """Return all that is wrong with the ledger, in words."""
    return [f"{check.name} {text}" for check in verified(engine) for text in check.faults]


def faults_of_credit(engine: Engine) -> list[str]:
    """The same without what orders say: stories of credit know orders by their numbers alone."""
    return [text for text in faults(engine) if not text.startswith("I14")]
