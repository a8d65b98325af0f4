"""Reading charges, refunds and Pix accounts, always through what the asker may see."""

from portal.payments.queries.accounts import pix_account, recipient
from portal.payments.queries.charges import charge_by_token, charge_for, charge_of, hold

__all__ = ["charge_by_token", "charge_for", "charge_of", "hold", "pix_account", "recipient"]
