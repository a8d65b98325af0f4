"""The pages of sale tables."""

from portal.sale_tables.views import below, editions, fallen, publishing, tables
from portal.sale_tables.views.door import bp
from portal.sale_tables.views.fallen import fallen_part

__all__ = ["below", "bp", "editions", "fallen", "fallen_part", "publishing", "tables"]
