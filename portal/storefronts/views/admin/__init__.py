"""The pages of those who run shops."""

from portal.storefronts.views.admin import address, listing, logo, overview, poster, products
from portal.storefronts.views.admin import settings as looks
from portal.storefronts.views.admin.door import bp

__all__ = ["address", "bp", "listing", "logo", "looks", "overview", "poster", "products"]
