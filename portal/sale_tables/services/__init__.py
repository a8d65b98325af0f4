"""Deeds on sale prices, named by verbs; they flush and never commit."""

from portal.sale_tables.services.below import confirm_below
from portal.sale_tables.services.editions import (
    EditionChanges,
    change_edition,
    create_and_publish,
    create_edition,
    delete_draft,
    draft,
    publish_edition,
)
from portal.sale_tables.services.guards import lock_table
from portal.sale_tables.services.tables import (
    NewSaleTable,
    Opened,
    SaleTableChanges,
    change_table,
    create_table,
)

__all__ = [
    "EditionChanges",
    "NewSaleTable",
    "Opened",
    "SaleTableChanges",
    "change_edition",
    "change_table",
    "confirm_below",
    "create_and_publish",
    "create_edition",
    "create_table",
    "delete_draft",
    "draft",
    "lock_table",
    "publish_edition",
]
