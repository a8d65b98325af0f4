from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.credit.errors import InsufficientCredit
from portal.credit.models import Entry
from portal.errors import Refused
from portal.orders.errors import (
    BalanceNotAllowed,
    BelowAcquisition,
    FinalPriceNotAllowed,
    FinalTotalNotAllowed,
    IssuerInactive,
    PriceChanged,
    PriceNotAllowed,
    ProductInactive,
    ServicePointInactive,
    TooManyPrices,
    UnknownIssuer,
    WalletNeedsCustomer,
)
from portal.orders.models import Order, OrderLine
from portal.orders.queries.orders import order_of
from portal.orders.queries.wallets import debit_of
from portal.orders.rules import Payment, WantedLine
from portal.orders.rules.answers import stored_order_body
from portal.orders.services import note_refused_price, place_order
from portal.partners.errors import NoSuchServicePoint
from portal.pricing.errors import NoPrice, NotInPortfolio
from tests.factories import NOON, make_actor, make_product
from tests.orders.factories import SELLER, balance, grant, make_shop
from tests.pricing.factories import make_edition


def test_placing_prices_stores_and_debits_in_one_go(session: Session) -> None:
    shop = make_shop(session)

    placed = place_order(
        session, shop.wanted((0, "2", "150"), (1, "1.5", "99.99")), by=shop.owner, at=NOON
    )

    assert placed.body["totals"] == {"acquisition": "210.00", "sale": "449.99", "margin": "239.99"}
    assert placed.body["lines"][0]["acquisition"]["unit_price"] == "80.0000"
    assert placed.body["lines"][0]["acquisition"]["edition"] == shop.edition.id
    assert placed.body["credit"]["debited"] == "210.00"
    assert placed.body["credit"]["balance"] == "790.00"
    assert balance(session, shop.account_id) == Decimal("790.00")


def test_an_order_carries_its_debit_and_the_debit_its_order(session: Session) -> None:
    shop = make_shop(session)

    placed = place_order(session, shop.wanted(), by=shop.owner, at=NOON)

    entry = session.scalars(select(Entry).where(Entry.order_id == placed.number)).one()
    deed = session.get_one(Deed, entry.deed_id)
    assert placed.body["credit"]["transaction"] == deed.id
    assert (deed.action, deed.entity_id) == ("order.placed", str(placed.number))
    assert deed.actor_id == shop.owner.user_id


def test_what_is_read_later_is_what_was_answered(session: Session) -> None:
    shop = make_shop(session)
    wanted = shop.wanted(
        (0, "2", "150"),
        (1, "0.125", "80"),
        issuer=shop.issuer.code,
        external_reference="ERP-1",
        payments=[Payment("pix", Decimal("310.00"))],
    )

    placed = place_order(session, wanted, by=shop.owner, at=NOON)

    order = order_of(session, shop.owner, placed.number)
    assert stored_order_body(order, debit_of(session, order.id)) == placed.body


def test_credit_from_two_lots_is_told_lot_by_lot(session: Session) -> None:
    shop = make_shop(session, credit_of=None)
    _, first = grant(session, shop.account_id, "100", date(2026, 12, 31))
    _, second = grant(session, shop.account_id, "100")

    placed = place_order(session, shop.wanted((0, "2", "150")), by=shop.owner, at=NOON)

    assert placed.body["credit"]["lots"] == [
        {"lot": first, "amount": "100.00"},
        {"lot": second, "amount": "60.00"},
    ]


def test_without_enough_credit_nothing_is_stored_and_the_refusal_says_how_much_is_missing(
    session: Session,
) -> None:
    shop = make_shop(session, credit_of="159.99")
    session.commit()

    with pytest.raises(InsufficientCredit) as refusal:
        place_order(session, shop.wanted((0, "2", "150")), by=shop.owner, at=NOON)
    session.rollback()

    assert refusal.value.facts == {"shortfall": Decimal("0.01"), "available": Decimal("159.99")}
    assert session.scalar(select(func.count()).select_from(Order)) == 0
    assert balance(session, shop.account_id) == Decimal("159.99")


def test_what_is_free_is_placed_without_a_debit(session: Session) -> None:
    shop = make_shop(session, credit_of=None)

    placed = place_order(session, shop.wanted((2, "3", "10")), by=shop.owner, at=NOON)

    assert "credit" not in placed.body
    assert placed.body["totals"]["margin"] == "30.00"
    assert session.scalar(select(func.count()).select_from(Entry)) == 0


def test_all_refused_lines_are_named_and_the_first_gives_the_code(session: Session) -> None:
    shop = make_shop(session)
    stranger = WantedLine("NOT-THERE", Decimal(1), Decimal(10))
    wanted = shop.wanted(lines=[shop.line(0, "1"), stranger, shop.line(0, "1.5", "100")])

    with pytest.raises(Refused) as refusal:
        place_order(session, wanted, by=shop.owner, at=NOON)

    assert refusal.value.code == "sale_price_missing"
    assert [(one.field, one.code) for one in refusal.value.problems] == [
        ("lines[0].unit_price", "sale_price_missing"),
        ("lines[1].sku", "unknown_product"),
        ("lines[2].quantity", "quantity_not_whole"),
    ]


