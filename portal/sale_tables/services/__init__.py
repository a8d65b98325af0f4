"""Deeds on sale prices, named by verbs; they flush and never commit."""

from portal.sale_tables.services.below import confirm_below
from portal.sale_tables.services.copies import Basis, Filling, Into, copy_edition, fill_edition
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
from portal.sale_tables.services.importing import (
    Imported,
    check_sales,
    import_sales,
    look_at_sales,
    open_sales,
)
from portal.sale_tables.services.tables import (
    NewSaleTable,
    Opened,
    SaleTableChanges,
    change_table,
    create_table,
)

__all__ = [
    "Basis",
    "EditionChanges",
    "Filling",
    "Imported",
    "Into",
    "NewSaleTable",
    "Opened",
    "SaleTableChanges",
    "change_edition",
    "change_table",
    "check_sales",
    "confirm_below",
    "copy_edition",
    "create_and_publish",
    "create_edition",
    "create_table",
    "delete_draft",
    "draft",
    "fill_edition",
    "import_sales",
    "lock_table",
    "look_at_sales",
    "open_sales",
    "publish_edition",
]
