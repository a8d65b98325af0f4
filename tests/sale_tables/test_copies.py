"""Editions copied up or down, prices filled by a percentage, rows that fell below."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.errors import Forbidden, Invalid
from portal.periods import Period
from portal.pricing.errors import EditionFrozen, NoSuchEdition
from portal.pricing.models import Edition
from portal.pricing.services.copies import Change
from portal.sale_tables import services
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.below import BelowRow, below_rows, fallen_by
from portal.sale_tables.rules.rows import StoredRow, completed
from tests.factories import NOON
from tests.pricing.factories import (
    make_assignment,
    make_edition,
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

TODAY = date(2026, 12, 1)
BLIND = make_actor(without=["costs.view"])
Prices = list[tuple[str | None, str | None]]


def prices(session: Session, edition: SaleEdition, shop: Shop) -> Prices:
    """Return suggested and sale price of the shop's products."""
    rows = stored(session, edition)

    def plain(figure: Decimal | None) -> str | None:
        return None if figure is None else f"{figure.normalize():f}"

    return [
        (plain(rows[one.id].suggested_price), plain(rows[one.id].sale_price))
        for one in shop.products
        if one.id in rows
    ]


def test_a_copy_takes_the_prices_up_and_rounds_them(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], "99.9", suggested="120"), row(shop.skus[1], suggested="31")]
    first = make_sale_edition(session, table, "2026-12-01", rows=rows)
    change = Change(Decimal(10), rounding_ending=Decimal("0.90"))

    copied = services.copy_edition(
        session, table.id, first.id, Period(date(2027, 1, 1)), change, by=DAVI, at=NOON
    )

    assert (copied.state, copied.number) == ("draft", 3)
    assert prices(session, copied, shop) == [("131.9", "109.9"), ("33.9", None), (None, None)]
    assert [stored(session, copied)[one.id].on_site for one in shop.products] == [True, True, False]


def test_a_copy_follows_the_portfolio_of_its_first_day(session: Session) -> None:
    shop = make_shop(session, products=2)
    table = make_sale_table(session, shop)
    first = make_sale_edition(
        session, table, "2026-12-01", rows=[row(sku, 99) for sku in shop.skus]
    )
    joined = make_product(session)
    buy_from(session, shop, "2027-01-01", [(shop.products[1], 20), (joined, 30)])

    copied = services.copy_edition(
        session, table.id, first.id, Period(date(2027, 1, 1)), Change(), by=DAVI, at=NOON
    )

    rows = stored(session, copied)
    assert {number: item.price for number, item in rows.items()} == {
        shop.products[1].id: Decimal(99), joined.id: None,
    }  # fmt: skip


def test_an_edition_is_copied_into_a_table_of_another_service_point(session: Session) -> None:
    shop, other = make_shop(session, products=1), make_point(session)
    make_assignment(session, other, shop.bought)
    source = make_sale_table(session, shop)
    target = make_sale_table(session, Shop(other, shop.bought, shop.products))
    first = make_sale_edition(session, source, "2026-12-01", rows=[row(shop.skus[0], 50)])
    period = Period(TODAY)

    copied = services.copy_edition(
        session, source.id, first.id, period, Change(), by=DAVI, at=NOON, into=target.id
    )

    assert copied.sale_table_id == target.id
    assert prices(session, copied, shop) == [(None, "50")]


@pytest.mark.parametrize(
    ("filling", "found"),
    [
        (("acquisition", "sale_price", True), [(None, "12.5"), ("21", "25"), ("30", "99")]),
        (("acquisition", "sale_price", False), [(None, "12.5"), ("21", "25"), ("30", "37.5")]),
        (("acquisition", "suggested_price", True), [("12.5", None), ("21", None), ("30", "99")]),
        (("suggested", "sale_price", True), [(None, None), ("21", "26.25"), ("30", "99")]),
    ],
)
def test_prices_are_filled_by_a_percentage(
    session: Session, filling: tuple[str, str, bool], found: Prices
) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[1], suggested="21"), row(shop.skus[2], 99, suggested="30")]
    draft = make_sale_edition(session, table, "2026-12-01", rows=rows, publish=False)
    basis, into, only_empty = filling
    wanted = services.Filling(basis, into, Change(Decimal(25)), only_empty)

    count = services.fill_edition(session, table.id, draft.id, wanted, by=DAVI, at=NOON)

    before = [(None, None), ("21", None), ("30", "99")]
    assert count == sum(one != other for one, other in zip(before, found, strict=True))
    assert prices(session, draft, shop) == found


