"""Choice and arithmetic on what is handed in: no session, no clock."""

from portal.pricing.rules.because import Step, told
from portal.pricing.rules.book import PriceBook
from portal.pricing.rules.line import AcquisitionPrice, insist_on_portfolio, price_line

__all__ = [
    "AcquisitionPrice",
    "PriceBook",
    "Step",
    "insist_on_portfolio",
    "price_line",
    "told",
]
