"""Editions and their rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.catalogue.models import Category, Product
from portal.db import Sql
from portal.pricing.errors import NoSuchEdition
from portal.pricing.models import Edition, EditionItem, EditionState
from portal.pricing.queries.states import in_force_on
from portal.pricing.rules.items import ItemRow

CHUNK = 5_000
_ITEMS = Sql(
    "SELECT product_id, min_quantity, price, percent, free FROM edition_items"
    " WHERE edition_id = :edition"
)


def editions_of(table_id: int) -> Select[tuple[Edition]]:
    """Return the select of a table's editions."""
    return select(Edition).where(Edition.price_table_id == table_id)


def edition_of(session: Session, table_id: int, edition_id: int) -> Edition:
    """Return one of the table's editions as it stands; NoSuchEdition for any other."""
    wanted = editions_of(table_id).where(Edition.id == edition_id)
    wanted = wanted.execution_options(populate_existing=True)
    if (edition := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchEdition(edition_id)
    return edition


def all_editions(session: Session, table_id: int) -> Sequence[Edition]:
    """Return a table's editions by their first day; drafts stand where they would begin."""
    return session.scalars(editions_of(table_id).order_by(Edition.valid_from, Edition.id)).all()


def published_editions(session: Session, table_id: int) -> Sequence[Edition]:
    """Return the published editions by their first day, as they stand in the database."""
    wanted = editions_of(table_id).where(Edition.state == EditionState.PUBLISHED)
    found = wanted.order_by(Edition.valid_from).execution_options(populate_existing=True)
    return session.scalars(found).all()


def next_number(session: Session, table_id: int) -> int:
    """Return the number of the table's next edition."""
    highest = select(func.max(Edition.number)).where(Edition.price_table_id == table_id)
    return (session.scalar(highest) or 0) + 1


def in_force(session: Session, table_ids: Iterable[int], day: date) -> dict[int, Edition]:
    """Return the editions in force on a day, by table."""
    wanted = select(Edition).where(
        Edition.price_table_id.in_(list(table_ids)), in_force_on(Edition, day)
    )
    return {edition.price_table_id: edition for edition in session.scalars(wanted)}


def next_starts(session: Session, table_ids: Iterable[int], day: date) -> dict[int, date]:
    """Return when the next published edition begins after a day, by table."""
    wanted = (
        select(Edition.price_table_id, func.min(Edition.valid_from))
        .where(
            Edition.price_table_id.in_(list(table_ids)),
            Edition.state == EditionState.PUBLISHED,
            Edition.valid_from > day,
        )
        .group_by(Edition.price_table_id)
    )
    return dict(session.execute(wanted).tuples().all())


def rows_of(session: Session, edition_id: int) -> list[ItemRow]:
    """Return all rows of an edition, in integers; 100,000 of them in a moment."""
    found = _ITEMS.run(session.connection(), edition=edition_id)
    return [
        ItemRow(product, minimum, price, percent, bool(free))
        for product, minimum, price, percent, free in found
    ]


def count_items(session: Session, edition_ids: Iterable[int]) -> dict[int, int]:
    """Return how many rows each edition has."""
    wanted = (
        select(EditionItem.edition_id, func.count())
        .where(EditionItem.edition_id.in_(list(edition_ids)))
        .group_by(EditionItem.edition_id)
    )
    return dict(session.execute(wanted).tuples().all())


def listed_items(edition_id: int) -> Select[tuple[EditionItem, Product]]:
    """Return the select of an edition's rows with their products, for lists."""
    return (
        select(EditionItem, Product)
        .join(Product, Product.id == EditionItem.product_id)
        .where(EditionItem.edition_id == edition_id)
    )


def items_by_sku(session: Session, edition_id: int) -> Sequence[tuple[EditionItem, str, str]]:
    """Return all rows of an edition with SKU and name, by SKU and quantity."""
    wanted = (
        select(EditionItem, Product.sku, Product.name)
        .join(Product, Product.id == EditionItem.product_id)
        .where(EditionItem.edition_id == edition_id)
        .order_by(Product.sku, EditionItem.min_quantity)
    )
    return [(item, sku, name) for item, sku, name in session.execute(wanted)]


def product_names(session: Session, ids: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """Return SKU, name and category of products by number."""
    found: dict[int, tuple[str, str, str]] = {}
    waiting = iter(sorted(set(ids)))
    while chunk := list(islice(waiting, CHUNK)):
        wanted: Select[Any] = (
            select(Product.id, Product.sku, Product.name, Category.name)
            .outerjoin(Category, Category.id == Product.category_id)
            .where(Product.id.in_(chunk))
        )
        for number, sku, name, category in session.execute(wanted):
            found[number] = sku, name, category or ""
    return found
