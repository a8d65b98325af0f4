"""Choice and arithmetic on what is handed in: no session, no clock."""

from portal.sale_tables.rules.book import SaleBook, SaleRow
from portal.sale_tables.rules.rows import NewRow, StoredRow

__all__ = ["NewRow", "SaleBook", "SaleRow", "StoredRow"]
