"""The pages of sale tables."""

from portal.sale_tables.views import below, editions, publishing, tables
from portal.sale_tables.views.door import bp

__all__ = ["below", "bp", "editions", "publishing", "tables"]
