"""Why the ledger refuses."""

from decimal import Decimal

from portal.errors import Conflict, NotFound, Refused
from portal.i18n import N_


class InsufficientCredit(Refused):
    """The account does not cover the debit; both facts are amounts."""

    code = "insufficient_credit"
    text = N_("%(shortfall)s of credit is missing; %(available)s is available.")
    plain_text = N_("The credit does not cover this.")
    members = ("shortfall", "available")
    costly = ("shortfall", "available")

    def __init__(self, shortfall: Decimal, available: Decimal) -> None:
        super().__init__(shortfall=shortfall, available=available)


class AlreadyReversed(Conflict):
    """A reversal happens once."""

    code = "already_reversed"
    text = N_("This movement was reversed before.")


class NotReversible(Conflict):
    """Only debits, and grants that still have all their credit, can be reversed."""

    code = "not_reversible"
    text = N_("A movement of this kind cannot be reversed.")


class LotInUse(Conflict):
    """A grant can be taken back only while nothing of it was used."""

    code = "lot_in_use"
    text = N_("Credit of this lot was used; it can no longer be taken back.")


class CancelTheOrder(Conflict):
    """The movement belongs to an order: its debit, or the credit of its sale."""

    code = "cancel_the_order"
    text = N_("This movement belongs to order %(number)s: cancel the order instead.")


class NoSuchCreditType(NotFound):
    """There is no such credit type."""

    code = "not_found"
    text = N_("There is no such credit type.")


class NoSuchTransaction(NotFound):
    """There is no such transaction, or it moved someone else's account."""

    code = "not_found"
    text = N_("There is no such movement.")
