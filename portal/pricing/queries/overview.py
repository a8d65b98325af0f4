"""What lists and pages show of price tables beside their own facts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from portal.actors import Actor
from portal.catalogue.models import Category, Product
from portal.partners.models import ServicePoint
from portal.periods import Period
from portal.pricing.models import (
    Edition,
    EditionItem,
    EditionState,
    PriceAssignment,
    PriceTable,
    TableKind,
)
from portal.pricing.queries.editions import all_editions, count_items
from portal.pricing.queries.states import narrowed_to_state, state_columns
from portal.pricing.queries.tables import built_on, count_users, table_of, used_on, visible
from portal.pricing.rules.outlook import Chosen, chosen_of
from portal.pricing.rules.windows import gaps, window_of
from portal.texts import holds_words

_OF_TABLE = Edition.price_table_id == PriceTable.id


@dataclass(frozen=True, slots=True)
class Overview:
    """A price table as its page shows it."""

    table: PriceTable
    base: PriceTable | None
    editions: Sequence[Edition]
    chosen: Chosen[Edition]
    users: int
    items: dict[int, int]
    below: Sequence[PriceTable] = ()
    below_users: dict[int, int] = field(default_factory=dict)
    gaps: Sequence[Period] = ()

    @property
    def present(self) -> Edition | None:
        """The edition in force."""
        return self.chosen.present

    @property
    def coming(self) -> Edition | None:
        """The edition that comes next, published or not."""
        return self.chosen.coming

    @property
    def shown(self) -> Edition | None:
        """The edition whose rows the page shows."""
        return self.chosen.shown


def tables_with_state(by: Actor, day: date) -> Select[Any]:
    """Return the select of tables with since, until, next change, and how many use them."""
    days = state_columns(PriceTable, Edition, _OF_TABLE, day)
    return (
        select(PriceTable, *days, _users(day).label("users"))
        .outerjoin(ServicePoint, ServicePoint.id == PriceTable.service_point_id)
        .where(visible(by))
    )


def having_state(wanted: Select[Any], state: str, day: date) -> Select[Any]:
    """Narrow a select of tables to those with prices on the day, without, or with drafts."""
    return narrowed_to_state(wanted, Edition, _OF_TABLE, state, day)


def overview(
    session: Session, by: Actor, table_id: int, edition_id: int | None, day: date
) -> Overview:
    """Return all that the page of a table shows; `edition_id` is the one chosen there."""
    table = table_of(session, by, table_id)
    editions = [one for one in all_editions(session, table.id) if _may_see(by, one)]
    live = [one for one in editions if one.state == EditionState.PUBLISHED]
    below = built_on(session, table.id) if by.headquarters else []
    base = session.get(PriceTable, table.base_table_id) if table.base_table_id else None
    return Overview(
        table=table,
        base=base,
        editions=editions,
        chosen=chosen_of(editions, edition_id, day),
        users=count_users(session, [table], day)[table.id],
        items=count_items(session, [one.id for one in editions]),
        below=below,
        below_users=count_users(session, below, day),
        gaps=gaps([window_of(one) for one in live]),
    )


def items_beside(edition_id: int, other_id: int | None, search: str = "") -> Select[Any]:
    """Return the select of an edition's rows with product, category and the other's row."""
    other = aliased(EditionItem)
    same = and_(
        other.edition_id == (other_id or 0),
        other.product_id == EditionItem.product_id,
        other.min_quantity == EditionItem.min_quantity,
    )
    wanted = (
        select(EditionItem, Product, Category.name, other)
        .join(Product, Product.id == EditionItem.product_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .outerjoin(other, same)
        .where(EditionItem.edition_id == edition_id)
    )
    if search:
        wanted = wanted.where(holds_words(search, Product.name, Product.sku))
    return wanted


def _may_see(by: Actor, edition: Edition) -> bool:
    """Drafts are headquarters' own business."""
    return by.headquarters or edition.state != EditionState.DRAFT


def _users(day: date) -> ColumnElement[Any]:
    points = func.count(func.distinct(PriceAssignment.service_point_id))
    general = (
        select(points)
        .where(PriceAssignment.price_table_id == PriceTable.id, used_on(day))
        .correlate(PriceTable)
        .scalar_subquery()
    )
    own = (
        select(points)
        .where(
            PriceAssignment.mode == TableKind.OWN,
            PriceAssignment.service_point_id == PriceTable.service_point_id,
            used_on(day),
        )
        .correlate(PriceTable)
        .scalar_subquery()
    )
    return case((PriceTable.kind == TableKind.OWN, own), else_=general)
