"""What is kept of an order, and how it is found again."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.orders.models import Order
from portal.orders.queries.orders import order_of
from portal.orders.rules.answers import stored_order_body
from portal.orders.services import place_order
from portal.texts import is_exactly
from tests.factories import NOON
from tests.orders.factories import make_shop


def test_reasons_that_all_lines_share_stand_once(session: Session) -> None:
    shop = make_shop(session)

    placed = place_order(
        session, shop.wanted((0, "2", "150"), (1, "1", "99")), by=shop.owner, at=NOON
    )

    order = order_of(session, shop.owner, placed.number)
    kept = [json.loads(str(line.acquisition_because)) for line in order.lines]
    shared = json.loads(str(order.because))
    assert [one["step"] for one in shared] == ["assignment", "table", "edition"]
    assert [[one["step"] for one in own] for own in kept] == [["item", "calculation", "amount"]] * 2
    assert [line["acquisition"]["because"] for line in placed.body["lines"]] == [
        shared + own for own in kept
    ]


def test_an_order_whose_lines_keep_all_their_reasons_is_told_as_before(session: Session) -> None:
    """Orders placed before reasons were shared."""
    shop = make_shop(session)
    placed = place_order(session, shop.wanted(), by=shop.owner, at=NOON)
    whole = placed.body["lines"][0]["acquisition"]["because"]
    order = order_of(session, shop.owner, placed.number)
    order.because, order.lines[0].acquisition_because = None, json.dumps(whole)
    session.flush()

    read = stored_order_body(order_of(session, shop.owner, placed.number), None)

    assert read["lines"][0]["acquisition"]["because"] == whole


@pytest.mark.engines("sqlite")
def test_an_order_is_found_by_its_reference_through_the_index(session: Session) -> None:
    wanted = select(Order.id).where(is_exactly(Order.external_reference, "ERP-1"))
    asked = wanted.compile(session.get_bind(), compile_kwargs={"literal_binds": True})

    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")

    assert "ix_orders_external_reference" in " ".join(str(row[3]) for row in plan)
