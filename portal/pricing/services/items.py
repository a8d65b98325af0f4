"""Rows of editions, stored as sets: 100,000 of them in a moment."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.catalogue.queries import product_ids
from portal.db import InsertRows, Sql
from portal.errors import Invalid, Problem
from portal.i18n import N_
from portal.pricing.models import EditionItem
from portal.pricing.queries.editions import rows_of
from portal.pricing.rules.items import ItemRow, NewItem, checked_items, row_name

_CHUNK = 4_000
"""Rows in one INSERT: SQLite takes 32,766 values in one statement."""
_INSERT = InsertRows(
    "edition_items", "edition_id", "product_id", "min_quantity", "price", "percent", "free"
)

_DELETE = Sql(
    "DELETE FROM edition_items"
    " WHERE edition_id = :edition AND product_id = :product AND min_quantity = :minimum"
)


def store_items(session: Session, edition_id: int, rows: Iterable[ItemRow]) -> int:
    """Store rows that are known to be right into an edition without them; return how many."""
    return insert_all(session, _INSERT, ((edition_id, *row) for row in rows))


def insert_all(session: Session, insert: InsertRows, rows: Iterable[tuple[Any, ...]]) -> int:
    """Insert any number of rows, some thousands at a time; return how many."""
    connection = session.connection()
    waiting = iter(rows)
    stored = 0
    while chunk := list(islice(waiting, _CHUNK)):
        insert.run(connection, chunk)
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


def exchange_rows(
    session: Session,
    edition_id: int,
    replaced: Sequence[str],
    items: Sequence[NewItem],
    *,
    percentages: bool,
) -> tuple[list[ItemRow], list[ItemRow]]:
    """Let some rows make room for others; return what went and what came.

    Rows are named `product:minimum`, in the database's integers. A row that stays as it is may
    not come a second time.
    """
    stored = {row_name(row): row for row in rows_of(session, edition_id)}
    going = {name: stored[name] for name in replaced if name in stored}
    coming = resolve_items(session, items, percentages=percentages)
    _check_new(coming, {name for name in stored if name not in going})
    by_name = {row_name(row): row for row in coming}
    gone = [row for name, row in going.items() if by_name.get(name) != row]
    came = [row for name, row in by_name.items() if going.get(name) != row]
    connection = session.connection()
    for row in gone:
        _DELETE.run(
            connection, edition=edition_id, product=row.product_id, minimum=row.min_quantity
        )
    store_items(session, edition_id, came)
    return gone, came


def _check_new(rows: Sequence[ItemRow], staying: set[str]) -> None:
    text = N_("The product stands in this edition already, with this minimum quantity.")
    problems = tuple(
        Problem(f"items[{at}].sku", "duplicate", text)
        for at, row in enumerate(rows)
        if row_name(row) in staying
    )
    if problems:
        raise Invalid(problems=problems)
