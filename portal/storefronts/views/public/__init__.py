"""A shop as its visitors see it."""

from portal.storefronts.views.public import cart, catalogue, checkout, machines, order, words
from portal.storefronts.views.public.door import shop

__all__ = ["cart", "catalogue", "checkout", "machines", "order", "shop", "words"]
