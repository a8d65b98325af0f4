"""What refuses an order apart from its lines."""

from collections.abc import Sequence
from decimal import Decimal

from portal.money import ZERO
from portal.orders.errors import (
    BalanceNotAllowed,
    IssuerInactive,
    ServicePointInactive,
    WalletNeedsCustomer,
)
from portal.orders.rules.wanted import Payment, Wanted

WALLET = "wallet"


def check_setting(wanted: Wanted, *, active: bool, issuer_active: bool) -> None:
    """Refuse a service point or an issuer that is no longer in use."""
    if not active:
        raise ServicePointInactive(service_point=wanted.service_point)
    if wanted.issuer is not None and not issuer_active:
        raise IssuerInactive(issuer=wanted.issuer)


def check_methods(payments: Sequence[Payment] | None) -> None:
    """Refuse payment from a wallet: it belongs to a customer, and customers come later."""
    if payments and any(one.method == WALLET for one in payments):
        raise WalletNeedsCustomer


def check_payments(payments: Sequence[Payment] | None, total: Decimal) -> None:
    """Refuse payments that leave a balance; none at all: settled outside the portal."""
    if payments is None:
        return
    check_methods(payments)
    paid = sum((one.amount or ZERO for one in payments), Decimal("0.00"))
    if paid != total:
        raise BalanceNotAllowed(paid=paid, total=total)
