"""Which sale prices are below acquisition, or below a margin; for those who may see what it costs.

The margin is what is left of the sale price after the acquisition price, in per cent of the sale.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.actors import Actor
from portal.db import Sql
from portal.errors import Forbidden
from portal.money import HUNDRED, PRICE_SCALE, ZERO, from_minor
from portal.partners.models import ServicePoint
from portal.periods import ONE_DAY
from portal.pricing.errors import NoSuchEdition
from portal.pricing.models import (
    Edition,
    EditionState,
    PriceAssignment,
    PriceTable,
    TableKind,
)
from portal.pricing.queries import editions as price_editions
from portal.pricing.queries import tables as price_tables
from portal.pricing.queries.portfolio import load_portfolios
from portal.pricing.rules.book import InForce
from portal.pricing.rules.portfolio import Portfolio
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.editions import rows_of
from portal.sale_tables.rules.rows import StoredRow


class BelowRow(NamedTuple):
    """A sale price that does not leave enough, with what the product costs and cost before.

    `left_site`: it is meant for the site, which does not sell it until someone confirms.
    """

    product_id: int
    sku: str
    name: str
    price: Decimal
    acquisition: Decimal
    acquisition_before: Decimal | None
    on_site: bool
    left_site: bool
    sale_table_id: int
    table_name: str
    edition_id: int
    edition_number: int
    service_point: str
    service_point_code: str

    @property
    def margin_percent(self) -> Decimal:
        """What is left of the sale price, in per cent of it; negative below acquisition."""
        return HUNDRED * (self.price - self.acquisition) / self.price


def below_rows(
    session: Session,
    by: Actor,
    table: SaleTable,
    edition: SaleEdition,
    day: date,
    *,
    margin: Decimal | None = None,
) -> list[BelowRow]:
    """Return the rows of an edition that are below acquisition on a day, or below a margin.

    `acquisition_before` is the price of the edition's first day.
    """
    _need_costs(by)
    points = [table.service_point_id]
    now = load_portfolios(session, service_point_ids=points, day=day)
    first = load_portfolios(session, service_point_ids=points, day=edition.valid_from)
    at = _Place(table, edition)
    found = _below(rows_of(session, edition.id), at, now[points[0]], first[points[0]], margin)
    return _named(session, found)


def fallen_by(
    session: Session,
    by: Actor,
    price_table_id: int,
    edition_id: int,
    *,
    margin: Decimal | None = None,
) -> list[BelowRow]:
    """Return the rows of all sale tables that an acquisition edition leaves below acquisition.

    Drafts are looked at as if they were published. Each sale edition in force while the
    acquisition edition holds is seen on the first day of both; `acquisition_before` is what it
    would cost without the edition. Only rows whose acquisition price it raises are listed.
    """
    _need_costs(by)
    table = price_tables.table_of(session, by, price_table_id)
    edition = price_editions.edition_of(session, table.id, edition_id)
    if edition.state == EditionState.DRAFT and not by.headquarters:
        raise NoSuchEdition(edition_id)
    places = _reached(session, by, table.id, edition)
    by_day: dict[date, list[_Place]] = defaultdict(list)
    for place in places:
        by_day[max(edition.valid_from, place.edition.valid_from)].append(place)
    found = [
        row
        for day, there in by_day.items()
        for row in _fallen_on(session, day, there, edition, margin)
    ]
    return _named(session, found)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row stands."""

    table: SaleTable
    edition: SaleEdition


_Below = tuple[_Place, StoredRow, int, int | None]
"""Where, which row, and what the product costs and cost before."""


def _need_costs(by: Actor) -> None:
    if not (by.sees_costs and by.may("sale_prices.view")):
        raise Forbidden


def _below(
    rows: Iterable[StoredRow],
    place: _Place,
    now: Portfolio,
    before: Portfolio,
    margin: Decimal | None,
) -> list[_Below]:
    kept = HUNDRED - (margin or ZERO)
    found: list[_Below] = []
    for row in rows:
        price = row.price
        acquisition = None if price is None else now.dearest(row.product_id, price)
        if price is not None and acquisition is not None and acquisition * HUNDRED > price * kept:
            found.append((place, row, acquisition, before.dearest(row.product_id, price)))
    return found


