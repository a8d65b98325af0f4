"""Editions of sale tables and their rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, select, true
from sqlalchemy.orm import Session, aliased

from portal.actors import Actor
from portal.catalogue.models import Category, Product
from portal.db import Sql
from portal.pricing.models import EditionState
from portal.pricing.rules.windows import window_of
from portal.sale_tables.errors import NoSuchSaleEdition
from portal.sale_tables.models import SaleEdition, SaleItem, SaleTable
from portal.sale_tables.queries.tables import shares_channel
from portal.sale_tables.rules.channels import Beside
from portal.sale_tables.rules.rows import StoredRow
from portal.texts import holds_words

_ROWS = Sql(
    "SELECT product_id, suggested_price, sale_price, on_site, confirmed_acquisition"
    " FROM sale_items WHERE sale_edition_id = :edition"
)


def sees_drafts(by: Actor) -> bool:
    """Whether drafts are shown: to headquarters, and to those who may write them."""
    return by.headquarters or by.may("sale_prices.edit")


def editions_of(by: Actor, table_id: int) -> Select[tuple[SaleEdition]]:
    """Return the select of a table's editions, as far as the actor may see them."""
    wanted = select(SaleEdition).where(SaleEdition.sale_table_id == table_id)
    return wanted if sees_drafts(by) else wanted.where(SaleEdition.state != EditionState.DRAFT)


def edition_of(session: Session, by: Actor, table_id: int, edition_id: int) -> SaleEdition:
    """Return one of the table's editions as it stands; NoSuchSaleEdition for any other."""
    wanted = editions_of(by, table_id).where(SaleEdition.id == edition_id)
    wanted = wanted.execution_options(populate_existing=True)
    if (edition := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchSaleEdition(edition_id)
    return edition


def all_editions(session: Session, by: Actor, table_id: int) -> Sequence[SaleEdition]:
    """Return a table's editions by their first day; drafts stand where they would begin."""
    wanted = editions_of(by, table_id).order_by(SaleEdition.valid_from, SaleEdition.id)
    return session.scalars(wanted).all()


def published_editions(session: Session, table_id: int) -> Sequence[SaleEdition]:
    """Return the published editions by their first day, as they stand in the database."""
    wanted = select(SaleEdition).where(
        SaleEdition.sale_table_id == table_id, SaleEdition.state == EditionState.PUBLISHED
    )
    found = wanted.order_by(SaleEdition.valid_from).execution_options(populate_existing=True)
    return session.scalars(found).all()


def editions_beside(session: Session, table: SaleTable) -> list[Beside]:
    """Return the published editions of other tables that share a channel with this one."""
    wanted = (
        select(SaleEdition, SaleTable.name)
        .join(SaleTable, SaleTable.id == SaleEdition.sale_table_id)
        .where(shares_channel(table), SaleEdition.state == EditionState.PUBLISHED)
        .order_by(SaleEdition.valid_from, SaleEdition.id)
        .execution_options(populate_existing=True)
    )
    return [Beside(window_of(edition), name) for edition, name in session.execute(wanted)]


def next_number(session: Session, table_id: int) -> int:
    """Return the number of the table's next edition."""
    highest = select(func.max(SaleEdition.number)).where(SaleEdition.sale_table_id == table_id)
    return (session.scalar(highest) or 0) + 1


def rows_of(session: Session, edition_id: int) -> list[StoredRow]:
    """Return all rows of an edition, in integers."""
    found = _ROWS.run(session.connection(), edition=edition_id)
    return [
        StoredRow(product, suggested, sale, bool(on_site), confirmed)
        for product, suggested, sale, on_site, confirmed in found
    ]


def rows_by_sku(session: Session, edition_id: int) -> list[tuple[SaleItem, str, str]]:
    """Return all rows of an edition with SKU and name, by SKU."""
    wanted = (
        select(SaleItem, Product.sku, Product.name)
        .join(Product, Product.id == SaleItem.product_id)
        .where(SaleItem.sale_edition_id == edition_id)
        .order_by(Product.sku)
    )
    return [(item, sku, name) for item, sku, name in session.execute(wanted)]


def count_rows(session: Session, edition_ids: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    """Return how many rows each edition has, how many are to be priced, and are on the site."""
    unpriced = func.sum(case((is_to_be_priced(), 1), else_=0))
    on_site = func.sum(case((SaleItem.on_site, 1), else_=0))
    wanted = (
        select(SaleItem.sale_edition_id, func.count(), unpriced, on_site)
        .where(SaleItem.sale_edition_id.in_(list(edition_ids)))
        .group_by(SaleItem.sale_edition_id)
    )
    return {
        edition: (rows, int(left), int(site))
        for edition, rows, left, site in session.execute(wanted)
    }


def is_to_be_priced() -> ColumnElement[bool]:
    """Return the condition that a row has no price yet."""
    return and_(SaleItem.suggested_price.is_(None), SaleItem.sale_price.is_(None))


def rows_beside(
    edition_id: int, other_id: int | None, *, search: str = "", only: str = ""
) -> Select[Any]:
    """Return the select of rows with product, category and another edition's row of the product.

    `only` narrows them: `to_price`, `on_site`, `not_on_site`.
    """
    other = aliased(SaleItem)
    same = and_(other.sale_edition_id == (other_id or 0), other.product_id == SaleItem.product_id)
    wanted = (
        select(SaleItem, Product, Category.name, other)
        .join(Product, Product.id == SaleItem.product_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .outerjoin(other, same)
        .where(SaleItem.sale_edition_id == edition_id)
    )
    if search:
        wanted = wanted.where(holds_words(search, Product.name, Product.sku))
    conditions = {
        "to_price": is_to_be_priced(),
        "on_site": SaleItem.on_site == true(),
        "not_on_site": SaleItem.on_site == false(),
    }
    return wanted.where(conditions[only]) if only in conditions else wanted
