"""Choice and arithmetic of an order: sale prices, totals, what is told about it."""

from portal.orders.rules.lines import PricedLine, Totals
from portal.orders.rules.sale import SalePolicy, SalePrice, sale_prices
from portal.orders.rules.site import Buyer, SiteWanted
from portal.orders.rules.wanted import Article, Payment, Wanted, WantedLine

__all__ = [
    "Article",
    "Buyer",
    "Payment",
    "PricedLine",
    "SalePolicy",
    "SalePrice",
    "SiteWanted",
    "Totals",
    "Wanted",
    "WantedLine",
    "sale_prices",
]
