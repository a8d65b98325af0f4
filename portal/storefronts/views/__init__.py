"""The doors of shops: the visitors' side, and that of those who run them."""

from portal.storefronts.views.admin import bp as storefronts
from portal.storefronts.views.public import shop

__all__ = ["shop", "storefronts"]
