"""The pages of credit."""

from portal.credit.views import accounts, movements, types, wallets
from portal.credit.views.door import bp

__all__ = ["accounts", "bp", "movements", "types", "wallets"]
