"""A shop's visitor orders: at the shop's prices, and nothing is debited before the money comes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import PortalError
from portal.orders.errors import PriceChanged
from portal.orders.models import Order, OrderState
from portal.orders.services.site import create_site_order
from portal.sale_tables import services as sale_tables
from tests.factories import NOON, make_actor, make_product
from tests.orders.web_shops import WebShop, later


def test_an_order_of_the_site_waits_for_its_payment(web_shop: WebShop, session: Session) -> None:
    made = web_shop.order(session, (0, 2), (1, "1.5"))

    order = web_shop.seen(session, made)
    assert (order.status, order.channel) == ("awaiting_payment", "site")
    assert order.sale_total == made.total == Decimal("390.00")
    assert (order.acquisition_total, order.placed_at, order.day) == (None, None, None)
    assert order.pay_until == made.pay_until == NOON + timedelta(hours=24)
    assert [(line.sale_unit_price, line.sale_amount) for line in order.lines] == [
        (Decimal("150.0000"), Decimal("300.00")),
        (Decimal("60.0000"), Decimal("90.00")),
    ]
    assert "Site" in str(order.lines[0].sale_because)
    assert web_shop.account(session).balance == 100_000


def test_the_charge_asks_for_the_total_until_the_order_lapses(
    web_shop: WebShop, session: Session
) -> None:
    made = web_shop.order(session)

    charge = web_shop.charge(session, made)
    assert (charge.amount, charge.payee, charge.status) == (
        Decimal("300.00"),
        "service_point",
        "pending",
    )
    assert (charge.subject_type, charge.subject_id) == ("order", made.order_id)
    assert charge.expires_at == made.pay_until


def test_the_buyer_is_kept_beside_the_order_and_out_of_the_trail(
    web_shop: WebShop, session: Session
) -> None:
    made = web_shop.order(session)

    buyer = web_shop.buyer(session, made)
    assert (buyer.name, buyer.tax_id, buyer.language) == ("Lia Prado", "52998224725", "pt_BR")
    assert len(made.link) >= 32
    assert made.link == buyer.link
    for told in session.scalars(select(func.coalesce(Deed.after, ""))):
        assert buyer.tax_id not in told
        assert buyer.email not in told
        assert made.link not in told


def test_links_are_never_alike(web_shop: WebShop, session: Session) -> None:
    links = {web_shop.order(session).link for _ in range(5)}

    assert len(links) == 5
    assert len({link[:6] for link in links}) == 5


def test_a_lower_total_is_passed_on(web_shop: WebShop, session: Session) -> None:
    made = web_shop.order(session, seen="300.01")

    assert made.total == Decimal("300.00")


def test_a_higher_total_asks_for_consent_and_stores_nothing(
    web_shop: WebShop, session: Session
) -> None:
    with pytest.raises(PriceChanged) as refused:
        create_site_order(session, web_shop.wanted(seen="299.99"), at=NOON)

    assert refused.value.facts == {"old": Decimal("299.99"), "new": Decimal("300.00")}
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def deactivate(shop: WebShop, session: Session) -> None:
    shop.shop.products[0].active = False


def leave_the_portfolio(shop: WebShop, session: Session) -> None:
    shop.cost(session, None, "5", "5")


def cost_more_than_it_sells_for(shop: WebShop, session: Session) -> None:
    shop.cost(session, "151", "5", "5")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (deactivate, "product_inactive"),
        (leave_the_portfolio, "not_in_portfolio"),
        (cost_more_than_it_sells_for, "not_on_site"),
        (lambda shop, session: shop.sell_at(session, None, "60", None), "not_on_site"),
    ],
    ids=["inactive", "left", "fell below", "taken off"],
)
def test_what_the_shop_does_not_sell_is_refused(
    web_shop: WebShop,
    session: Session,
    change: Callable[[WebShop, Session], None],
    code: str,
) -> None:
    change(web_shop, session)

    with pytest.raises(PortalError) as refused:
        create_site_order(session, web_shop.wanted(), at=NOON)

    assert refused.value.code == code
    assert [problem.field for problem in refused.value.problems] == ["lines[0].sku"]


def test_what_fell_below_acquisition_is_sold_again_once_confirmed(
    web_shop: WebShop, session: Session
) -> None:
    cost_more_than_it_sells_for(web_shop, session)
    edition = web_shop.edition(session)
    skus = [web_shop.shop.products[0].sku]
    sale_tables.confirm_below(session, web_shop.table_id, edition, skus, by=make_actor(), at=NOON)

    assert web_shop.order(session).total == Decimal("300.00")


def test_an_unknown_product_and_a_fraction_are_refused_line_by_line(
    web_shop: WebShop, session: Session
) -> None:
    stranger = make_product(session)
    wanted = web_shop.wanted((0, "1.5"))
    lines = [*wanted.lines, (stranger.sku, Decimal(1)), ("NO-SUCH", Decimal(1))]

    with pytest.raises(PortalError) as refused:
        create_site_order(session, web_shop.wanted_of(lines), at=NOON)

    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("lines[0].quantity", "quantity_not_whole"),
        ("lines[1].sku", "not_on_site"),
        ("lines[2].sku", "unknown_product"),
    ]


def test_a_closed_service_point_takes_no_orders(web_shop: WebShop, session: Session) -> None:
    web_shop.shop.point.active = False
    session.flush()

    with pytest.raises(PortalError) as refused:
        create_site_order(session, web_shop.wanted(), at=NOON)

    assert refused.value.code == "service_point_inactive"


def test_an_order_past_its_time_reads_as_lapsed_before_any_job(
    web_shop: WebShop, session: Session
) -> None:
    order = web_shop.seen(session, web_shop.order(session, pay_within=timedelta(minutes=30)))

    assert order.state_at(later(minutes=29, seconds=59)) is OrderState.AWAITING_PAYMENT
    assert order.state_at(later(minutes=30)) is OrderState.LAPSED
    assert order.state is OrderState.AWAITING_PAYMENT
