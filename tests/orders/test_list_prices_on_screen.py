"""The order form with list prices: taken, discounted, typed over, shown beside what was typed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.orders.models import Order
from tests.factories import make_user, sign_in
from tests.orders.factories import Shop
from tests.orders.test_list_prices import list_prices
from tests.visitors import PortalClient


@pytest.fixture
def owner(app: Flask, session: Session, shop: Shop) -> PortalClient:
    """The owner of a shop that sells at 150.00 and 60.00, signed in."""
    list_prices(session, shop, "150", "60", None)
    client: Any = app.test_client()
    sign_in(client, make_user(session, "owner", shop.point))
    return client  # type: ignore[no-any-return] # the application's own client


def typed(shop: Shop, price: str = "", discount: str = "", **more: str) -> dict[str, str]:
    """One piece of the first product as it is typed."""
    return {
        "service_point": shop.point.code,
        "lines-0-sku": shop.products[0].sku,
        "lines-0-quantity": "1",
        "lines-0-unit_price": price,
        "lines-0-discount_percent": discount,
        "kind": "sale",
        "document_type": "cash_sale",
        "form_key": "a-key-of-this-form-0001",
        **more,
    }


def placed(session: Session) -> Order:
    session.expire_all()
    return session.scalars(select(Order).order_by(Order.id.desc())).first()  # type: ignore[return-value] # there is one


def test_the_summary_shows_what_the_table_asks_and_what_the_discount_leaves(
    owner: PortalClient, shop: Shop
) -> None:
    text = owner.submit("/orders/preview", typed(shop, discount="5")).text

    assert "Tabela: 150,00" in text
    assert ">142,50<" in text
    assert "data-clear" not in text.partition("<tbody")[2].partition("</tbody>")[0]


def test_a_typed_price_shows_the_table_s_beside_it_with_the_way_back(
    owner: PortalClient, shop: Shop
) -> None:
    text = owner.submit("/orders/preview", typed(shop, "99,00")).text

    assert "Tabela: 150,00" in text
    assert 'data-clear="#lines-0-unit_price"' in text


def test_an_order_is_placed_at_the_list_price_and_paid_whole(
    owner: PortalClient, shop: Shop, session: Session
) -> None:
    form = typed(shop, discount="10", payment="pix", action="place")

    answer = owner.submit("/orders/new", form)

    assert answer.status_code == 303
    order = placed(session)
    assert (order.status, str(order.sale_total)) == ("placed", "135.00")
    assert order.payments == '[{"method":"pix","amount":"135.00"}]'
    shown = owner.get(f"/orders/{order.id}").text
    assert "Tabela: 150,00" in shown


def test_a_draft_keeps_discount_and_payment_until_it_is_priced(
    owner: PortalClient, shop: Shop, session: Session
) -> None:
    owner.submit("/orders/new", typed(shop, discount="10", payment="pix", action="draft"))
    draft = placed(session)
    assert 'value="10"' in owner.get(f"/orders/new?draft={draft.id}").text

    owner.submit(f"/orders/{draft.id}/place", {"form_key": "a-key-of-this-form-0002"})

    order = placed(session)
    assert (order.status, str(order.sale_total)) == ("placed", "135.00")
    assert order.payments == '[{"method":"pix","amount":"135.00"}]'


def test_a_discount_of_more_than_the_price_is_none(owner: PortalClient, shop: Shop) -> None:
    answer = owner.submit("/orders/new", typed(shop, discount="101", action="place"))

    assert answer.status_code == 422
    assert "Deve ser 100 ou menos." in answer.text


def test_a_discount_above_the_policy_is_told_beside_its_field(
    owner: PortalClient, shop: Shop
) -> None:
    answer = owner.submit("/orders/new", typed(shop, discount="11", action="place"))

    assert answer.status_code == 422
    assert 'id="lines-0-discount_percent-error"' in answer.text
