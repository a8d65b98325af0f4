"""The doors for other systems: quotes and orders."""

from portal.orders.api import moves, orders, quotes
from portal.orders.api.door import api

__all__ = ["api", "moves", "orders", "quotes"]
