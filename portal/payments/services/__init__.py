"""Charges are made, paid, cancelled and given back."""

from portal.payments.services.accounts import remove_pix_account, set_pix_account
from portal.payments.services.charges import cancel_charge, create_charge
from portal.payments.services.counting import confirm_charge
from portal.payments.services.hooks import before_refund, on_paid, on_refunded
from portal.payments.services.refunds import (
    check_may_refund,
    check_refund,
    confirm_refund,
    left_of,
    refund_charge,
    request_refund,
)

__all__ = [
    "before_refund",
    "cancel_charge",
    "check_may_refund",
    "check_refund",
    "confirm_charge",
    "confirm_refund",
    "create_charge",
    "left_of",
    "on_paid",
    "on_refunded",
    "refund_charge",
    "remove_pix_account",
    "request_refund",
    "set_pix_account",
]
