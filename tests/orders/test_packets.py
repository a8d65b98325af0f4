"""How few packets an order takes, and that what the server writes on the way is what is meant."""

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.credit.models import Entry
from portal.orders.models import Order, OrderLine
from tests.credit.ledger import faults
from tests.orders.conftest import Caller
from tests.orders.factories import Shop, grant

pytestmark = pytest.mark.engines("mariadb")
Sent = list[str]


@pytest.mark.parametrize("lines", [1, 3, 50])
def test_an_order_takes_six_packets_however_many_lines(
    owner: Caller, shop: Shop, wire: Sent, lines: int
) -> None:
    body = shop.json(*[(1, "0.25", "150")] * lines)
    owner.post("/orders", body)
    wire.clear()

    placed = owner.post("/orders", body)

    assert placed.status_code == 201, placed.text
    assert len(wire) == 6, "\n".join(text[:80] for text in wire)
    assert wire[-1] == "COMMIT"


def test_between_the_lock_and_the_commit_one_packet_is_sent(
    owner: Caller, shop: Shop, wire: Sent
) -> None:
    body = shop.json()
    owner.post("/orders", body)
    wire.clear()

    owner.post("/orders", body)

    locks = [at for at, text in enumerate(wire) if "INSERT INTO order_lines" in text]
    assert locks == [len(wire) - 3]


def test_statements_are_prepared_once_per_connection(owner: Caller, shop: Shop, wire: Sent) -> None:
    for _ in range(3):
        owner.post("/orders", shop.json())

    prepared = [text for text in wire if text.startswith("PREPARE")]

    assert prepared
    assert len(prepared) == len(set(prepared))


def test_the_numbers_that_the_server_fills_in_are_those_that_are_told(
    owner: Caller, shop: Shop, session: Session, engine: Engine
) -> None:
    told = [owner.post("/orders", shop.json()).json for _ in range(3)]

    lines = session.execute(select(OrderLine.order_id, OrderLine.position)).all()
    entries = session.execute(
        select(Entry.order_id, Entry.deed_id).where(Entry.order_id.is_not(None)).order_by(Entry.seq)
    )
    assert sorted(lines) == [(int(order["number"]), 1) for order in told]
    assert entries.all() == [
        (int(order["number"]), order["credit"]["transaction"]) for order in told
    ]
    assert session.scalars(select(Order.id).order_by(Order.id)).all() == [
        int(order["number"]) for order in told
    ]
    assert faults(engine) == []


def test_a_debit_from_several_lots_or_into_debt_is_sealed_as_well(
    owner: Caller, shop: Shop, session: Session, engine: Engine
) -> None:
    grant(session, shop.account_id, "100")
    session.commit()

    dear = owner.post("/orders", shop.json((0, "13", "150")))

    assert [lot["amount"] for lot in dear.json["credit"]["lots"]] == ["1000.00", "40.00"]
    assert owner.post("/orders", shop.json((0, "0.75", "150"))).status_code == 422
    assert faults(engine) == []


def test_a_key_used_twice_in_one_packet_stores_nothing(
    app: Flask, owner: Caller, shop: Shop, session: Session, engine: Engine
) -> None:
    """The deed comes first in its packet: when the key refuses it, what follows is not done."""
    key = {"Idempotency-Key": "once-only"}

    first = owner.post("/orders", shop.json(), headers=key)
    again = owner.post("/orders", shop.json(), headers=key)

    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    deeds = session.scalars(select(Deed.action).where(Deed.action == "order.placed")).all()
    assert len(deeds) == 1
    assert faults(engine) == []