def test_a_product_missing_from_the_edition_and_a_day_without_edition_are_told_apart(
    session: Session,
) -> None:
    shop = make_shop(session)
    other = WantedLine(make_product(session).sku, Decimal(1), Decimal(10))

    with pytest.raises(NotInPortfolio):
        place_order(session, shop.wanted(lines=[other]), by=shop.owner, at=NOON)
    with pytest.raises(NoPrice):
        place_order(session, shop.wanted(), by=shop.owner, at=NOON.replace(year=2024))


def test_what_cannot_be_bought_is_told_before_a_sale_price_is_asked_for(session: Session) -> None:
    shop = make_shop(session)
    other = WantedLine(make_product(session).sku, Decimal(1))

    with pytest.raises(NotInPortfolio):
        place_order(session, shop.wanted(lines=[other]), by=shop.owner, at=NOON)
    with pytest.raises(NoPrice):
        place_order(session, shop.wanted((0, "1")), by=shop.owner, at=NOON.replace(year=2024))


def test_a_product_no_longer_sold_is_refused(session: Session) -> None:
    shop = make_shop(session)
    shop.products[0].active = False
    session.flush()

    with pytest.raises(ProductInactive):
        place_order(session, shop.wanted(), by=shop.owner, at=NOON)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"issuer": "NOBODY"}, UnknownIssuer),
        ({"payments": [Payment("pix", Decimal("299.99"))]}, BalanceNotAllowed),
        ({"payments": []}, BalanceNotAllowed),
        ({"payments": [Payment("wallet", Decimal(300))]}, WalletNeedsCustomer),
        ({"expected_total": Decimal("299.99")}, PriceChanged),
    ],
)
def test_an_order_is_refused_for_what_it_says_of_itself(
    session: Session, facts: dict[str, object], reason: type[Exception]
) -> None:
    shop = make_shop(session)

    with pytest.raises(reason):
        place_order(session, shop.wanted((0, "2", "150"), **facts), by=shop.owner, at=NOON)


def test_a_total_that_fell_is_passed_on(session: Session) -> None:
    shop = make_shop(session)
    wanted = shop.wanted((0, "2", "150"), expected_total=Decimal("300.01"))

    placed = place_order(session, wanted, by=shop.owner, at=NOON)

    assert placed.body["totals"]["sale"] == "300.00"


def test_inactive_service_points_and_issuers_order_nothing(session: Session) -> None:
    shop = make_shop(session)
    shop.issuer.active = False
    session.flush()

    with pytest.raises(IssuerInactive):
        place_order(session, shop.wanted(issuer=shop.issuer.code), by=shop.owner, at=NOON)

    shop.point.active = False
    session.flush()
    with pytest.raises(ServicePointInactive):
        place_order(session, shop.wanted(), by=shop.owner, at=NOON)


def test_a_strangers_service_point_is_not_there(session: Session) -> None:
    shop, other = make_shop(session), make_shop(session)

    with pytest.raises(NoSuchServicePoint):
        place_order(session, shop.wanted(), by=other.owner, at=NOON)


def test_prices_and_totals_are_typed_only_where_the_policy_allows(session: Session) -> None:
    shop = make_shop(session, free_hand=False)
    with_total = shop.wanted((0, "1"), final_total=Decimal(100))

    with pytest.raises(FinalPriceNotAllowed):
        place_order(session, shop.wanted(), by=shop.owner, at=NOON)
    with pytest.raises(FinalTotalNotAllowed):
        place_order(session, with_total, by=shop.owner, at=NOON)


def test_a_typed_total_replaces_missing_prices(session: Session) -> None:
    shop = make_shop(session)
    wanted = shop.wanted((0, "2"), (1, "1"), final_total=Decimal("400.01"))

    placed = place_order(session, wanted, by=shop.owner, at=NOON)

    sales = [line["sale"]["amount"] for line in placed.body["lines"]]
    assert sales == ["266.67", "133.34"]
    assert placed.body["totals"]["sale"] == "400.01"


def test_below_acquisition_is_named_only_to_those_who_may_see_that_price(
    session: Session,
) -> None:
    shop = make_shop(session)
    owner = make_actor(*SELLER, "costs.view", points=(shop.point,))
    wanted = shop.wanted((0, "1", "79.9999"))

    with pytest.raises(BelowAcquisition):
        place_order(session, wanted, by=owner, at=NOON)
    with pytest.raises(PriceNotAllowed):
        place_order(session, wanted, by=shop.seller, at=NOON)


