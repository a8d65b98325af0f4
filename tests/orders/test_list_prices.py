"""Lines take the sale table's price; discounts come off it, a typed price stands beside it."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.errors import PortalError
from portal.orders.models import OrderLine
from portal.orders.services import place_draft, place_order, quote, save_draft
from portal.periods import Period
from portal.pricing.models import Calculation, EditionItem
from portal.sale_tables import services as sale_tables
from portal.sale_tables.rules import NewRow
from tests.factories import NOON, make_actor
from tests.orders.conftest import Caller
from tests.orders.factories import Shop, make_shop


def list_prices(
    session: Session, shop: Shop, *prices: str | None, channels: tuple[str, ...] = ("back_office",),
    begin: Any = None, off_site: tuple[int, ...] = (),
) -> int:  # fmt: skip
    """Give the shop a sale table; None is to be priced. Return the table's number."""
    by = make_actor()
    wanted = sale_tables.NewSaleTable("Balcão", shop.point.code, channels)
    table = sale_tables.create_table(session, wanted, by=by, at=NOON).table
    rows = [
        NewRow(product.sku, None, None if price is None else Decimal(price), at not in off_site)
        for at, (product, price) in enumerate(zip(shop.products, prices, strict=True))
    ]
    sale_tables.create_and_publish(
        session, table.id, Period(begin or NOON.date(), None), rows, by=by, at=NOON
    )
    session.commit()
    return table.id


@pytest.fixture
def listed(session: Session) -> Shop:
    """A shop that sells at 150.00 and 60.00; the third product is to be priced."""
    shop = make_shop(session)
    list_prices(session, shop, "150", "60", None)
    return shop


def line(session: Session, number: int) -> OrderLine:
    return session.scalars(select(OrderLine).where(OrderLine.order_id == number)).one()


def test_a_line_without_a_price_takes_the_table_s(listed: Shop, session: Session) -> None:
    placed = place_order(session, listed.wanted((0, 2)), by=listed.seller, at=NOON)

    told = placed.body["lines"][0]["sale"]
    assert (told["list_price"], told["unit_price"], told["amount"]) == (
        "150.0000",
        "150.0000",
        "300.00",
    )
    assert [reason["step"] for reason in told["because"]] == ["list"]
    assert "Balcão" in told["because"][0]["text"]
    assert line(session, placed.number).list_price == Decimal("150.0000")


def test_the_seller_s_discount_comes_off_the_table_s_price(listed: Shop, session: Session) -> None:
    placed = place_order(session, listed.wanted((0, 2, None, "5")), by=listed.seller, at=NOON)

    told = placed.body["lines"][0]["sale"]
    assert (told["unit_price"], told["discount_percent"]) == ("142.5000", "5")
    assert [reason["step"] for reason in told["because"]] == ["list", "discount"]


@pytest.mark.parametrize(
    ("discount", "code"), [("10.01", "discount_above_policy"), ("-5.01", "surcharge_above_policy")]
)
def test_discount_and_surcharge_stay_within_the_policy(
    listed: Shop, session: Session, discount: str, code: str
) -> None:
    with pytest.raises(PortalError) as refused:
        place_order(session, listed.wanted((0, 1, None, discount)), by=listed.owner, at=NOON)

    assert refused.value.code == code


def test_a_typed_price_keeps_the_table_s_beside_it(listed: Shop, session: Session) -> None:
    placed = place_order(session, listed.wanted((0, 1, "99")), by=listed.owner, at=NOON)

    told = placed.body["lines"][0]["sale"]
    assert (told["list_price"], told["unit_price"]) == ("150.0000", "99.0000")
    assert [reason["step"] for reason in told["because"]] == ["list", "typed"]


def test_typing_needs_leave_but_the_table_s_price_does_not(session: Session) -> None:
    shop = make_shop(session, free_hand=False)
    list_prices(session, shop, "150", "60", None)

    assert place_order(session, shop.wanted((0, 1)), by=shop.owner, at=NOON).number
    with pytest.raises(PortalError) as refused:
        place_order(session, shop.wanted((0, 1, "99")), by=shop.owner, at=NOON)

    assert refused.value.code == "final_price_not_allowed"


def test_a_typed_total_is_split_by_what_the_lines_would_make(
    listed: Shop, session: Session
) -> None:
    wanted = listed.wanted((0, 2), (1, 1), final_total=Decimal("270.00"))

    placed = place_order(session, wanted, by=listed.owner, at=NOON)

    sold = [told["sale"] for told in placed.body["lines"]]
    assert [one["amount"] for one in sold] == ["225.00", "45.00"]
    assert [one["list_price"] for one in sold] == ["150.0000", "60.0000"]


