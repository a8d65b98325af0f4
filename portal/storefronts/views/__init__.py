"""The doors of shops: the visitors' side."""

from portal.storefronts.views.public import shop

__all__ = ["shop"]