def test_a_fill_rounds_to_a_step_and_keeps_what_is_on_site(session: Session) -> None:
    shop = make_shop(session, products=1)
    table = make_sale_table(session, shop)
    draft = make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0])], publish=False)
    change = Change(Decimal("33.33"), rounding_step=Decimal("0.05"))
    wanted = services.Filling("acquisition", "sale_price", change)

    services.fill_edition(session, table.id, draft.id, wanted, by=DAVI, at=NOON)

    (item,) = stored(session, draft).values()
    assert (item.price, item.on_site) == (Decimal("13.35"), True)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"basis": "list"}, "basis"),
        ({"into": "price"}, "into"),
        ({"basis": "suggested", "into": "suggested_price"}, "into"),
        ({"change": Change(Decimal(-100))}, "percent"),
        ({"change": Change(Decimal("-99.9999"))}, "percent"),
        ({"change": Change(Decimal(1), Decimal(1), Decimal("0.9"))}, "rounding_ending"),
    ],
)
def test_a_fill_that_cannot_be_says_why(
    session: Session, facts: dict[str, Any], field: str
) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    draft = make_sale_edition(session, table, "2026-12-01", publish=False)
    if facts.get("change") == Change(Decimal("-99.9999")):
        facts = {"change": Change(Decimal("-99.9999"), rounding_step=Decimal(1))}
    usual = {"basis": "acquisition", "into": "sale_price", "change": Change(Decimal(1))}

    with pytest.raises(Invalid) as refusal:
        services.fill_edition(
            session, table.id, draft.id, services.Filling(**(usual | facts)), by=DAVI, at=NOON
        )

    assert [one.field for one in refusal.value.problems] == [field]


def test_filling_over_acquisition_is_for_those_who_may_see_it(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    draft = make_sale_edition(session, table, "2026-12-01", publish=False)
    wanted = services.Filling("acquisition", "sale_price", Change())

    with pytest.raises(Forbidden):
        services.fill_edition(session, table.id, draft.id, wanted, by=BLIND, at=NOON)


def test_what_is_published_is_not_filled(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    edition = make_sale_edition(session, table, "2026-12-20", rows=[row(shop.skus[0], 99)])
    wanted = services.Filling("acquisition", "sale_price", Change())

    with pytest.raises(EditionFrozen):
        services.fill_edition(session, table.id, edition.id, wanted, by=DAVI, at=NOON)


@given(rows=st.sets(st.integers(1, 50)), products=st.sets(st.integers(1, 50)))
def test_completed_rows_hold_each_product_once_and_lose_none(
    rows: set[int], products: set[int]
) -> None:
    given_rows = [StoredRow(number, None, 5) for number in rows]

    whole = completed(given_rows, products)

    assert {one.product_id for one in whole} == rows | products
    assert len(whole) == len(rows | products)
    assert whole[: len(rows)] == given_rows


# Below acquisition, or below a margin


def test_rows_below_acquisition_or_a_margin_are_listed(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], "9.99"), row(shop.skus[1], 25), row(shop.skus[2], 40, on_site=False)]
    edition = make_sale_edition(session, table, "2026-11-01", rows=rows)
    buy_from(session, shop, "2026-11-20", [(one, 20) for one in shop.products])

    def listed(margin: str | None = None) -> list[BelowRow]:
        limit = None if margin is None else Decimal(margin)
        return below_rows(session, DAVI, table, edition, TODAY, margin=limit)

    (only,) = listed()
    assert (only.sku, only.price) == (shop.skus[0], Decimal("9.99"))
    assert (only.acquisition, only.acquisition_before) == (Decimal(20), Decimal(10))
    assert (only.on_site, only.left_site) == (True, True)
    assert [one.sku for one in listed("20")] == shop.skus[:1]
    assert [one.sku for one in listed("20.01")] == shop.skus[:2]
    assert [one.sku for one in listed("50.01")] == shop.skus
    with pytest.raises(Forbidden):
        below_rows(session, BLIND, table, edition, TODAY)