def test_with_its_permission_a_sale_below_acquisition_goes_through(session: Session) -> None:
    shop = make_shop(session)
    brave = make_actor(*SELLER, "orders.sell_below_acquisition", points=(shop.point,))

    placed = place_order(session, shop.wanted((0, "1", "10")), by=brave, at=NOON)

    assert placed.body["totals"]["margin"] == "-70.00"


def test_after_five_refused_prices_in_an_hour_even_a_high_one_waits(
    session: Session,
) -> None:
    shop = make_shop(session)
    low = shop.wanted((0, "1", "1"))
    for _ in range(5):
        with pytest.raises(PriceNotAllowed) as refusal:
            place_order(session, low, by=shop.seller, at=NOON)
        note_refused_price(session, low, refusal.value, by=shop.seller, at=NOON)

    with pytest.raises(TooManyPrices) as wait:
        place_order(session, shop.wanted((0, "1", "500")), by=shop.seller, at=NOON)
    later = place_order(
        session, shop.wanted((0, "1", "500")), by=shop.seller, at=NOON.replace(hour=13)
    )

    assert wait.value.facts["seconds"] == 3601
    assert later.number


def test_a_percentage_of_the_sale_price_counts_as_below_only_beyond_a_hundred(
    session: Session,
) -> None:
    shop = make_shop(session, prices=("100", "100.0001"), calculation="percent_of_sale")
    owner = make_actor(*SELLER, "costs.view", points=(shop.point,))

    placed = place_order(session, shop.wanted((0, "1", "0.015")), by=owner, at=NOON)

    assert placed.body["lines"][0]["acquisition"]["unit_price"] == "0.0200"
    with pytest.raises(BelowAcquisition):
        place_order(session, shop.wanted((1, "1", "100")), by=owner, at=NOON)


def test_an_order_keeps_prices_and_edition_after_another_edition_came(session: Session) -> None:
    shop = make_shop(session)
    placed = place_order(session, shop.wanted(), by=shop.owner, at=NOON)
    shop.edition.valid_until = date(2026, 12, 1)
    make_edition(session, shop.table, "2026-12-02", items=[(shop.products[0], "90")])

    tomorrow = place_order(session, shop.wanted(), by=shop.owner, at=NOON.replace(day=2))

    old = order_of(session, shop.owner, placed.number)
    assert tomorrow.body["totals"]["acquisition"] == "180.00"
    assert old.lines[0].acquisition_unit_price == Decimal("80.0000")
    assert old.lines[0].edition_id == shop.edition.id


@pytest.mark.parametrize(
    ("moment", "unit_price"),
    [("2026-12-02T02:59:59+00:00", "80.0000"), ("2026-12-02T03:00:00+00:00", "90.0000")],
)
def test_the_day_of_an_order_changes_at_midnight_in_sao_paulo(
    session: Session, moment: str, unit_price: str
) -> None:
    shop = make_shop(session)
    shop.edition.valid_until = date(2026, 12, 1)
    make_edition(session, shop.table, "2026-12-02", items=[(shop.products[0], "90")])
    session.flush()

    placed = place_order(session, shop.wanted(), by=shop.owner, at=NOON.fromisoformat(moment))

    assert placed.body["lines"][0]["acquisition"]["unit_price"] == unit_price


def _half_up(value: Fraction, scale: int) -> Fraction:
    return Fraction(floor(value * 10**scale + Fraction(1, 2)), 10**scale)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.tuples(st.integers(1, 20_000), st.integers(0, 30_000_000)), min_size=1, max_size=8
    )
)
def test_totals_are_the_sums_of_rounded_lines_as_fractions_say(
    session: Session, lines: list[tuple[int, int]]
) -> None:
    shop = make_shop(session, prices=("80", "33.3335"), credit_of="1000000")
    asked = [
        (1, Decimal(quantity).scaleb(-3), Decimal(price).scaleb(-4)) for quantity, price in lines
    ]

    placed = place_order(session, shop.wanted(*asked), by=shop.owner, at=NOON)

    pieces = [Fraction(quantity, 1000) for quantity, _ in lines]
    cost = sum(_half_up(each * Fraction(333335, 10000), 2) for each in pieces)
    sale = sum(
        _half_up(each * Fraction(price, 10000), 2)
        for each, (_, price) in zip(pieces, lines, strict=True)
    )
    stored = session.execute(
        select(func.sum(OrderLine.acquisition_amount), func.sum(OrderLine.sale_amount)).where(
            OrderLine.order_id == placed.number
        )
    ).one()
    assert Fraction(placed.body["totals"]["acquisition"]) == cost
    assert Fraction(placed.body["totals"]["sale"]) == sale
    assert (Fraction(stored[0]), Fraction(stored[1])) == (cost, sale)
    assert Decimal(1000000) - balance(session, shop.account_id) == Decimal(
        placed.body["totals"]["acquisition"]
    )
