"""Reading charges, refunds and Pix accounts, always through what the asker may see."""

from portal.payments.queries.accounts import owner_of, pix_account, pix_account_of, recipient
from portal.payments.queries.charges import (
    charge_by_token,
    charge_for,
    charge_of,
    charge_of_refund,
    charges,
    hold,
    of_service_point,
    own_charges,
    own_notices,
    returned_of,
    unfit_notices,
    with_pix_number,
)

__all__ = [
    "charge_by_token",
    "charge_for",
    "charge_of",
    "charge_of_refund",
    "charges",
    "hold",
    "of_service_point",
    "own_charges",
    "own_notices",
    "owner_of",
    "pix_account",
    "pix_account_of",
    "recipient",
    "returned_of",
    "unfit_notices",
    "with_pix_number",
]
