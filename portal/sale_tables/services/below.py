"""Selling below acquisition on the site: who publishes it answers for it (DESIGN 3.7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.catalogue.services import touch_offers
from portal.clock import day_of
from portal.errors import Problem
from portal.i18n import N_
from portal.money import PRICE_SCALE, from_minor
from portal.periods import Period
from portal.pricing.models import EditionState
from portal.pricing.rules.portfolio import Portfolio
from portal.pricing.services.guards import need, note
from portal.sale_tables.errors import (
    BelowNotAllowed,
    SitePriceNotAllowed,
    SoldBelowAcquisition,
)
from portal.sale_tables.models import SaleEdition, SaleItem, SaleTable
from portal.sale_tables.queries.editions import edition_of, rows_of
from portal.sale_tables.queries.refusals import guessed_at
from portal.sale_tables.rules.rows import StoredRow
from portal.sale_tables.services.guards import lock_table
from portal.sale_tables.services.guesses import check_guesses
from portal.sale_tables.services.rows import portfolio_of

SELL_BELOW = "orders.sell_below_acquisition"
_LISTED = 100


def answer_for(
    session: Session, table: SaleTable, edition: SaleEdition, *, by: Actor, at: datetime
) -> int:
    """Confirm the rows of a published edition that the site would sell below acquisition.

    Returns how many. Refused to those who may not decide it; who may not see acquisition prices
    is not told which rows.
    """
    if not table.site:
        return 0
    rows = [row for row in rows_of(session, edition.id) if row.on_site and row.price is not None]
    blind = not (by.sees_costs or by.may(SELL_BELOW))
    if blind and rows:
        check_guesses(guessed_at(session.connection(), by.user_id), at)
    portfolio = portfolio_of(session, table, day_that_counts(edition.period, at))
    below = below_on_site(rows, portfolio)
    if not below:
        return 0
    if blind:
        raise SitePriceNotAllowed(table.id)
    if not by.may(SELL_BELOW):
        raise _refusal(session, below)
    _confirm(session, edition, below, by=by, at=at)
    return len(below)


def confirm_below(
    session: Session,
    table_id: int,
    edition_id: int,
    skus: Sequence[str],
    *,
    by: Actor,
    at: datetime,
) -> int:
    """Let rows that fell below acquisition be sold on the site again; return how many."""
    table = lock_table(session, by, table_id)
    edition = edition_of(session, by, table_id, edition_id)
    need(by, "sale_prices.publish")
    if not by.may(SELL_BELOW):
        raise BelowNotAllowed
    if edition.state != EditionState.PUBLISHED:
        return 0
    wanted = set(session.scalars(select(Product.id).where(Product.sku.in_(skus))))
    rows = [row for row in rows_of(session, edition.id) if row.product_id in wanted]
    portfolio = portfolio_of(session, table, day_that_counts(edition.period, at))
    below = below_on_site(rows, portfolio)
    if below:
        _confirm(session, edition, below, by=by, at=at)
        confirmed = _skus(session, below)
        note(
            session, "sale_edition.confirmed", table, edition, by=by, at=at,
            after={"confirmed_below": confirmed},
        )  # fmt: skip
        touch_offers(session)
    return len(below)


def below_on_site(rows: Iterable[StoredRow], portfolio: Portfolio) -> dict[int, int]:
    """Return the acquisition prices that rows on the site do not cover, by product."""
    found: dict[int, int] = {}
    for row in rows:
        if row.on_site and row.price is not None:
            acquisition = portfolio.dearest(row.product_id, row.price)
            if acquisition is not None and not row.covers(acquisition):
                found[row.product_id] = acquisition
    return found


def day_that_counts(period: Period, at: datetime) -> date:
    """Return today, or the nearest day of the edition: that day's acquisition is looked at."""
    return max(period.start, min(day_of(at), period.last))


def _confirm(
    session: Session,
    edition: SaleEdition,
    below: Mapping[int, int],
    *,
    by: Actor,
    at: datetime,
) -> None:
    for product_id, acquisition in below.items():
        session.execute(
            update(SaleItem)
            .where(SaleItem.sale_edition_id == edition.id, SaleItem.product_id == product_id)
            .values(
                confirmed_acquisition=from_minor(acquisition, PRICE_SCALE),
                confirmed_at=at,
                confirmed_by=by.user_id,
            ),
            execution_options={"synchronize_session": False},
        )


def _refusal(session: Session, below: Mapping[int, int]) -> SoldBelowAcquisition:
    text = N_("%(sku)s is priced below its acquisition price.")
    problems = [
        Problem("items", SoldBelowAcquisition.code, text, {"sku": sku})
        for sku in _skus(session, below)[:_LISTED]
    ]
    return SoldBelowAcquisition(problems, len(below))


def _skus(session: Session, products: Iterable[int]) -> list[str]:
    wanted = set(products)
    found = session.execute(select(Product.id, Product.sku).order_by(Product.sku)).tuples()
    return [sku for number, sku in found if number in wanted]
