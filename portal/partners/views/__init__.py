"""The pages of partners."""

from portal.partners.views import points, policies
from portal.partners.views.door import bp

__all__ = ["bp", "points", "policies"]
