"""What is on site, what keeps the rest off it, and the figures day by day."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.orders.models import Order, OrderState
from portal.partners.models import ServicePoint
from portal.periods import Period
from portal.sale_tables.models import SaleItem
from portal.storefronts.models import ShopDay
from portal.storefronts.queries.admin.figures import (
    NOTHING,
    Figures,
    by_month,
    figures_by_day,
    summed,
)
from portal.storefronts.queries.admin.products import Place, Shelf, shelf_of
from portal.storefronts.queries.admin.shops import listed_shops, run_shop, sums_of_shops, waiting
from tests.factories import NOON, make_actor, make_issuer, make_product, make_service_point
from tests.storefronts.factories import Stall, make_stall, rename

TODAY = date(2026, 12, 1)
GOODS = tuple(
    (sku, f"Produto {sku}", "Certificados", "50", price)
    for sku, price in (
        ("BARATO", "40"),
        ("BOM", "90"),
        ("DESMARCADO", "90"),
        ("INATIVO", "90"),
        ("SEM-LINHA", "90"),
        ("SEM-PRECO", "90"),
        ("SUMIU", "90"),
    )
)


def item(session: Session, stall: Stall, sku: str) -> SaleItem:
    return session.get_one(SaleItem, (stall.edition.id, stall.products[sku].id))


def shelf(session: Session, stall: Stall, day: date = TODAY) -> Shelf:
    session.flush()
    session.expire_all()
    return shelf_of(session, run_shop(session, make_actor(), stall.point.code), day)


def places(found: Shelf) -> dict[str, Place]:
    return {one.sku: one.place for one in found.products}


def test_each_product_says_what_keeps_it_off_the_site(session: Session) -> None:
    stall = make_stall(session, goods=GOODS)
    cheap, unpriced = item(session, stall, "BARATO"), item(session, stall, "SEM-PRECO")
    cheap.confirmed_acquisition, cheap.confirmed_at = None, None
    unpriced.sale_price = None
    item(session, stall, "DESMARCADO").on_site = False
    session.delete(item(session, stall, "SEM-LINHA"))
    item(session, stall, "SUMIU").product_id = make_product(session, "ESTRANHO").id
    rename(session, "INATIVO", active=False)

    found = shelf(session, stall)

    assert places(found) == {
        "BARATO": Place.WITHHELD,
        "BOM": Place.ON_SITE,
        "DESMARCADO": Place.NOT_MARKED,
        "INATIVO": Place.INACTIVE,
        "SEM-LINHA": Place.NO_ROW,
        "SEM-PRECO": Place.TO_PRICE,
        "SUMIU": Place.NO_ROW,
        "ESTRANHO": Place.NOT_BOUGHT,
    }
    assert found.on_site == 1
    assert found.table is not None
    assert {one.price for one in found.products if one.sku == "BOM"} == {Decimal(90)}
    assert "50" not in str([one for one in found.products if one.sku == "BARATO"])


def test_what_the_shop_sells_follows_its_issuer(session: Session) -> None:
    stall = make_stall(session)
    stall.shop.issuer_id = make_issuer(session, "AC-UM").id

    with_general = shelf(session, stall)
    stall.bought.issuer_id = make_issuer(session, "AC-DOIS").id
    without = shelf(session, stall)

    assert set(places(with_general).values()) == {Place.ON_SITE}
    assert set(places(without).values()) == {Place.NOT_BOUGHT}


def test_without_a_sale_table_there_is_nothing(session: Session) -> None:
    stall = make_stall(session)

    assert shelf(session, stall, date(2025, 12, 31)) == Shelf(None)


def test_many_products_are_read_in_as_few_statements_as_three(session: Session) -> None:
    goods = tuple((f"P-{number}", f"P {number}", "C", "50", "90") for number in range(40))
    small, large = make_stall(session), make_stall(session, "outra", goods=goods)
    counted: list[int] = []
    for stall in (small, large):
        sent: list[str] = []

        def note(
            _connection: Any, _cursor: Any, text: str, *_rest: Any, to: list[str] = sent
        ) -> None:
            to.append(text)

        session.commit()
        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", note)
        shelf(session, stall)
        event.remove(bind, "before_cursor_execute", note)
        counted.append(len(sent))

    assert counted[0] == counted[1] < 20


# Figures


def sell(session: Session, point: ServicePoint, day: str, total: str, **facts: Any) -> None:
    values: dict[str, Any] = {"channel": "site", "status": OrderState.PLACED, "placed_at": NOON}
    order = Order(
        service_point_id=point.id,
        day=date.fromisoformat(day),
        sale_total=Decimal(total),
        created_at=NOON,
        version=1,
        **(values | facts),
    )
    session.add(order)


def come(session: Session, point: ServicePoint, day: str, *counts: int) -> None:
    visits, carts, checkouts = counts
    session.add(
        ShopDay(
            service_point_id=point.id,
            day=date.fromisoformat(day),
            visits=visits,
            carts=carts,
            checkouts=checkouts,
        )
    )


def trade(session: Session) -> tuple[ServicePoint, ServicePoint]:
    """Two shops: of the first's orders two are sales of November, one of October."""
    mine, other = make_service_point(session, name="Ana"), make_service_point(session, name="Bea")
    come(session, mine, "2026-10-31", 1, 1, 1)
    come(session, mine, "2026-11-01", 7, 3, 2)
    come(session, other, "2026-11-01", 100, 50, 20)
    sell(session, mine, "2026-10-31", "10.00")
    sell(session, mine, "2026-11-01", "169.00")
    sell(session, mine, "2026-11-02", "100.50", status=OrderState.FULFILLED)
    sell(session, mine, "2026-11-02", "77.00", channel="back_office")
    sell(session, mine, "2026-11-02", "88.00", status=OrderState.CANCELLED)
    sell(session, mine, "2026-11-02", "99.00", status=OrderState.AWAITING_PAYMENT)
    sell(session, mine, "2026-11-02", "99.00", status=OrderState.AWAITING_CREDIT)
    sell(session, other, "2026-11-02", "1000.00")
    session.flush()
    return mine, other


