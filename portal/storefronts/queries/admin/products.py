"""What a shop sells on a day, and what keeps the rest off it: few statements for thousands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.catalogue.models import Category, Product
from portal.money import PRICE_SCALE, to_minor
from portal.pricing.queries.portfolio import load_route
from portal.pricing.rules.portfolio import Route
from portal.sale_tables.models import Channel, SaleItem
from portal.sale_tables.queries.prices import load_sale_book
from portal.sale_tables.queries.site import site_offers
from portal.sale_tables.rules.book import TableInForce
from portal.storefronts.models import ShopProduct
from portal.storefronts.queries.admin.shops import RunShop

_AT_ONCE = 500


class Place(StrEnum):
    """Whether visitors can buy a product, and if not, the first thing that keeps it off."""

    ON_SITE = "on_site"
    INACTIVE = "inactive"
    NOT_BOUGHT = "not_bought"
    """Headquarters does not sell one piece of it through the shop's issuer."""
    NO_ROW = "no_row"
    """It joined the portfolio after the edition in force was made."""
    NOT_MARKED = "not_marked"
    TO_PRICE = "to_price"
    WITHHELD = "withheld"
    """Its price is below acquisition, and nobody who may has agreed to that."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A product and where it stands; no acquisition price is in it."""

    product_id: int
    sku: str
    name: str
    category: str
    place: Place
    price: Decimal | None
    summary: str

    @property
    def on_site(self) -> bool:
        """Whether visitors can buy it."""
        return self.place is Place.ON_SITE


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every product that is sold, or could be, from the table in force."""

    table: TableInForce | None
    products: tuple[Placed, ...] = ()

    @property
    def on_site(self) -> int:
        """How many visitors can buy."""
        return sum(one.on_site for one in self.products)


def shelf_of(session: Session, run: RunShop, day: date) -> Shelf:
    """Return where each product of the site's sale table, and of the portfolio, stands on a day."""
    point, issuer = run.point.id, run.issuer_id
    book = load_sale_book(
        session, service_point_id=point, channel=Channel.SITE, day=day, product_ids=()
    )
    if (table := book.table) is None:
        return Shelf(None)
    route = load_route(session, service_point_id=point, issuer_id=issuer, day=day)
    sold = site_offers(session, service_point_id=point, issuer_id=issuer, day=day)
    offers = {one.product_id for one in sold}
    rows = _rows(session, table.edition_id)
    bought = route.product_ids() if route else set()
    said = _summaries(session, run.point.id)
    products = [
        Placed(
            product.id,
            product.sku,
            product.name,
            category or "",
            Place.ON_SITE
            if product.id in offers
            else _kept_off(product, rows.get(product.id), route if product.id in bought else None),
            rows[product.id].price if product.id in rows else None,
            said.get(product.id, ""),
        )
        for product, category in _products(session, bought | rows.keys())
    ]
    return Shelf(table, tuple(sorted(products, key=lambda one: (one.name, one.product_id))))


def _kept_off(product: Product, row: SaleItem | None, route: Route | None) -> Place:
    """Return the first thing that keeps a product off the site; `route` None: it is not bought."""
    if not product.active:
        return Place.INACTIVE
    if route is None:
        return Place.NOT_BOUGHT
    if row is None:
        return Place.NO_ROW
    if not row.on_site:
        return Place.NOT_MARKED
    if row.price is None:
        return Place.TO_PRICE
    price = to_minor(row.price, PRICE_SCALE)
    single = route.unit_price(product.id, price)
    return Place.NOT_BOUGHT if single is None else Place.WITHHELD


def _rows(session: Session, edition_id: int) -> dict[int, SaleItem]:
    wanted = select(SaleItem).where(SaleItem.sale_edition_id == edition_id)
    return {row.product_id: row for row in session.scalars(wanted)}


def _products(session: Session, ids: Iterable[int]) -> Iterable[tuple[Product, str | None]]:
    """Read products with their categories; so many at once that thousands are few statements."""
    wanted = sorted(ids)
    for begin in range(0, len(wanted), _AT_ONCE):
        part = wanted[begin : begin + _AT_ONCE]
        found = (
            select(Product, Category.name)
            .outerjoin(Category, Category.id == Product.category_id)
            .where(Product.id.in_(part))
        )
        yield from session.execute(found).tuples()


def _summaries(session: Session, service_point_id: int) -> Mapping[int, str]:
    wanted = select(ShopProduct.product_id, ShopProduct.summary)
    own = wanted.where(ShopProduct.service_point_id == service_point_id)
    return dict(session.execute(own).tuples().all())


def words_of(session: Session, service_point_id: int, product_id: int) -> tuple[str, str]:
    """Return what a shop says of a product: the line, and the whole."""
    said = session.get(ShopProduct, (service_point_id, product_id))
    return (said.summary, said.details) if said else ("", "")