def raised(session: Session, shop: Shop, price: int, state: str = "draft") -> Edition:
    """Let the first product cost more from the 10th on."""
    items = [(shop.products[0], price), *((one, 20) for one in shop.products[1:])]
    if state == "draft":
        return make_edition(session, shop.bought, "2026-12-10", None, items, state=state)
    return buy_from(session, shop, "2026-12-10", items)


@pytest.mark.parametrize("state", ["draft", "published"])
def test_an_acquisition_edition_lists_what_it_leaves_below(session: Session, state: str) -> None:
    shop = make_shop(session, products=2)
    table = make_sale_table(session, shop, "site")
    sold = make_sale_edition(
        session, table, "2026-12-01", rows=[row(shop.skus[0], 15), row(shop.skus[1], 19)]
    )

    (fallen,) = fallen_by(session, DAVI, shop.bought.id, raised(session, shop, 16, state).id)

    assert (fallen.sku, fallen.edition_id, fallen.left_site) == (shop.skus[0], sold.id, True)
    assert (fallen.acquisition_before, fallen.acquisition) == (Decimal(10), Decimal(16))
    assert fallen.service_point == shop.point.name


def test_what_it_does_not_make_dearer_is_not_its_doing(session: Session) -> None:
    shop = make_shop(session, products=2)
    table = make_sale_table(session, shop, "site")
    make_sale_edition(session, table, "2026-12-01", rows=[row(sku, 5) for sku in shop.skus])

    assert not fallen_by(session, DAVI, shop.bought.id, raised(session, shop, 10).id)


def test_tables_built_on_it_carry_the_rise_on(session: Session) -> None:
    shop = make_shop(session, products=1)
    above = make_table(session, base=shop.bought, percent=Decimal(50))
    make_edition(session, above, "2026-01-01")
    point = make_point(session)
    make_assignment(session, point, above)
    table = make_sale_table(session, Shop(point, above, shop.products), "site")
    make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 20)])

    (fallen,) = fallen_by(session, DAVI, shop.bought.id, raised(session, shop, 16).id)

    assert (fallen.acquisition_before, fallen.acquisition) == (Decimal(15), Decimal(24))


def test_each_sees_its_own_service_points_rows_and_drafts_stay_headquarters_own(
    session: Session,
) -> None:
    shop, other = make_shop(session, products=1), make_point(session)
    make_assignment(session, other, shop.bought)
    for point in (shop.point, other):
        table = make_sale_table(session, Shop(point, shop.bought, shop.products), "site")
        make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 15)])
    draft = raised(session, shop, 16)
    owner = make_actor(at=other)

    assert len(fallen_by(session, DAVI, shop.bought.id, draft.id)) == 2
    with pytest.raises(NoSuchEdition):
        fallen_by(session, owner, shop.bought.id, draft.id)
    published = raised(session, shop, 16, "published")
    (seen,) = fallen_by(session, owner, shop.bought.id, published.id)
    assert seen.service_point == other.name
    with pytest.raises(Forbidden):
        fallen_by(session, BLIND, shop.bought.id, published.id)


@pytest.mark.parametrize("points", [1, 5])
def test_looking_at_many_service_points_takes_no_more_statements(
    session: Session, engine: Engine, points: int
) -> None:
    shop = make_shop(session, products=2)
    tables: list[SaleTable] = []
    for _ in range(points):
        point = make_point(session)
        make_assignment(session, point, shop.bought)
        tables.append(make_sale_table(session, Shop(point, shop.bought, shop.products), "site"))
        make_sale_edition(
            session, tables[-1], "2026-12-01", rows=[row(sku, 22) for sku in shop.skus]
        )
    draft = raised(session, shop, 23)
    session.expunge_all()

    with statements(engine) as sent:
        fallen = fallen_by(session, DAVI, shop.bought.id, draft.id)

    assert len(fallen) == points
    assert len(sent) == 12
