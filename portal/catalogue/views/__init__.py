"""The pages of the catalogue."""

from portal.catalogue.views import issuers, products
from portal.catalogue.views.door import bp

__all__ = ["bp", "issuers", "products"]
