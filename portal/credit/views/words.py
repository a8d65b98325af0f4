"""How wallets are told: amounts in their type, movements and lots in words."""

from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal
from flask_babel import get_locale, gettext

from portal.credit.forms import KINDS, SOURCES
from portal.credit.models import Book, CreditType, EntryKind, LotOrigin
from portal.credit.queries.lots import LotShown
from portal.credit.queries.statement import Line
from portal.credit.rules.lots import LotStatus
from portal.i18n import N_
from portal.web import filters
from portal.web.navigation import address

MONEY = "BRL"
MOVEMENTS = {
    EntryKind.PURCHASE: N_("Package bought"),
    EntryKind.GRANT: N_("Credit granted"),
    EntryKind.DEBIT: N_("Debit"),
    EntryKind.REVERSAL: N_("Reversal"),
    EntryKind.EXPIRY: N_("Credit expired"),
    EntryKind.REFUND: N_("Refund"),
    EntryKind.ADJUSTMENT: N_("Adjustment"),
    EntryKind.TRANSFER: N_("Transfer"),
    EntryKind.HOLD_CAPTURE: N_("Hold captured"),
    EntryKind.SETTLEMENT: N_("Debt paid by credit"),
}
ORIGINS = {
    LotOrigin.GRANT: N_("granted"),
    LotOrigin.PURCHASE: N_("package"),
    LotOrigin.OVERPAYMENT: N_("overpayment"),
    LotOrigin.REVERSAL: N_("came back"),
    LotOrigin.TRANSFER: N_("transfer"),
    LotOrigin.SITE_SALE: N_("sale of the site"),
}
STATUSES = {
    LotStatus.LIVE: ("ok", N_("Live")),
    LotStatus.USED: ("off", N_("Used up")),
    LotStatus.EXPIRED: ("bad", N_("Expired")),
    LotStatus.REFUNDED: ("off", N_("Taken back")),
}
BOOKS = {
    Book.RECEIVED: N_("Credit received"),
    Book.CONSUMED: N_("Credit consumed"),
    Book.BREAKAGE: N_("Expired credit"),
    Book.DEBT: N_("Debt of service points"),
}
FILTERED = {
    "grant": N_("Grants"),
    "debit": N_("Debits"),
    "reversal": N_("Reversals"),
    "expiry": N_("Expiries"),
    "settlement": N_("Debts paid"),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a wallet counts in, and how its amounts are written."""

    kind: CreditType

    @property
    def mark(self) -> str:
        """What stands before an amount."""
        return "R$" if self.kind.code == MONEY else ""

    @property
    def word(self) -> str:
        """What a heading names."""
        return "R$" if self.kind.code == MONEY else self.kind.name

    def plain(self, value: Decimal) -> str:
        """Write an amount with the decimals of its type."""
        pattern = "#,##0" + ("." + "0" * self.kind.scale if self.kind.scale else "")
        written: str = format_decimal(value, pattern, locale=str(get_locale() or "pt_BR"))
        return written.replace("-", filters.MINUS)

    def whole(self, value: Decimal) -> str:
        """Write an amount with what it counts."""
        if self.kind.code == MONEY:
            return filters.money_brl(value)
        return f"{self.plain(value)}{filters.NO_BREAK}{self.kind.name}"

    def signed(self, value: Decimal) -> str:
        """Write a movement with its sign."""
        return f"+{self.plain(value)}" if value > 0 else self.plain(value)


def title_of(line: Line) -> str:
    """Return what a movement was, in a few words."""
    number = line.reference.id if line.reference else ""
    if line.reference and line.reference.type == "order":
        if line.kind is EntryKind.DEBIT:
            return gettext("Order %(number)s", number=number)
        if line.kind is EntryKind.GRANT:
            return gettext("Sale of order %(number)s", number=number)
        if line.kind is EntryKind.REVERSAL and line.amount < 0:
            return gettext("Sale of order %(number)s taken back", number=number)
        if line.kind is EntryKind.REVERSAL:
            return gettext("Order %(number)s cancelled", number=number)
        return gettext("Debt of order %(number)s paid by credit", number=number)
    if line.kind is EntryKind.REVERSAL:
        return gettext("Movement %(number)s reversed", number=number)
    if line.kind is EntryKind.DEBIT and line.reference:
        source = gettext(SOURCES.get(line.reference.type, line.reference.type))
        return f"{source} {number}".strip()
    return gettext(MOVEMENTS[line.kind])


def order_url(line: Line) -> str | None:
    """Return the address of the order that a movement is for, if its page exists."""
    if line.reference and line.reference.type == "order":
        return address("orders.show", number=int(line.reference.id))
    return None


def lot_says(lot: LotShown, reason: str | None = None) -> str:
    """Say why or whence a lot came, and whether money came in for it."""
    kind = gettext(KINDS[lot.kind]).lower()
    return f"{reason or gettext(ORIGINS[LotOrigin(lot.origin)])}, {kind}"


def status_says(lot: LotShown) -> tuple[str, str]:
    """Return shape and word of what became of a lot."""
    look, word = STATUSES[lot.status]
    return look, gettext(word)
