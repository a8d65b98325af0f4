"""What a shop may sell on a day: a constant number of statements, and no acquisition price."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.db import Sql, connection_of
from portal.money import PRICE_SCALE, from_minor
from portal.pricing.queries.portfolio import load_route
from portal.sale_tables.queries.prices import IN_FORCE
from portal.sale_tables.rules.rows import StoredRow

_PRICE = "COALESCE(r.sale_price, r.suggested_price)"
_COLUMNS = f"p.id, p.sku, p.name, c.name, p.fractional, {_PRICE}, r.confirmed_acquisition"
_ON_SITE = f"""{IN_FORCE} JOIN service_points s ON s.id = t.service_point_id
    JOIN sale_items r ON r.sale_edition_id = e.id
    JOIN products p ON p.id = r.product_id LEFT JOIN categories c ON c.id = p.category_id
    WHERE t.service_point_id = :service_point AND t.site AND s.active AND p.active
    AND r.on_site AND {_PRICE} IS NOT NULL"""


class Offer(NamedTuple):
    """A product that a shop sells, and for how much."""

    product_id: int
    sku: str
    name: str
    category: str | None
    fractional: bool
    price: Decimal


def site_offers(
    connection_or_session: Connection | Session,
    *,
    service_point_id: int,
    issuer_id: int | None,
    day: date,
    skus: Collection[str] | None = None,
) -> list[Offer]:
    """Return what a shop may sell on a day, by name; with `skus` no others are looked at.

    It is marked as on site and priced, sold at all, to be bought through that issuer on that day
    in single pieces, and not below its acquisition price unless someone has confirmed it.
    """
    connection = connection_of(connection_or_session)
    marks = {f"k{at}": sku for at, sku in enumerate(dict.fromkeys(skus or ()))}
    if skus is not None and not marks:
        return []
    rows = _statement(len(marks)).packed(
        connection, service_point=service_point_id, day=day, **marks
    )
    route = load_route(
        connection,
        service_point_id=service_point_id,
        issuer_id=issuer_id,
        day=day,
        product_ids=[row[0] for row in rows],
    )
    if route is None:
        return []
    offers: list[Offer] = []
    for number, sku, name, category, fractional, price, confirmed in rows:
        acquisition = route.unit_price(number, price)
        row = StoredRow(number, sale_price=price, on_site=True, confirmed=confirmed)
        if acquisition is not None and row.covers(acquisition):
            figure = from_minor(price, PRICE_SCALE)
            offers.append(Offer(number, sku, name, category, bool(fractional), figure))
    return offers


@lru_cache(maxsize=128)
def _statement(skus: int) -> Sql:
    marks = ", ".join(f":k{at}" for at in range(skus))
    narrowed = f" AND p.sku IN ({marks})" if skus else ""
    return Sql(
        f"SELECT json_array({_COLUMNS}) FROM {_ON_SITE} "  # noqa: S608 - names from code, values bound
        f"{narrowed} ORDER BY p.name, p.id"
    )
