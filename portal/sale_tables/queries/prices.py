"""Reading the sale prices of a day: one statement, whatever the number of lines."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from portal.db import Sql, as_day, connection_of
from portal.money import PRICE_SCALE, from_minor
from portal.periods import FOREVER
from portal.pricing.queries import FEW_LINES
from portal.sale_tables.models import Channel
from portal.sale_tables.rules.book import SaleBook, SaleRow, TableInForce
from portal.wire import Carrier, Ran, Ready, send_together, unpacked

_COLUMNS = """t.id, t.name, e.id, e.number, e.valid_from, e.valid_until,
    r.product_id, r.suggested_price, r.sale_price, r.on_site, r.confirmed_acquisition"""
IN_FORCE = """sale_tables t JOIN sale_editions e ON e.sale_table_id = t.id
    AND e.state = 'published' AND e.valid_from <= :day AND e.valid_until >= :day"""


@lru_cache(maxsize=512)
def _statement(products: int, *, site: bool) -> Sql:
    marks = ", ".join(f":p{at}" for at in range(products)) or "NULL"
    sold = "t.site" if site else "t.back_office"
    return Sql(
        f"SELECT json_array({_COLUMNS}) FROM {IN_FORCE} "  # noqa: S608 - names from code, values bound
        f"LEFT JOIN sale_items r ON r.sale_edition_id = e.id AND r.product_id IN ({marks}) "
        f"WHERE t.service_point_id = :service_point AND {sold}",
        prepare=products <= FEW_LINES,
    )


def load_sale_book(
    connection_or_session: Carrier | Session,
    *,
    service_point_id: int,
    channel: str,
    day: date,
    product_ids: Iterable[int],
) -> SaleBook:
    """Read the list prices of products at a service point, in a channel, on a day.

    Channel `api` uses the back office's tables.
    """
    connection = connection_of(connection_or_session)
    asked = asking(
        connection,
        service_point_id=service_point_id,
        channel=channel,
        day=day,
        product_ids=product_ids,
    )
    return told(send_together(connection, [asked])[0], channel=channel, day=day)


def asking(
    connection: Carrier,
    *,
    service_point_id: int,
    channel: str,
    day: date,
    product_ids: Iterable[int],
) -> Ready:
    """Return the statement alone, to be sent together with others; `told` reads its answer."""
    products = sorted(set(product_ids))
    marks = {f"p{at}": product for at, product in enumerate(products)}
    statement = _statement(len(products), site=channel == Channel.SITE)
    return statement.ready(connection, service_point=service_point_id, day=day, **marks)


def told(answer: Ran, *, channel: str, day: date) -> SaleBook:
    """Read what `asking` brought."""
    rows = unpacked(answer)
    if not rows:
        return SaleBook(day, channel)
    number, name, edition, edition_number, begin, end = rows[0][:6]
    table = TableInForce(number, name, edition, edition_number, as_day(begin), _last(end))
    found = {row[6]: _row(table, row[7:]) for row in rows if row[6] is not None}
    return SaleBook(day, channel, table, found)


def _row(table: TableInForce, row: Sequence[Any]) -> SaleRow:
    suggested, sale, on_site, confirmed = row
    price = suggested if sale is None else sale
    return SaleRow(
        None if price is None else from_minor(price, PRICE_SCALE),
        bool(on_site),
        None if confirmed is None else from_minor(confirmed, PRICE_SCALE),
        table.id,
        table.name,
        table.edition_id,
        table.edition_number,
    )


def _last(text: str) -> date | None:
    day = as_day(text)
    return None if day == FOREVER else day
