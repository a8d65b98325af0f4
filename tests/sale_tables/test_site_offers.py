"""What a shop may sell: marked, priced, bought through its issuer, and not below what it costs."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Update, update
from sqlalchemy.orm import Session

from portal.money import PRICE_SCALE, from_minor, plain
from portal.sale_tables import services
from portal.sale_tables.errors import (
    BelowNotAllowed,
    SitePriceNotAllowed,
    SoldBelowAcquisition,
)
from portal.sale_tables.models import SaleItem
from portal.sale_tables.queries.site import site_offers
from portal.sale_tables.rules.rows import StoredRow
from tests.factories import NOON
from tests.pricing.factories import (
    make_assignment,
    make_edition,
    make_issuer,
    make_point,
    make_product,
    make_table,
)
from tests.sale_tables.factories import (
    DAVI,
    Shop,
    buy_from,
    make_actor,
    make_sale_edition,
    make_sale_table,
    make_shop,
    row,
    statements,
    stored,
)

DAY = date(2026, 12, 1)
NOT_BELOW = make_actor(without=["orders.sell_below_acquisition"])


def offered(
    session: Session,
    shop: Shop,
    day: str = "2026-12-01",
    *,
    issuer_id: int | None = None,
    skus: list[str] | None = None,
) -> dict[str, str]:
    """Return the prices that the shop shows, by SKU."""
    offers = site_offers(
        session,
        service_point_id=shop.point.id,
        issuer_id=issuer_id,
        day=date.fromisoformat(day),
        skus=skus,
    )
    return {offer.sku: plain(offer.price) for offer in offers}


def test_a_shop_sells_what_is_priced_and_marked_as_on_site(session: Session) -> None:
    shop = make_shop(session, products=4)
    table = make_sale_table(session, shop, "site")
    sale, suggested, hidden, unpriced = shop.skus
    make_sale_edition(
        session, table, "2026-12-01",
        rows=[
            row(sale, "99.9", suggested="120"), row(suggested, suggested="25.5"),
            row(hidden, 50, on_site=False), row(unpriced),
        ],
    )  # fmt: skip

    assert offered(session, shop) == {sale: "99.9", suggested: "25.5"}
    assert offered(session, shop, skus=[suggested, hidden, "NOWHERE"]) == {suggested: "25.5"}
    assert offered(session, shop, skus=[]) == {}
    assert offered(session, shop, "2026-11-30") == {}


def test_a_table_of_the_back_office_alone_sells_nothing_on_the_site(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop, "back_office")
    make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 99)])

    assert offered(session, shop) == {}


def test_what_is_no_longer_sold_or_whose_seller_is_gone_is_not_offered(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop, "site")
    make_sale_edition(session, table, "2026-12-01", rows=[row(sku, 99) for sku in shop.skus])

    shop.products[0].active = False
    session.flush()
    assert set(offered(session, shop)) == set(shop.skus[1:])
    shop.point.active = False
    session.flush()
    assert offered(session, shop) == {}


def test_a_product_that_leaves_the_portfolio_stops_being_sold_at_once(session: Session) -> None:
    shop = make_shop(session, products=2)
    table = make_sale_table(session, shop, "site")
    make_sale_edition(session, table, "2026-12-01", rows=[row(sku, 99) for sku in shop.skus])
    buy_from(session, shop, "2026-12-10", [(shop.products[1], 20)])

    assert set(offered(session, shop, "2026-12-09")) == set(shop.skus)
    assert set(offered(session, shop, "2026-12-10")) == {shop.skus[1]}


def test_the_issuer_of_the_shop_decides_what_it_may_sell_and_what_it_costs(
    session: Session,
) -> None:
    point = make_point(session)
    cheap, dear, idle = make_issuer(session), make_issuer(session), make_issuer(session)
    idle.active = False
    product, other = make_product(session), make_product(session)
    make_assignment(session, point)
    for issuer, items in (
        (cheap, [(product, 50), (other, 50)]), (dear, [(product, 90)]), (idle, [(product, 1)]),
    ):  # fmt: skip
        table = make_table(session, of=point, issuer=issuer)
        make_edition(session, table, "2026-01-01", None, items)
    shop = Shop(point, make_table(session), [product, other])
    sale = make_sale_table(session, shop, "site")
    make_sale_edition(session, sale, "2026-12-01", rows=[row(product.sku, 80), row(other.sku, 60)])
    session.execute(unconfirmed())

    assert set(offered(session, shop, issuer_id=cheap.id)) == {product.sku, other.sku}
    assert offered(session, shop, issuer_id=dear.id) == {}
    assert offered(session, shop, issuer_id=idle.id) == {}
    assert offered(session, shop) == {}


def test_only_what_is_bought_by_the_single_piece_is_offered(session: Session) -> None:
    shop = make_shop(session, products=1)
    bulk = make_product(session)
    buy_from(session, shop, "2026-12-01", [(shop.products[0], 10), (bulk, 10, 5)])
    table = make_sale_table(session, shop, "site")
    rows = [row(shop.skus[0], 99), row(bulk.sku, 99)]
    make_sale_edition(session, table, "2026-12-01", rows=rows)

    assert set(offered(session, shop)) == {shop.skus[0]}


def test_publishing_below_acquisition_takes_the_permission_and_confirms_it(
    session: Session,
) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop, "site")
    rows = [row(shop.skus[0], "9.9999"), row(shop.skus[1], 20), row(shop.skus[2], 1, on_site=False)]
    draft = make_sale_edition(session, table, "2026-12-01", rows=rows, publish=False)

    with pytest.raises(SoldBelowAcquisition) as refusal:
        services.publish_edition(session, table.id, draft.id, by=NOT_BELOW, at=NOON)
    assert [problem.facts for problem in refusal.value.problems] == [{"sku": shop.skus[0]}]
    services.publish_edition(session, table.id, draft.id, by=DAVI, at=NOON)

    assert offered(session, shop) == {shop.skus[0]: "9.9999", shop.skus[1]: "20"}
    kept = stored(session, draft)[shop.products[0].id]
    assert (kept.confirmed_acquisition, kept.confirmed_by) == (Decimal(10), 8)


def test_who_may_not_see_acquisition_prices_is_not_told_which(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop, "site")
    draft = make_sale_edition(
        session, table, "2026-12-01", rows=[row(shop.skus[0], 9)], publish=False
    )
    blind = make_actor(without=["orders.sell_below_acquisition", "costs.view"])

    with pytest.raises(SitePriceNotAllowed) as refusal:
        services.publish_edition(session, table.id, draft.id, by=blind, at=NOON)

    assert (refusal.value.problems, refusal.value.facts) == ((), {})


def test_a_price_that_falls_below_later_leaves_the_site_until_it_is_confirmed(
    session: Session,
) -> None:
    shop = make_shop(session, products=1)
    table = make_sale_table(session, shop, "site")
    sku = shop.skus[0]
    edition = make_sale_edition(session, table, "2026-12-01", rows=[row(sku, 15)])
    buy_from(session, shop, "2026-12-01", [(shop.products[0], 16)])
    assert offered(session, shop) == {}

    with pytest.raises(BelowNotAllowed):
        services.confirm_below(session, table.id, edition.id, [sku], by=NOT_BELOW, at=NOON)
    assert services.confirm_below(session, table.id, edition.id, [sku], by=DAVI, at=NOON) == 1
    assert services.confirm_below(session, table.id, edition.id, [sku], by=DAVI, at=NOON) == 0

    assert offered(session, shop) == {sku: "15"}
    buy_from(session, shop, "2026-12-05", [(shop.products[0], 17)])
    assert offered(session, shop, "2026-12-04") == {sku: "15"}
    assert offered(session, shop, "2026-12-05") == {}


def test_a_percentage_of_the_sale_price_is_below_it_up_to_a_hundred(session: Session) -> None:
    point = make_point(session)
    products = [make_product(session) for _ in range(2)]
    share = make_table(session, calculation="percent_of_sale")
    make_edition(session, share, "2026-01-01", None, [(products[0], 100), (products[1], "100.01")])
    make_assignment(session, point, share)
    shop = Shop(point, share, products)
    table = make_sale_table(session, shop, "site")
    make_sale_edition(session, table, "2026-12-01", rows=[row(one.sku, 50) for one in products])
    session.execute(unconfirmed())

    assert set(offered(session, shop)) == {products[0].sku}


@given(
    price=st.integers(1, 10_000),
    acquisition=st.integers(0, 10_000),
    confirmed=st.none() | st.integers(0, 10_000),
)
@settings(max_examples=300)
def test_a_row_covers_its_price_and_what_was_agreed_and_nothing_above(
    price: int, acquisition: int, confirmed: int | None
) -> None:
    stands = StoredRow(1, None, price, True, confirmed)

    assert stands.covers(acquisition) is (acquisition <= price or acquisition <= (confirmed or 0))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prices=st.lists(st.integers(1, 600_000), min_size=3, max_size=3))
def test_no_shop_offers_below_acquisition_what_nobody_confirmed(
    session: Session, prices: list[int]
) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop, "site")
    rows = [
        row(sku, from_minor(price, PRICE_SCALE))
        for sku, price in zip(shop.skus, prices, strict=True)
    ]
    make_sale_edition(session, table, "2026-12-01", rows=rows)
    session.execute(unconfirmed())

    costs = (100_000, 200_000, 300_000)
    enough = {
        sku for sku, price, cost in zip(shop.skus, prices, costs, strict=True) if price >= cost
    }
    assert set(offered(session, shop)) == enough


@pytest.mark.parametrize("count", [1, 60])
def test_reading_a_shop_takes_the_same_statements_for_any_number_of_products(
    session: Session, engine: Engine, count: int
) -> None:
    shop = make_shop(session, products=count)
    above = make_table(session, base=shop.bought, percent=Decimal(0))
    make_edition(session, above, "2026-01-01")
    point = make_point(session)
    make_assignment(session, point, above)
    shop = Shop(point, above, shop.products)
    table = make_sale_table(session, shop, "site")
    make_sale_edition(session, table, "2026-12-01", rows=[row(sku, 5_000) for sku in shop.skus])
    session.flush()

    with statements(engine) as sent:
        offers = site_offers(session, service_point_id=point.id, issuer_id=None, day=DAY)

    assert len(offers) == count
    assert len(sent) == 5


def unconfirmed() -> Update:
    """Forget what was confirmed when it was published."""
    return update(SaleItem).values(confirmed_acquisition=None, confirmed_at=None)
