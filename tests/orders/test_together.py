"""Many at once: the same credit, the same order, the same draft."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.credit.models import Entry
from portal.orders.models import Order
from tests.orders.conftest import Caller
from tests.orders.factories import Shop, balance

Send = Callable[[str, Any, int], Counter[tuple[int, str | None]]]


@pytest.fixture
def at_once(app: Flask, owner: Caller, session: Session) -> Send:
    """Send one request many times at once, each with a key of its own; count the answers."""

    def send(path: str, body: Any, times: int) -> Counter[tuple[int, str | None]]:
        app.config["OPEN_SESSIONS"].clear()
        session.commit()

        def one(number: int) -> tuple[int, str | None]:
            headers = owner.headers | {"Idempotency-Key": f"{path}-{number}"}
            answer = app.test_client().post(f"/api/v1{path}", json=body, headers=headers)
            return answer.status_code, answer.json.get("code")

        with ThreadPoolExecutor(8) as crowd:
            return Counter(crowd.map(one, range(times)))

    return send


@pytest.mark.engines("sqlite", "mariadb")
def test_no_more_orders_are_placed_than_the_credit_covers(
    at_once: Send, shop: Shop, session: Session
) -> None:
    answers = at_once("/orders", shop.json((0, "1", "150")), 30)

    assert answers == {(201, None): 12, (422, "insufficient_credit"): 18}
    assert balance(session, shop.account_id) == 40
    assert session.scalar(select(func.count()).select_from(Order)) == 12


@pytest.mark.engines("sqlite", "mariadb")
def test_an_order_cancelled_by_many_gives_its_credit_back_once(
    at_once: Send, owner: Caller, shop: Shop, session: Session
) -> None:
    number = owner.post("/orders", shop.json()).json["number"]

    answers = at_once(f"/orders/{number}/cancel", {"reason": "twice"}, 8)

    assert answers == {(200, None): 1, (409, "already_cancelled"): 7}
    assert balance(session, shop.account_id) == 1000


@pytest.mark.engines("sqlite", "mariadb")
def test_a_draft_placed_by_many_is_placed_once(
    at_once: Send, owner: Caller, shop: Shop, session: Session
) -> None:
    number = owner.post("/orders", shop.json(draft=True)).json["number"]

    answers = at_once(f"/orders/{number}/place", {}, 8)

    assert answers == {(200, None): 1, (409, "not_a_draft"): 7}
    assert session.scalar(select(func.count()).where(Entry.order_id == int(number))) == 1
