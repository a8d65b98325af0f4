"""Sale tables and their editions for other systems."""

from portal.sale_tables.api import below, editions, imports, prices, tables
from portal.sale_tables.api.door import api

__all__ = ["api", "below", "editions", "imports", "prices", "tables"]
