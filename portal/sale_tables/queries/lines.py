"""Products of a sale table as pages show them: prices, and what they cost, for those who see it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.money import HUNDRED, PRICE_SCALE, from_minor, round_half_up
from portal.periods import Period
from portal.pricing.queries.editions import product_names
from portal.pricing.queries.portfolio import load_portfolio
from portal.pricing.rules.portfolio import Portfolio
from portal.sale_tables.models import SaleEdition, SaleItem, SaleTable
from portal.sale_tables.queries.editions import rows_of
from portal.sale_tables.queries.unpriced import inactive_products
from portal.sale_tables.rules.rows import StoredRow, stored_of

_SHOWN_DECIMALS = 1


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A product with its prices; `acquisition` is None for those who do not see costs.

    `for_site` says whether the site is to sell it, `covered` whether it may at its price;
    `beside` is another edition's price.
    """

    sku: str
    name: str
    category: str
    row: StoredRow
    in_portfolio: bool
    for_site: bool = False
    covered: bool = True
    acquisition: Decimal | None = None
    beside: Decimal | None = None

    @property
    def suggested(self) -> Decimal | None:
        """What is suggested."""
        return _price(self.row.suggested_price)

    @property
    def sale(self) -> Decimal | None:
        """What was decided, instead of what is suggested."""
        return _price(self.row.sale_price)

    @property
    def price(self) -> Decimal | None:
        """What the final customer pays; None while it is to be priced."""
        return _price(self.row.price)

    @property
    def on_site(self) -> bool:
        """Whether it is meant for the site."""
        return self.row.on_site

    @property
    def left_site(self) -> bool:
        """Whether the site does not sell it although it was meant for it: it fell below."""
        return self.for_site and self.price is not None and not self.covered

    @property
    def margin(self) -> Decimal | None:
        """What stays of the price; None where price or acquisition is not known."""
        if self.price is None or self.acquisition is None:
            return None
        return self.price - self.acquisition

    @property
    def margin_percent(self) -> Decimal | None:
        """What stays, in per cent of the price."""
        if self.margin is None or not self.price:
            return None
        return round_half_up(HUNDRED * self.margin / self.price, _SHOWN_DECIMALS)

    @property
    def change(self) -> Decimal | None:
        """By how many per cent it is above or below the price beside it."""
        if not self.beside or self.price is None:
            return None
        return round_half_up(HUNDRED * (self.price - self.beside) / self.beside, _SHOWN_DECIMALS)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a whole edition stands against what the service point may buy on a day."""

    portfolio: int
    on_site: int
    unpriced: Sequence[int]
    below: int


def day_shown(period: Period, today: date) -> date:
    """Return today, or the nearest day of the period: that day's acquisition is shown beside it."""
    return max(period.start, min(today, period.last))


def lines_of(
    session: Session,
    by: Actor,
    table: SaleTable,
    found: Iterable[Sequence[Any]],
    day: date,
) -> list[SaleLine]:
    """Return rows of `rows_beside` as lines, each beside the acquisition price of the day."""
    rows = list(found)
    portfolio = _portfolio(session, table, day, [product.id for _item, product, *_ in rows])
    known = portfolio.product_ids()
    return [
        _line(by, table, stored_of(item), product, category, portfolio, known, other)
        for item, product, category, other in rows
    ]


def unpriced_lines(
    session: Session, by: Actor, table: SaleTable, products: Sequence[int], day: date
) -> list[SaleLine]:
    """Return products that have no price as lines, in the order of their codes."""
    names = product_names(session, products)
    portfolio = _portfolio(session, table, day, products)
    lines = [
        SaleLine(*names[number], StoredRow(number), True, acquisition=_cost(by, portfolio, number))
        for number in products
    ]
    return sorted(lines, key=lambda line: line.sku)


def standing_of(
    session: Session, table: SaleTable, edition: SaleEdition | None, day: date
) -> Standing:
    """Return how an edition stands; without an edition everything is to be priced."""
    portfolio = load_portfolio(session, service_point_id=table.service_point_id, day=day)
    bought = portfolio.product_ids() - inactive_products(session)
    rows = rows_of(session, edition.id) if edition is not None else []
    sold = [row for row in rows if row.price is not None and row.product_id in bought]
    fallen = [row for row in sold if _is_below(row, portfolio)]
    return Standing(
        portfolio=len(bought),
        on_site=sum(row.on_site and _is_covered(row, portfolio) for row in sold),
        unpriced=sorted(bought - {row.product_id for row in sold}),
        below=len(fallen),
    )


def _line(
    by: Actor,
    table: SaleTable,
    row: StoredRow,
    product: Product,
    category: str | None,
    portfolio: Portfolio,
    known: Collection[int],
    other: SaleItem | None,
) -> SaleLine:
    return SaleLine(
        product.sku,
        product.name,
        category or "",
        row,
        in_portfolio=product.id in known and product.active,
        for_site=row.on_site and table.site,
        covered=_is_covered(row, portfolio),
        acquisition=_cost(by, portfolio, product.id, row.price),
        beside=other.price if other is not None else None,
    )


def _portfolio(
    session: Session, table: SaleTable, day: date, products: Collection[int]
) -> Portfolio:
    return load_portfolio(
        session, service_point_id=table.service_point_id, day=day, product_ids=products
    )


def _cost(
    by: Actor, portfolio: Portfolio, product_id: int, price: int | None = None
) -> Decimal | None:
    return _price(portfolio.dearest(product_id, price)) if by.sees_costs else None


def _is_covered(row: StoredRow, portfolio: Portfolio) -> bool:
    acquisition = portfolio.dearest(row.product_id, row.price)
    return acquisition is None or row.covers(acquisition)


def _is_below(row: StoredRow, portfolio: Portfolio) -> bool:
    acquisition = portfolio.dearest(row.product_id, row.price)
    return acquisition is not None and acquisition > (row.price or 0)


def _price(minor: int | None) -> Decimal | None:
    return None if minor is None else from_minor(minor, PRICE_SCALE)
