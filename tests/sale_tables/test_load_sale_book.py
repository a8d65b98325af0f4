"""The sale prices of a day, read in one statement."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.sale_tables.queries.prices import load_sale_book
from portal.sale_tables.rules import SaleBook
from tests.sale_tables.factories import (
    Shop,
    make_sale_edition,
    make_sale_table,
    make_shop,
    row,
    statements,
)

DAY = date(2026, 12, 1)


def book(session: Session, shop: Shop, channel: str = "back_office", day: date = DAY) -> SaleBook:
    return load_sale_book(
        session, service_point_id=shop.point.id, channel=channel, day=day,
        product_ids=[product.id for product in shop.products],
    )  # fmt: skip


def test_the_price_is_the_sale_price_else_the_suggested_one(session: Session) -> None:
    shop = make_shop(session, products=4)
    table = make_sale_table(session, shop)
    both, suggested, unpriced, _left = shop.products
    edition = make_sale_edition(
        session, table, "2026-12-01",
        rows=[
            row(both.sku, "12.34", suggested="15"),
            row(suggested.sku, suggested="25.5", on_site=False),
            row(unpriced.sku),
        ],
    )  # fmt: skip

    read = book(session, shop)

    rows = [read.reached(product.id) for product in shop.products]
    assert [(one.list_price, one.on_site) for one in rows if one] == [
        (Decimal("12.3400"), True), (Decimal("25.5000"), False), (None, True), (None, False),
    ]  # fmt: skip
    assert rows[0] is not None
    assert rows[0][2:] == (None, table.id, "Balcão", edition.id, edition.number)


@pytest.mark.parametrize(
    ("channel", "price"), [("back_office", "50"), ("api", "50"), ("site", "60")]
)
def test_each_channel_has_its_table_and_other_systems_use_the_back_offices(
    session: Session, channel: str, price: str
) -> None:
    shop = make_shop(session)
    for name, figure in (("back_office", 50), ("site", 60)):
        table = make_sale_table(session, shop, name)
        make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], figure)])

    reached = book(session, shop, channel).reached(shop.products[0].id)

    assert reached is not None
    assert reached.list_price == Decimal(price)


@pytest.mark.parametrize(
    ("day", "price"),
    [
        ("2026-11-30", None), ("2026-12-01", "50"), ("2026-12-14", "50"), ("2026-12-15", "60"),
        ("2026-12-31", "60"), ("2027-01-01", None),
    ],
)  # fmt: skip
def test_an_edition_holds_from_its_first_through_its_last_day(
    session: Session, day: str, price: str | None
) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 50)])
    make_sale_edition(session, table, "2026-12-15", "2026-12-31", rows=[row(shop.skus[0], 60)])
    make_sale_edition(session, table, "2027-01-01", rows=[row(shop.skus[0], 9)], publish=False)

    read = book(session, shop, day=date.fromisoformat(day))

    reached = read.reached(shop.products[0].id)
    assert (reached.list_price if reached else None) == (Decimal(price) if price else None)
    assert (read.table is None) is (price is None)


def test_a_table_in_force_without_the_product_has_no_row_for_it(session: Session) -> None:
    shop = make_shop(session, products=1)
    table = make_sale_table(session, shop)
    make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 50)])

    read = load_sale_book(
        session, service_point_id=shop.point.id, channel="site", day=DAY, product_ids=[987654]
    )

    assert read.table is not None
    assert (read.table.name, read.table.valid_from, read.table.valid_until) == ("Balcão", DAY, None)
    assert read.reached(987654) is None


@pytest.mark.parametrize("count", [0, 1, 200])
def test_reading_is_one_statement_for_any_number_of_lines(
    session: Session, engine: Engine, count: int
) -> None:
    shop = make_shop(session, products=max(count, 1))
    table = make_sale_table(session, shop)
    make_sale_edition(session, table, "2026-12-01", rows=[row(sku, 5_000) for sku in shop.skus])
    wanted = [product.id for product in shop.products[:count]]

    with statements(engine) as sent:
        read = load_sale_book(
            session, service_point_id=shop.point.id, channel="site", day=DAY, product_ids=wanted
        )

    assert len(sent) == 1
    assert len(read.rows) == count
