"""Service points and credit policies for other systems."""

from portal.partners.api import points, policies
from portal.partners.api.door import api

__all__ = ["api", "points", "policies"]
