"""What the demo sells: sale tables of service points, and shops with visitors' orders."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.catalogue.models import Issuer
from portal.cli.demo import products, sales
from portal.mail.models import Mail
from portal.orders.models import Order
from portal.partners.models import ServicePoint
from portal.payments.models import Refund
from portal.sale_tables.models import SaleEdition, SaleItem, SaleTable
from portal.sale_tables.queries.below import below_rows
from portal.sale_tables.queries.site import site_offers
from portal.storefronts.models import ShopDay
from tests.cli.conftest import count
from tests.factories import make_actor

pytestmark = pytest.mark.xdist_group("demo")  # so that one worker loads it, once
TODAY = date(2026, 12, 1)


def test_sale_tables_are_past_present_and_to_come_and_one_has_products_to_price(
    demo: Session,
) -> None:
    table = demo.scalars(
        select(SaleTable).where(SaleTable.name == "Loja virtual", SaleTable.site)
    ).one()
    begins = demo.scalars(
        select(SaleEdition.valid_from)
        .where(SaleEdition.sale_table_id == table.id, SaleEdition.state == "published")
        .order_by(SaleEdition.valid_from)
    ).all()
    unpriced = select(SaleTable.id).join(SaleEdition).join(SaleItem)
    unpriced = unpriced.where(
        SaleItem.sale_price.is_(None),
        SaleItem.suggested_price.is_(None),
        SaleTable.service_point.has(ServicePoint.code == sales.TO_PRICE),
    )

    assert begins == [date(2026, 10, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert len(demo.scalars(unpriced).all()) > 5
    assert count(demo, SaleTable) == 6


def test_some_sale_prices_have_fallen_below_acquisition_and_left_the_site(demo: Session) -> None:
    by = make_actor()
    table = demo.scalars(
        select(SaleTable).where(SaleTable.service_point.has(ServicePoint.code == sales.BELOW))
    ).one()
    (edition,) = demo.scalars(select(SaleEdition).where(SaleEdition.sale_table_id == table.id))

    below = below_rows(demo, by, table, edition, TODAY)
    offers = site_offers(demo, service_point_id=table.service_point_id, issuer_id=None, day=TODAY)
    aurora = demo.scalars(select(Issuer.id).where(Issuer.code == products.AURORA)).one()
    sold = site_offers(demo, service_point_id=table.service_point_id, issuer_id=aurora, day=TODAY)

    assert sorted(row.sku for row in below) == sorted(sales.NARROW)
    assert all(row.left_site for row in below)
    assert not {offer.sku for offer in sold} & set(sales.NARROW)
    assert len(sold) > 10
    assert len(offers) > 5


def test_shops_are_open_and_visitors_have_ordered_in_each_state(demo: Session) -> None:
    open_shops = demo.scalars(
        select(ServicePoint.code).where(ServicePoint.shop_enabled).order_by(ServicePoint.code)
    ).all()
    states = select(Order.status, ServicePoint.code).join(Order.service_point)
    found = set(demo.execute(states.where(Order.channel == "site")).tuples())

    assert open_shops == ["PA-0001", "PA-0007", "PA-0013"]
    assert found == {
        ("awaiting_payment", "PA-0001"), ("placed", "PA-0001"), ("fulfilled", "PA-0001"),
        ("cancelled", "PA-0001"), ("lapsed", "PA-0001"), ("awaiting_credit", "PA-0013"),
    }  # fmt: skip
    assert count(demo, Refund) == 1
    assert count(demo, ShopDay) == 3 * 22
    assert count(demo, Mail) > 20
