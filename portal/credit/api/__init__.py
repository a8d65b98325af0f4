"""Wallets for other systems."""

from portal.credit.api import accounts, movements, types
from portal.credit.api.door import api

__all__ = ["accounts", "api", "movements", "types"]
