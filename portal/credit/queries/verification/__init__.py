"""Proof that balances, lots, debts, transactions and hashes agree: `flask ledger verify`."""

from collections.abc import Callable

from sqlalchemy import Connection

from portal.credit.queries.verification.accounts import check_accounts
from portal.credit.queries.verification.chain import check_chain
from portal.credit.queries.verification.deeds import check_deeds
from portal.credit.queries.verification.lots import check_lots
from portal.credit.queries.verification.report import Check
from portal.credit.queries.verification.triggers import check_triggers

further: list[Callable[[Connection], list[Check]]] = []
"""What features above credit check beside it; the application introduces them."""

__all__ = [
    "Check",
    "check_accounts",
    "check_chain",
    "check_deeds",
    "check_lots",
    "check_triggers",
    "further",
]
