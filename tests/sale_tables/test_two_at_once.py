"""Two people at the same instant, and the last instant of a day."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.pricing.models import EditionState
from portal.sale_tables import services
from portal.sale_tables.models import SaleEdition
from portal.sale_tables.queries.prices import load_sale_book
from portal.sale_tables.queries.site import site_offers
from portal.transactions import transact
from tests.pricing.test_two_at_once import at_once
from tests.sale_tables.factories import DAVI, make_sale_edition, make_sale_table, make_shop, row

ROUNDS = 6


def publishing(table: int, draft: int) -> Callable[[], Any]:
    return lambda: transact(services.publish_edition, table, draft, by=DAVI, at=clock.now())


@pytest.mark.engines("sqlite", "mariadb")
@pytest.mark.parametrize("tables", [1, 2], ids=["one table", "two tables of a channel"])
def test_of_two_who_publish_for_the_same_days_one_wins(
    app: Flask, session: Session, tables: int
) -> None:
    pairs = []
    for _ in range(ROUNDS):
        shop = make_shop(session, products=1)
        made = [make_sale_table(session, shop) for _ in range(tables)]
        rows = [row(shop.skus[0], 50)]
        days = (("2026-12-10", "2026-12-20"), ("2026-12-15", "2026-12-31"))
        pair = [
            make_sale_edition(session, table, begin, end, rows, publish=False)
            for table, (begin, end) in zip((made[0], made[-1]), days, strict=True)
        ]
        pairs.append([(draft.sale_table_id, draft.id) for draft in pair])
    session.commit()

    for pair in pairs:
        assert at_once(app, *(publishing(*draft) for draft in pair)) == ["done", "window_overlap"]

    published = select(SaleEdition).where(SaleEdition.state == EditionState.PUBLISHED)
    assert len(session.scalars(published).all()) == ROUNDS


@pytest.mark.parametrize(
    ("instant", "price"),
    [
        ("2026-12-01T02:59:59.999999+00:00", None),
        ("2026-12-01T03:00:00+00:00", 50),
        ("2027-01-01T02:59:59.999999+00:00", 50),
        ("2027-01-01T03:00:00+00:00", None),
    ],
)
def test_prices_change_at_midnight_where_people_live(
    session: Session, instant: str, price: int | None
) -> None:
    shop = make_shop(session, products=1)
    table = make_sale_table(session, shop)
    make_sale_edition(session, table, "2026-12-01", "2026-12-31", [row(shop.skus[0], 50)])
    day = clock.day_of(datetime.fromisoformat(instant))
    product = shop.products[0].id

    book = load_sale_book(
        session, service_point_id=shop.point.id, channel="site", day=day, product_ids=[product]
    )
    offers = site_offers(session, service_point_id=shop.point.id, issuer_id=None, day=day)

    reached = book.reached(product)
    assert (reached.list_price if reached else None) == price
    assert [offer.price for offer in offers] == ([price] if price else [])
