"""Charges, Pix accounts and payment firms' notifications, for other systems."""

from portal.payments.api import accounts, charges, notices
from portal.payments.api.door import api

__all__ = ["accounts", "api", "charges", "notices"]