def test_days_hold_visits_and_what_was_sold_on_the_site(session: Session) -> None:
    mine, _ = trade(session)
    november = Period(date(2026, 11, 1), date(2026, 11, 30))

    found = figures_by_day(session, mine.id, november)

    assert found == {
        date(2026, 11, 1): Figures(7, 3, 2, 1, Decimal("169.00")),
        date(2026, 11, 2): Figures(0, 0, 0, 1, Decimal("100.50")),
    }
    assert summed(found, november) == Figures(7, 3, 2, 2, Decimal("269.50"))
    assert summed(found, Period(date(2026, 11, 3), date(2026, 11, 4))) == NOTHING
    assert waiting(session, mine.id) == {"awaiting_payment": 1, "awaiting_credit": 1}


def test_months_add_their_days_and_the_empty_ones_are_there(session: Session) -> None:
    mine, _ = trade(session)
    months = Period(date(2026, 9, 1), date(2026, 11, 30))

    found = by_month(figures_by_day(session, mine.id, months), months)

    assert found == {
        date(2026, 9, 1): NOTHING,
        date(2026, 10, 1): Figures(1, 1, 1, 1, Decimal("10.00")),
        date(2026, 11, 1): Figures(7, 3, 2, 2, Decimal("269.50")),
    }


def test_the_list_of_shops_holds_only_ones_own_with_their_figures(session: Session) -> None:
    mine, other = trade(session)
    november = Period(date(2026, 11, 1), date(2026, 11, 30))

    def listed(by: Any) -> list[tuple[Any, ...]]:
        rows = session.execute(listed_shops(by, november).order_by(ServicePoint.name)).unique()
        return [(row[0].name, *row[1:]) for row in rows]

    own = make_actor("shop.edit", points=(mine,))
    assert listed(own) == [("Ana", 7, 2, Decimal("269.50"))]
    assert sums_of_shops(session, own, november) == (2, Decimal("269.50"))
    assert listed(make_actor()) == [
        ("Ana", 7, 2, Decimal("269.50")),
        ("Bea", 100, 1, Decimal("1000.00")),
    ]
    assert sums_of_shops(session, make_actor(points=(other,)), november) == (1, Decimal(1000))