def _fallen_on(
    session: Session,
    day: date,
    places: Sequence[_Place],
    edition: Edition,
    margin: Decimal | None,
) -> list[_Below]:
    points = sorted({place.table.service_point_id for place in places})
    new_one = InForce(edition.id, edition.number, edition.valid_from, edition.valid_until)
    supposing = {edition.price_table_id: new_one}
    after = load_portfolios(session, service_point_ids=points, day=day, supposing=supposing)
    drafted = edition.state == EditionState.DRAFT
    without = day if drafted else edition.valid_from - ONE_DAY
    before = load_portfolios(session, service_point_ids=points, day=without)
    rows = _rows_of_all(session, [place.edition.id for place in places])
    found: list[_Below] = []
    for place in places:
        point = place.table.service_point_id
        below = _below(rows[place.edition.id], place, after[point], before[point], margin)
        found += [one for one in below if one[3] is None or one[2] > one[3]]
    return found


def _rows_of_all(session: Session, editions: Collection[int]) -> Mapping[int, list[StoredRow]]:
    marks = {f"e{at}": number for at, number in enumerate(editions)}
    names = ", ".join(f":{name}" for name in marks)
    statement = Sql(
        "SELECT sale_edition_id, product_id, suggested_price, sale_price, on_site, "  # noqa: S608 - values bound
        "confirmed_acquisition FROM sale_items WHERE (sale_price IS NOT NULL "
        f"OR suggested_price IS NOT NULL) AND sale_edition_id IN ({names})"
    )
    rows: dict[int, list[StoredRow]] = defaultdict(list)
    for edition, product, suggested, sale, on_site, confirmed in statement.run(
        session.connection(), **marks
    ):
        rows[edition].append(StoredRow(product, suggested, sale, bool(on_site), confirmed))
    return rows


def _reached(session: Session, by: Actor, table_id: int, edition: Edition) -> list[_Place]:
    """Return the sale editions of service points that buy by the table, or by one built on it."""
    tables = [table_id, *(table.id for table in price_tables.built_on(session, table_id))]
    owners = select(PriceTable.service_point_id).where(
        PriceTable.id.in_(tables), PriceTable.kind == TableKind.OWN
    )
    buyers = select(PriceAssignment.service_point_id).where(
        PriceAssignment.price_table_id.in_(tables),
        PriceAssignment.valid_until >= edition.valid_from,
    )
    wanted = (
        select(SaleEdition, SaleTable)
        .join(SaleTable, SaleTable.id == SaleEdition.sale_table_id)
        .join(SaleTable.service_point)
        .options(contains_eager(SaleTable.service_point))
        .where(
            SaleEdition.state == EditionState.PUBLISHED,
            SaleEdition.valid_until >= edition.valid_from,
            SaleEdition.valid_from <= edition.period.last,
            or_(
                SaleTable.service_point_id.in_(buyers),
                SaleTable.service_point_id.in_(owners),
            ),
            by.scope(SaleTable.service_point_id),
        )
        .order_by(ServicePoint.name, SaleTable.id, SaleEdition.valid_from)
    )
    return [_Place(table, one) for one, table in session.execute(wanted)]


def _named(session: Session, found: Sequence[_Below]) -> list[BelowRow]:
    names = price_editions.product_names(session, (row.product_id for _, row, _, _ in found))
    shown: list[BelowRow] = []
    for place, row, acquisition, before in found:
        sku, name, _ = names[row.product_id]
        shown.append(
            BelowRow(
                row.product_id,
                sku,
                name,
                from_minor(row.price or 0, PRICE_SCALE),
                from_minor(acquisition, PRICE_SCALE),
                None if before is None else from_minor(before, PRICE_SCALE),
                row.on_site and place.table.site,
                row.on_site and place.table.site and not row.covers(acquisition),
                place.table.id,
                place.table.name,
                place.edition.id,
                place.edition.number,
                place.table.service_point.name,
                place.table.service_point.code,
            )
        )
    return shown
