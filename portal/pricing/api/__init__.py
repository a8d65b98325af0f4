"""Price tables, editions and assignments for other systems."""

from portal.pricing.api import assignments, editions, tables
from portal.pricing.api.door import api

__all__ = ["api", "assignments", "editions", "tables"]
