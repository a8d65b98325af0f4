"""Orders on screen."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.orders.models import Order, OrderLine
from portal.people.services.profiles import create_profile
from tests.factories import NOON, make_actor, make_user, sign_in
from tests.orders.factories import Shop, balance, make_shop
from tests.visitors import PortalClient


def visitor(app: Flask, session: Session, profile: str, shop: Shop | None) -> PortalClient:
    client: Any = app.test_client()
    sign_in(client, make_user(session, profile, *([shop.point] if shop else [])))
    return client  # type: ignore[no-any-return] # the application's own client


@pytest.fixture
def owner(app: Flask, session: Session, shop: Shop) -> PortalClient:
    return visitor(app, session, "owner", shop)


@pytest.fixture
def seller(app: Flask, session: Session, shop: Shop) -> PortalClient:
    return visitor(app, session, "seller", shop)


@pytest.fixture
def boss(app: Flask, session: Session) -> PortalClient:
    return visitor(app, session, "administrator", None)


def typed(shop: Shop, *lines: tuple[int, str, str], **fields: str) -> dict[str, str]:
    """What the form sends: (product, quantity, price) as they are typed."""
    form = {
        "service_point": shop.point.code,
        "issuer": "",
        "payment": "",
        "kind": "sale",
        "document_type": "cash_sale",
        "form_key": "a-key-of-this-form-0001",
        "action": "place",
    }
    for row, (at, quantity, price) in enumerate(lines or [(0, "2", "150,00")]):
        form |= {
            f"lines-{row}-sku": shop.products[at].sku,
            f"lines-{row}-quantity": quantity,
            f"lines-{row}-unit_price": price,
        }
    return form | fields


def number_of(answer: Any) -> int:
    return int(answer.location.rpartition("/")[2])


def test_an_order_is_typed_and_placed(owner: PortalClient, shop: Shop, session: Session) -> None:
    answer = owner.submit("/orders/new", typed(shop, (0, "2", "150,00"), (1, "0,5", "1.234,56")))

    page = owner.get(answer.location)
    assert answer.status_code == 303
    assert "Pedido feito." in page.text
    assert "917,28" in page.text
    assert "176,67" in page.text
    assert "740,61" in page.text


def test_two_clicks_make_one_order_and_lead_to_the_same_page(
    owner: PortalClient, shop: Shop, session: Session
) -> None:
    first = owner.submit("/orders/new", typed(shop))

    second = owner.submit("/orders/new", typed(shop))

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_a_refusal_for_lack_of_credit_says_how_much_is_missing_and_keeps_what_was_typed(
    owner: PortalClient, shop: Shop, session: Session
) -> None:
    answer = owner.submit("/orders/new", typed(shop, (0, "20", "150")))

    assert answer.status_code == 422
    assert "faltam R$\u00a0600,00 de crédito" in answer.text
    assert "R$\u00a01.000,00 disponíveis" in answer.text
    assert 'value="20"' in answer.text
    assert session.scalar(select(func.count()).select_from(Order)) == 0
    again = owner.submit("/orders/new", typed(shop, (0, "2", "150"), form_key=_key(answer.text)))
    assert again.status_code == 303


def _key(page: str) -> str:
    found = re.search(r'name="form_key"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_seller_never_reads_costs_on_any_page(app: Flask, session: Session) -> None:
    shop = make_shop(session, credit_of="1234.56", prices=("77.3131", "33.3333", "0"))
    seller = visitor(app, session, "seller", shop)
    placed = seller.submit("/orders/new", typed(shop, (0, "3", "150")))
    pages = [
        seller.get(placed.location),
        seller.get("/orders"),
        seller.get("/orders?sort=acquisition"),
        seller.get("/orders?format=csv"),
        seller.get("/orders/new"),
        seller.submit("/orders/preview", typed(shop, (0, "3", "150"))),
        seller.submit(
            "/orders/new", typed(shop, (0, "300", "150"), form_key="another-key-of-a-form")
        ),
    ]

    assert [page.status_code for page in pages] == [200, 200, 200, 200, 200, 200, 422]
    assert "450,00" in pages[0].text
    for page in pages:
        for figure in ("77,31", "231,94", "218,06", "1.234,56", "1.002,62", "Aquisição", "Margem"):
            assert figure not in page.text


def test_the_owner_sees_acquisition_margin_and_the_balance_before_and_after(
    owner: PortalClient, shop: Shop
) -> None:
    page = owner.submit("/orders/preview", typed(shop))

    assert page.status_code == 200
    for figure in ("300,00", "160,00", "140,00", "1.000,00", "840,00"):
        assert figure in page.text


def test_a_script_gets_the_summary_alone(owner: PortalClient, shop: Shop) -> None:
    part = owner.submit("/orders/preview", typed(shop), headers={"HX-Request": "true"})

    assert "<html" not in part.text
    assert 'id="amount-0"' in part.text
    assert "300,00" in part.text


def test_unfinished_lines_say_what_they_miss_beside_their_fields(
    owner: PortalClient, shop: Shop
) -> None:
    form = typed(shop, (0, "2", "1.5"), (0, "", "10"))
    form["lines-2-unit_price"] = "10"

    answer = owner.submit("/orders/new", form)

    assert answer.status_code == 422
    assert 'id="lines-0-unit_price-error"' in answer.text
    assert 'id="lines-1-quantity-error"' in answer.text
    assert 'id="lines-2-sku-error"' in answer.text


def test_an_empty_order_is_told_to_add_a_product(owner: PortalClient, shop: Shop) -> None:
    form = {name: value for name, value in typed(shop).items() if not name.startswith("lines")}

    answer = owner.submit("/orders/new", form)

    assert answer.status_code == 422
    assert "Adicione um produto primeiro." in answer.text


def test_what_the_rules_refuse_stands_at_its_line(owner: PortalClient, shop: Shop) -> None:
    form = typed(shop, (0, "1,5", "100"), (1, "1", ""))
    form |= {"lines-2-sku": "NADA", "lines-2-quantity": "1", "lines-2-unit_price": "9"}

    answer = owner.submit("/orders/new", form)

    assert answer.status_code == 422
    assert 'id="lines-0-quantity-error"' in answer.text
    assert 'id="lines-1-unit_price-error"' in answer.text
    assert 'id="lines-2-sku-error"' in answer.text


def test_what_is_refused_at_a_line_is_said_on_top_too_with_a_link_to_the_line(
    owner: PortalClient, shop: Shop
) -> None:
    answer = owner.submit("/orders/new", typed(shop, (0, "1", "")))

    assert answer.status_code == 422
    assert "O pedido não foi feito: há algo a corrigir." in answer.text
    assert '<a class="under" href="#lines-0-unit_price">Linha 1</a>' in answer.text


def test_a_refused_correction_is_said_beside_its_price_and_on_top(
    app: Flask, boss: PortalClient, shop: Shop, session: Session
) -> None:
    create_profile(
        session, by=make_actor(), code="corrector", name="Corretor", headquarters=True,
        permissions=["orders.view", "orders.edit_sale"], at=NOON,
    )  # fmt: skip
    placed = boss.submit("/orders/new", typed(shop))
    form = {"lines-0-unit_price": "0,01", "kind": "sale", "document_type": "cash_sale"}

    corrector = visitor(app, session, "corrector", None)
    refused = corrector.submit(f"{placed.location}/sale", form | {"version": "1"})

    assert refused.status_code == 422
    assert 'id="lines-0-unit_price-error"' in refused.text
    assert "Nada foi salvo: há algo a corrigir." in refused.text


def test_a_draft_is_kept_gone_on_with_and_placed(
    owner: PortalClient, shop: Shop, session: Session
) -> None:
    kept = owner.submit("/orders/new", typed(shop, action="draft"))
    number = number_of(kept)
    form = owner.get(f"/orders/new?draft={number}").text
    assert f'value="{shop.products[0].sku}"' in form

    placed = owner.submit(
        "/orders/new",
        typed(shop, (0, "1", "99"), form_key=_key(form), draft=str(number), version="1"),
    )

    assert placed.location == kept.location
    line = session.scalars(select(OrderLine)).one()
    assert (line.quantity, line.sale_amount, line.acquisition_amount) == (1, 99, 80)
    assert balance(session, shop.account_id) == 920


def test_a_draft_is_placed_from_its_page(owner: PortalClient, shop: Shop) -> None:
    kept = owner.submit("/orders/new", typed(shop, action="draft"))

    placed = owner.submit(f"{kept.location}/place", {"form_key": "place-it-once-please"})

    assert placed.location == kept.location
    assert "Feito" in owner.get(kept.location).text


def test_an_order_is_fulfilled_and_cancelled_from_its_page(
    boss: PortalClient, shop: Shop, session: Session
) -> None:
    placed = boss.submit("/orders/new", typed(shop))
    done = boss.submit(f"{placed.location}/fulfill", {"form_key": "fulfil-it-once-please"})
    without = boss.submit(
        f"{placed.location}/cancel", {"form_key": "cancel-it-once-please", "reason": " "}
    )
    cancelled = boss.submit(
        f"{placed.location}/cancel", {"form_key": "cancel-it-once-please", "reason": "engano"}
    )
    again = boss.submit(
        f"{placed.location}/cancel", {"form_key": "cancel-it-once-again", "reason": "engano"}
    )

    assert [done.status_code, without.status_code] == [303, 422]
    assert [cancelled.status_code, again.status_code] == [303, 422]
    page = boss.get(placed.location).text
    assert "Cancelado" in page
    assert "engano" in page
    assert balance(session, shop.account_id) == 1000


def test_the_sale_is_corrected_and_the_acquisition_stays(
    boss: PortalClient, shop: Shop, session: Session
) -> None:
    placed = boss.submit("/orders/new", typed(shop))
    form = {
        "lines-0-unit_price": "100,00",
        "kind": "internal",
        "document_type": "cash_sale",
        "external_reference": "NF-1",
        "version": "1",
    }

    saved = boss.submit(f"{placed.location}/sale", form)
    stale = boss.submit(f"{placed.location}/sale", form)

    assert (saved.status_code, stale.status_code) == (303, 422)
    session.expire_all()
    order = session.scalars(select(Order)).one()
    assert (order.sale_total, order.acquisition_total, order.kind) == (200, 160, "internal")


def test_the_list_filters_searches_and_exports(owner: PortalClient, shop: Shop) -> None:
    owner.submit("/orders/new", typed(shop, external_reference="ERP-77"))
    owner.submit("/orders/new", typed(shop, form_key="another-key-of-a-form", action="draft"))

    found = owner.get("/orders?q=ERP-7").text
    drafts = owner.get("/orders?status=draft").text
    none = owner.get("/orders?from=2027-01-01").text
    file = owner.get("/orders?format=csv&status=placed").text

    assert "ERP-77" in found
    assert "Rascunho" in drafts
    assert "ERP-77" not in drafts
    assert "Nenhum pedido com estes filtros" in none
    assert "300,00;160,00;140,00" in file


def test_another_service_points_order_has_no_page(
    app: Flask, session: Session, owner: PortalClient, shop: Shop
) -> None:
    other = visitor(app, session, "owner", make_shop(session))
    placed = owner.submit("/orders/new", typed(shop))

    answers = [
        other.get(placed.location),
        other.submit(f"{placed.location}/cancel", {"form_key": "a" * 16, "reason": "x"}),
        other.submit(f"{placed.location}/place", {"form_key": "b" * 16}),
        other.get(f"/orders/new?draft={number_of(placed)}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_a_price_refused_on_screen_is_written_down(
    seller: PortalClient, shop: Shop, session: Session
) -> None:
    answer = seller.submit("/orders/new", typed(shop, (0, "1", "10")))

    assert answer.status_code == 422
    assert "não é permitido" in answer.text
    noted = select(func.count()).select_from(Deed).where(Deed.action == "order.price_refused")
    assert session.scalar(noted) == 1
