"""Deeds on prices, named by verbs; they flush and never commit."""

from portal.pricing.services.assignments import Given, set_assignments
from portal.pricing.services.copies import Change, copy_edition
from portal.pricing.services.drafts import RowChanges, change_rows
from portal.pricing.services.editions import (
    EditionChanges,
    change_edition,
    create_and_publish,
    create_edition,
    delete_draft,
    draft,
    publish_edition,
)
from portal.pricing.services.guards import lock_table
from portal.pricing.services.items import replace_items, resolve_items, store_items
from portal.pricing.services.tables import NewTable, TableChanges, change_table, create_table

__all__ = [
    "Change",
    "EditionChanges",
    "Given",
    "NewTable",
    "RowChanges",
    "TableChanges",
    "change_edition",
    "change_rows",
    "change_table",
    "copy_edition",
    "create_and_publish",
    "create_edition",
    "create_table",
    "delete_draft",
    "draft",
    "lock_table",
    "publish_edition",
    "replace_items",
    "resolve_items",
    "set_assignments",
    "store_items",
]
