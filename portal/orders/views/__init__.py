"""The pages of orders: the list, a new one, one of them."""

from portal.orders.views import listing, new, show
from portal.orders.views.door import bp

__all__ = ["bp", "listing", "new", "show"]
