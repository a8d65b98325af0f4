"""The pages of prices."""

from portal.pricing.views import assignments, editions, publishing, tables, why
from portal.pricing.views.door import bp

__all__ = ["assignments", "bp", "editions", "publishing", "tables", "why"]