def test_what_is_to_be_priced_and_what_no_table_has_is_missing_a_price(
    listed: Shop, session: Session
) -> None:
    for wanted in (listed.wanted((2, 1)), make_shop(session).wanted((0, 1))):
        with pytest.raises(PortalError) as refused:
            quote(session, wanted, by=make_actor(), at=NOON)
        assert refused.value.code == "sale_price_missing"


@pytest.mark.parametrize(
    ("who", "code"), [("owner", "below_acquisition"), ("seller", "price_not_allowed")]
)
def test_the_floor_is_the_acquisition_price(session: Session, who: str, code: str) -> None:
    shop = make_shop(session, prices=("80", "33.3333", "0"))
    list_prices(session, shop, "82", "60", None)
    by = make_actor(without=("orders.sell_below_acquisition",), points=(shop.point,))
    by = by if who == "owner" else shop.seller

    with pytest.raises(PortalError) as refused:
        place_order(session, shop.wanted((0, 1, None, "5")), by=by, at=NOON)

    assert refused.value.code == code


def test_a_share_of_the_sale_works_from_the_final_price(session: Session) -> None:
    shop = make_shop(session, calculation=Calculation.PERCENT_OF_SALE)
    session.execute(
        update(EditionItem)
        .where(EditionItem.edition_id == shop.edition.id)
        .values(price=None, percent=Decimal(40), free=False)
    )
    list_prices(session, shop, "150", "60", None)

    placed = place_order(session, shop.wanted((0, 1, None, "10")), by=shop.owner, at=NOON)

    assert placed.body["lines"][0]["acquisition"]["unit_price"] == "54.0000"


def test_a_draft_takes_the_table_s_price_of_the_day_it_is_placed(
    listed: Shop, session: Session
) -> None:
    draft = save_draft(session, listed.wanted((0, 1)), by=listed.owner, at=NOON)
    assert draft.lines[0].list_price is None

    placed = place_draft(session, draft.id, by=listed.owner, at=NOON)

    assert placed.body["totals"]["sale"] == "150.00"
    assert line(session, draft.id).list_price == Decimal("150.0000")


def test_a_quote_for_another_day_takes_that_day_s_table(session: Session) -> None:
    shop = make_shop(session)
    list_prices(session, shop, "150", "60", None, begin=NOON.date().replace(day=20))
    later = NOON.date().replace(day=20)

    found = quote(session, shop.wanted((0, 1), on=later), by=shop.owner, at=NOON)

    assert found.totals.sale == Decimal("150.00")
    with pytest.raises(PortalError):
        quote(session, shop.wanted((0, 1)), by=shop.owner, at=NOON)


@pytest.mark.parametrize(("channel", "price"), [("api", "150.00"), ("site", "140.00")])
def test_the_api_uses_the_counter_s_table_and_the_site_its_own(
    listed: Shop, session: Session, channel: str, price: str
) -> None:
    list_prices(session, listed, "140", "50", None, channels=("site",))

    found = quote(session, listed.wanted((0, 1), channel=channel), by=listed.owner, at=NOON)

    assert found.totals.sale == Decimal(price)


def test_another_system_s_site_order_takes_the_table_as_it_is(
    listed: Shop, session: Session
) -> None:
    list_prices(session, listed, "140", "50", None, channels=("site",), off_site=(1,))
    wanted = listed.wanted((0, 1, "99"), (0, 1, None, "5"), (1, 1), (2, 1), channel="site")

    with pytest.raises(PortalError) as refused:
        place_order(session, wanted, by=listed.owner, at=NOON)

    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("lines[0].unit_price", "final_price_not_allowed"),
        ("lines[1].discount_percent", "discount_above_policy"),
        ("lines[2].sku", "not_on_site"),
        ("lines[3].unit_price", "sale_price_missing"),
    ]


def test_discounts_off_the_list_count_as_guesses_too(
    app: Flask, session: Session, seller: Caller, shop: Shop
) -> None:
    list_prices(session, shop, "84", "60", None)
    lines = [{"sku": shop.products[0].sku, "quantity": "1", "discount_percent": "6"}]
    body = {"service_point": shop.point.code, "channel": "back_office", "lines": lines}

    answers = [seller.post("/orders", body) for _ in range(6)]

    assert [one.json["code"] for one in answers[:5]] == ["price_not_allowed"] * 5
    assert answers[5].status_code == 429


@pytest.mark.engines("mariadb")
def test_list_prices_travel_with_others_and_cost_no_packet(
    session: Session, owner: Caller, shop: Shop, wire: list[str]
) -> None:
    list_prices(session, shop, "150", "60", None)
    body = shop.json((0, "1"))
    owner.post("/orders", body)
    wire.clear()

    placed = owner.post("/orders", body)

    assert placed.json["totals"]["sale"] == "150.00"
    assert len(wire) == 6, "\n".join(text[:80] for text in wire)
    assert sum("sale_items" in text for text in wire) == 1
