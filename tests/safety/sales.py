"""The two units' sale tables, visitors' orders, and lists of sale prices that wait to be stored."""

import io
import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from portal.orders.models import Order, OrderState
from portal.orders.rules import SiteWanted
from portal.orders.services import create_site_order
from portal.payments import services as payments
from portal.periods import Period
from portal.pricing.services import Change
from portal.sale_tables import services as sale_tables
from portal.sale_tables.rules import NewRow
from tests.factories import NOON, make_actor
from tests.orders.web_shops import make_buyer

ABOVE = Decimal(900_000)
"""Above every acquisition price of the world."""


def sold_at(session: Session, point: str, skus: Sequence[str]) -> tuple[int, int, int]:
    """Sell the first product below acquisition on the site, and draft what comes after.

    Returns the numbers of the sale table, of its edition in force and of the draft.
    """
    by, at = make_actor(), NOON - timedelta(days=1)
    facts = sale_tables.NewSaleTable("Balcão e site", point, ["back_office", "site"])
    opened = sale_tables.create_table(session, facts, by=by, at=at)
    rows = [NewRow(skus[0], Decimal(99), on_site=True), NewRow(skus[1], ABOVE)]
    table = opened.table.id
    made = sale_tables.create_and_publish(
        session, table, Period(date(2026, 11, 1)), rows, by=by, at=at, reason="abertura"
    )
    copied = sale_tables.copy_edition(
        session, table, made.id, Period(date(2027, 1, 1)), Change(Decimal(10)), by=by, at=at
    )
    sale_tables.delete_draft(session, table, opened.draft.id, by=by, at=at)
    return table, made.id, copied.id


def ordered_by_visitors(session: Session, point_id: int, sku: str) -> None:
    """Two visitors of the shop: one has paid and waits for credit, one has not paid."""
    buyer = make_buyer(name="Cliente da loja")
    for quantity in (100, 1):
        lines = [(sku, Decimal(quantity))]
        wanted = SiteWanted(point_id, None, lines, buyer, Decimal(10_000))
        made = create_site_order(session, wanted, at=NOON - timedelta(hours=2))
        if quantity == 1:
            continue
        facts: dict[str, Any] = {"paid_on": NOON.date(), "method": "pix", "at": NOON}
        payments.confirm_charge(session, made.charge_id, by=make_actor(), **facts)
        order = session.get_one(Order, made.order_id, populate_existing=True)
        assert order.status == OrderState.AWAITING_CREDIT


def list_sent(app: Flask, cookie: str, table: int) -> int:
    """Upload a list of sale prices, to be stored later; returns its number."""
    client: Any = app.test_client()
    client.set_cookie("repasse", cookie)
    file = (io.BytesIO(b"SKU;Venda\r\nSKU-1;900001,01\r\n"), "venda.csv")
    sent = {"file": file, "valid_from": "2028-01-01"}
    path = f"/sale-tables/{table}/import"
    answer = client.submit(path, sent, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return int(re.findall("[0-9]+", answer.location)[0])
