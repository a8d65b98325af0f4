"""Makers of what sale tables need: a service point that buys products, its tables and editions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.catalogue.models import Product
from portal.partners.models import ServicePoint
from portal.periods import Period
from portal.pricing.models import Edition, EditionState, PriceTable
from portal.sale_tables import services
from portal.sale_tables.models import SaleEdition, SaleItem, SaleTable
from portal.sale_tables.rules import NewRow
from tests.factories import NOON
from tests.pricing.factories import (
    make_assignment,
    make_edition,
    make_point,
    make_product,
    make_table,
)

SELLING = frozenset(
    {
        "costs.view",
        "sale_prices.view",
        "sale_prices.edit",
        "sale_prices.publish",
        "orders.sell_below_acquisition",
    }
)
PAST = "sale_prices.change_past"
_numbers = count(1)


def make_actor(*extra: str, without: Sequence[str] = (), at: ServicePoint | None = None) -> Actor:
    """Return someone of headquarters who keeps sale prices, or of a service point."""
    places = (Place(at.id, at.code, at.name),) if at else ()
    return Actor(
        user_id=8,
        email="davi@example.com",
        name="Davi Prado",
        profile_name="Sale prices",
        headquarters=at is None,
        permissions=(SELLING | set(extra)) - set(without),
        service_points=places,
    )


DAVI = make_actor()


@dataclass
class Shop:
    """A service point that buys ten products at 10.00, 20.00 ... by one general table."""

    point: ServicePoint
    bought: PriceTable
    products: list[Product] = field(default_factory=list)

    @property
    def skus(self) -> list[str]:
        """The SKUs of its products, from the cheapest on."""
        return [product.sku for product in self.products]


def make_shop(session: Session, *, products: int = 3, begin: str = "2026-01-01") -> Shop:
    """Store a service point that buys products at 10.00, 20.00, 30.00, ...; SKUs rise too."""
    point = make_point(session)
    bought = make_table(session)
    goods = [make_product(session, f"P-{next(_numbers):05}") for _ in range(products)]
    items = [(product, 10 * number) for number, product in enumerate(goods, 1)]
    make_edition(session, bought, begin, None, items)
    make_assignment(session, point, bought, begin)
    return Shop(point, bought, goods)


def make_sale_table(
    session: Session,
    shop: Shop,
    *channels: str,
    name: str = "Balcão",
    by: Actor = DAVI,
    **facts: Any,
) -> SaleTable:
    """Put a sale table on file, of both channels unless some are named."""
    wanted = services.NewSaleTable(
        name, shop.point.code, channels or ("back_office", "site"), **facts
    )
    return services.create_table(session, wanted, by=by, at=NOON).table


def buy_from(session: Session, shop: Shop, begin: str, items: Sequence[tuple[Any, ...]]) -> Edition:
    """Let a shop buy by other prices from a day on."""
    day = date.fromisoformat(begin)
    wanted = select(Edition).where(
        Edition.price_table_id == shop.bought.id, Edition.state == EditionState.PUBLISHED
    )
    before = session.scalars(wanted.order_by(Edition.id.desc()).limit(1)).one()
    before.valid_until = day - timedelta(days=1)
    return make_edition(session, shop.bought, day, None, items)


def row(sku: str, price: Any = None, *, suggested: Any = None, on_site: bool = True) -> NewRow:
    """Return a row as it is typed."""
    figure = None if price is None else Decimal(str(price))
    return NewRow(sku, None if suggested is None else Decimal(str(suggested)), figure, on_site)


def make_sale_edition(
    session: Session,
    table: SaleTable,
    begin: str,
    end: str | None = None,
    rows: Sequence[NewRow] = (),
    *,
    publish: bool = True,
    by: Actor = DAVI,
    **facts: Any,
) -> SaleEdition:
    """Draft an edition, and publish it unless that is not wanted."""
    period = Period(date.fromisoformat(begin), date.fromisoformat(end) if end else None)
    make = services.create_and_publish if publish else services.create_edition
    return make(session, table.id, period, rows, by=by, at=NOON, **facts)


def stored(session: Session, edition: SaleEdition) -> dict[int, SaleItem]:
    """Return an edition's rows by product, as they are in the database."""
    session.expire_all()
    found = session.query(SaleItem).where(SaleItem.sale_edition_id == edition.id)
    return {item.product_id: item for item in found}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Gather what is sent to the database meanwhile."""
    sent: list[str] = []

    def note(*given: Any) -> None:
        sent.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
