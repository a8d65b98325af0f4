"""The first day of a new installation, as its people live it: from nothing to a paid order.

A window ends with no word on the console, no breach of the content policy, no request to
anything but the portal, and no page wider than its window: `window` sees to it.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.story import first_day as people
from tests.story.lists import FIRST, ROWS, SECOND, price_list
from tests.story.windows import PHONE, Window, create_user, sign_in, window

WIDE_WINDOW: dict[str, Any] = {}
PHONE_WINDOW = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
WITHOUT_SCRIPT = {"scripted": False}

Seat = Callable[..., Window]
LINES = (("a1 12", FIRST[0], "1", "1.500,00"), ("a3 36", SECOND[0], "2", "30,00"))
ACQUISITION = ("1.228,49", "1.267,97", "39,48", "19,74")
"""What the first order costs the service point: 1 x 1.228,49 and 2 x 19,74."""


@pytest.fixture
def seat(app: Flask, browser: Any, served: str) -> Any:
    """Give somebody a window of their own, signed in: `seat("finance", **window)`."""
    with ExitStack() as stack:

        def take(profile: str, *points: str, **facts: Any) -> Window:
            email = f"{profile}@distribuidora.example"
            create_user(app, email, profile, *points)
            opened = stack.enter_context(window(browser, served, **facts))
            sign_in(opened, email)
            return opened

        yield take


@pytest.mark.parametrize(
    "look",
    [WIDE_WINDOW, PHONE_WINDOW, WITHOUT_SCRIPT],
    ids=["at a desk", "on a phone", "without script"],
)
def test_from_an_empty_portal_to_an_order_paid_with_credit(seat: Seat, look: Any) -> None:
    finance, pricing = seat("finance", **look), seat("pricing", **look)
    people.put_point_on_file(finance)
    people.create_table(pricing)
    people.send_list(pricing, "tabela-dezembro.csv", price_list())
    people.check_with_wrong_column(pricing)
    people.check_as_it_is(pricing, str(ROWS), category="LABORATÓRIO")
    people.publish_import(pricing, str(ROWS))
    people.assign_table(pricing)
    people.ask_why(pricing, FIRST[0], "a1 12", "1.228,49")
    people.grant_credit(finance, "1.500,00")
    owner = seat("owner", people.POINT, **look)
    seller = seat("seller", people.POINT, **look)

    number = owner_places_and_sees_what_it_took(owner)
    refused_for_lack_of_credit(owner)
    seller_sees_no_acquisition(seller, number)
    cancel_gives_the_credit_back(owner, number)


def owner_places_and_sees_what_it_took(owner: Window) -> str:
    people.type_order(owner, *LINES, total="1.560,00")
    summary = owner.text("#summary")
    assert "1.267,97" in summary
    assert "232,03" in summary  # 1.500,00 less 1.267,97

    owner.press("Fazer o pedido")
    number = people.number_of_order(owner)
    for reasons in owner.page.locator("main details.asdata summary").all():
        reasons.click()
    said = owner.text()
    assert "Debitado da carteira R$1.267,97" in said
    assert "Valor de aquisição" in said
    assert people.TABLE in said
    assert "Saldo depois: R$232,03" in said

    owner.follow("Ver o extrato")
    assert "−1.267,97 232,03" in owner.text("tr:has-text('Pedido')")
    owner.follow(f"Pedido {number}")
    assert people.number_of_order(owner) == number
    return number


def refused_for_lack_of_credit(owner: Window) -> None:
    people.type_order(owner, *LINES[:1], total="1.500,00")
    owner.press("Fazer o pedido")

    said = owner.text("[role=alert]")
    assert "faltam R$996,46 de crédito" in said
    assert "R$232,03" in said
    assert owner.page.locator("[name=lines-0-sku]").input_value() == FIRST[0]


def seller_sees_no_acquisition(seller: Window, number: str) -> None:
    hidden = (*ACQUISITION, "232,03", "996,46", "Margem")
    people.type_order(seller, *LINES[:1], total="1.500,00")
    seen = [seller.page.content()]
    seller.press("Fazer o pedido")
    assert "o crédito não é suficiente" in seller.text("[role=alert]")
    seen.append(seller.page.content())
    for path in (
        "/",
        "/orders",
        f"/orders/{number}",
        "/products",
        f"/service-points/{people.POINT}",
    ):
        seller.open(path)
        seen.append(seller.page.content())

    assert not [figure for figure in hidden for page in seen if figure in page]
    assert "Carteira" not in seller.text("#side")


def cancel_gives_the_credit_back(owner: Window, number: str) -> None:
    owner.open(f"/orders/{number}")
    people.cancel_order(owner, "O cliente desistiu")
    assert "devolvido no cancelamento" in owner.text()

    owner.follow("Ver o extrato")
    assert "Saldo R$1.500,00" in owner.text(".figs")
    assert "+1.267,97 1.500,00" in owner.text("tr:has-text('cancelado')")


def test_the_real_list_is_imported_as_its_owner_publishes_it(
    seat: Seat, real_price_list: Path
) -> None:
    rows = "23.150"
    finance, pricing = seat("finance"), seat("pricing")
    people.put_point_on_file(finance)
    people.grant_credit(finance, "5.000,00")
    people.create_table(pricing)

    people.send_list(pricing, real_price_list.name, real_price_list)
    people.check_as_it_is(pricing, rows)
    people.publish_import(pricing, rows)
    people.assign_table(pricing)
    people.ask_why(pricing, "MED09F7490C6", "MED09F7490C6", "1.228,49")
    owner = seat("owner", people.POINT)
    line = ("abatacepte 125", "MED09F7490C6", "1", "1.500,00")
    people.type_order(owner, line, total="1.500,00")
    owner.press("Fazer o pedido")

    assert "Debitado da carteira R$1.228,49" in owner.text()
    assert "Saldo depois: R$3.771,51" in owner.text()
