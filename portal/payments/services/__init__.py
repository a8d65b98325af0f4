"""Charges are made, paid, cancelled and given back."""

from portal.payments.services.accounts import remove_pix_account, set_pix_account
from portal.payments.services.charges import cancel_charge, create_charge
from portal.payments.services.counting import confirm_charge
from portal.payments.services.hooks import on_paid, on_refunded
from portal.payments.services.refunds import confirm_refund, request_refund

__all__ = [
    "cancel_charge",
    "confirm_charge",
    "confirm_refund",
    "create_charge",
    "on_paid",
    "on_refunded",
    "remove_pix_account",
    "request_refund",
    "set_pix_account",
]
