"""The pages of prices."""

from portal.pricing.views import assignments, editions, publishing, tables, why
from portal.pricing.views.door import aftermaths, bp

__all__ = ["aftermaths", "assignments", "bp", "editions", "publishing", "tables", "why"]
