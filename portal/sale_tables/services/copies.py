"""Rows made from others: an edition copied up or down, prices filled from a percentage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import Forbidden, invalid
from portal.i18n import N_
from portal.periods import Period
from portal.pricing.rules.calculation import Adjustment
from portal.pricing.rules.portfolio import Portfolio
from portal.pricing.rules.windows import check_period
from portal.pricing.services.copies import Change, adjustment_of, check_adjusted
from portal.pricing.services.guards import check_draft, need, note
from portal.sale_tables.models import SaleEdition
from portal.sale_tables.queries.editions import edition_of, rows_of
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules.rows import StoredRow, changed_rows
from portal.sale_tables.services.editions import draft
from portal.sale_tables.services.guards import lock_table
from portal.sale_tables.services.rows import exchange_rows, portfolio_of, whole_rows


class Basis(StrEnum):
    """What prices are filled from."""

    ACQUISITION = "acquisition"
    SUGGESTED = "suggested"


class Into(StrEnum):
    """Which price is filled."""

    SUGGESTED = "suggested_price"
    SALE = "sale_price"


@dataclass(frozen=True, slots=True)
class Filling:
    """By how many per cent over what, into which price, and whether typed ones stay."""

    basis: str
    into: str
    change: Change
    only_empty: bool = True


def copy_edition(
    session: Session,
    table_id: int,
    edition_id: int,
    period: Period,
    change: Change,
    *,
    by: Actor,
    at: datetime,
    into: int | None = None,
) -> SaleEdition:
    """Draft an edition with the rows of another and changed prices, in its table or `into` one.

    What the service point may no longer buy on the new first day is left out; what it may buy
    now and has no row comes in to be priced.
    """
    need(by, "sale_prices.edit")
    source = table_of(session, by, table_id)
    target = lock_table(session, by, into or table_id)
    edition = edition_of(session, by, source.id, edition_id)
    days = check_period(period)
    adjustment = adjustment_of(change)
    portfolio = portfolio_of(session, target, days.start)
    bought = portfolio.product_ids()
    rows = [
        _adjusted(row, adjustment)
        for row in rows_of(session, edition.id)
        if row.product_id in bought
    ]
    check_adjusted(_prices(rows))
    return draft(session, target, days, whole_rows(session, rows, portfolio), by=by, at=at)


def fill_edition(
    session: Session,
    table_id: int,
    edition_id: int,
    filling: Filling,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> int:
    """Price rows of a draft by a percentage over acquisition, or over what is suggested.

    Returns how many. What has no such basis stays as it is: no acquisition price, or one of zero.
    """
    need(by, "sale_prices.edit")
    into, basis = _clean(filling)
    if basis == Basis.ACQUISITION and not by.sees_costs:
        raise Forbidden
    table = lock_table(session, by, table_id)
    edition = edition_of(session, by, table_id, edition_id)
    check_draft(edition, version)
    adjustment = adjustment_of(filling.change)
    figure = _figures(basis, portfolio_of(session, table, edition.valid_from))
    old = rows_of(session, edition.id)
    new = [_filled(row, into, figure(row), adjustment, filling.only_empty) for row in old]
    check_adjusted(_prices(new))
    changed = [row for before, row in zip(old, new, strict=True) if row != before]
    exchange_rows(session, edition.id, changed)
    edition.version += 1
    before, after = changed_rows(old, new)
    note(
        session, "sale_edition.filled", table, edition, by=by, at=at,
        before=before, after={"basis": str(basis), "into": str(into)} | after,
    )  # fmt: skip
    return len(changed)


def _clean(filling: Filling) -> tuple[Into, Basis]:
    if filling.basis not in set(Basis):
        raise invalid("basis", N_("Choose acquisition or suggested prices."))
    if filling.into not in set(Into):
        raise invalid("into", N_("Choose the suggested price or the sale price."))
    into, basis = Into(filling.into), Basis(filling.basis)
    if basis == Basis.SUGGESTED and into == Into.SUGGESTED:
        raise invalid("into", N_("Suggested prices are not filled from themselves."))
    return into, basis


def _figures(basis: Basis, portfolio: Portfolio) -> Callable[[StoredRow], int | None]:
    """Return what a row's price is filled from.

    A table that takes a percentage of the sale price has no acquisition price before that one.
    """
    if basis == Basis.SUGGESTED:
        return lambda row: row.suggested_price
    return lambda row: portfolio.dearest(row.product_id, None)


def _filled(
    row: StoredRow, into: Into, figure: int | None, adjustment: Adjustment, only_empty: bool
) -> StoredRow:
    present = row.sale_price if into == Into.SALE else row.suggested_price
    if not figure or (only_empty and present is not None):
        return row
    price = adjustment.apply(figure)
    if into == Into.SALE:
        return row._replace(sale_price=price)
    return row._replace(suggested_price=price)


def _adjusted(row: StoredRow, adjustment: Adjustment) -> StoredRow:
    suggested, sale = (None if one is None else adjustment.apply(one) for one in row[1:3])
    return StoredRow(row.product_id, suggested, sale, row.on_site)


def _prices(rows: Sequence[StoredRow]) -> list[int]:
    return [price for row in rows for price in row[1:3] if price is not None]
