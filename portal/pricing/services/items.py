"""Rows of editions, stored as sets: 100,000 of them in a moment."""

from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.catalogue.queries import product_ids
from portal.db import InsertRows
from portal.errors import Invalid
from portal.pricing.models import EditionItem
from portal.pricing.rules.items import ItemRow, NewItem, checked_items

_CHUNK = 4_000
"""Rows in one INSERT: SQLite takes 32,766 values in one statement."""
_INSERT = InsertRows(
    "edition_items", "edition_id", "product_id", "min_quantity", "price", "percent", "free"
)


def store_items(session: Session, edition_id: int, rows: Iterable[ItemRow]) -> int:
    """Store rows that are known to be right into an edition without them; return how many."""
    connection = session.connection()
    waiting = iter(rows)
    stored = 0
    while chunk := list(islice(waiting, _CHUNK)):
        _INSERT.run(connection, [(edition_id, *row) for row in chunk])
        stored += len(chunk)
    return stored


def replace_items(session: Session, edition_id: int, rows: Iterable[ItemRow]) -> int:
    """Let an edition hold these rows and no others; return how many."""
    session.execute(
        delete(EditionItem).where(EditionItem.edition_id == edition_id),
        execution_options={"synchronize_session": False},
    )
    return store_items(session, edition_id, rows)


def resolve_items(
    session: Session, items: Sequence[NewItem], *, percentages: bool
) -> list[ItemRow]:
    """Return rows as they are stored; Invalid names each row that cannot be, `items[3].price`."""
    products = product_ids(session, [item.sku for item in items])
    rows, problems = checked_items(items, products, percentages=percentages)
    if problems:
        raise Invalid(problems=tuple(problems))
    return rows
