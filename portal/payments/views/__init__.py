"""Payments on screen."""

from portal.payments.views import charges, listing, notices, pix, refunds
from portal.payments.views.door import bp

__all__ = ["bp", "charges", "listing", "notices", "pix", "refunds"]
