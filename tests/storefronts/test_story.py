"""A visitor in real Chromium finds, buys and pays; the order is placed, the account debited."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credit.queries.accounts import figures_now, wallet_of
from portal.mail.models import Mail
from portal.orders.jobs import jobs
from portal.payments.models import Charge
from portal.payments.services.providers.simulated import pay, signed
from tests.factories import NOON, make_actor, make_user
from tests.storefronts.factories import TYPED, Stall, give_credit, make_stall
from tests.storefronts.stories import the_order
from tests.story.windows import PHONE, WIDE, Window, window

WEBHOOK = "/api/v1/payments/webhooks/simulated"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The portal with a payment firm that can be made to pay."""
    return make_app(payments_provider="simulated")


def find_and_order(visitor: Window, stall: Stall) -> None:
    """Find the e-CNPJ by typing, look at it, put it into the cart and order it."""
    visitor.open(stall.path)
    visitor.fill(q="cnpj")
    visitor.press("Buscar")
    visitor.follow("e-CNPJ A1, 12 meses")
    visitor.press("Pôr no carrinho")
    assert "R$219,00" in visitor.text()
    visitor.follow("Ir para o pagamento")
    visitor.fill(**{name: typed for name, typed in TYPED.items() if name != "consent"})
    visitor.page.locator("[name='consent']").check()
    visitor.press("Pedir e pagar R$ 219,00 com Pix")
    assert "Esperando o pagamento até" in visitor.text()


def pay_at_the_bank(visitor: Window, session: Session) -> None:
    """Let the payment firm tell that the money has arrived, twice as firms do."""
    charge = session.scalars(select(Charge)).one()
    headers, body = signed(pay(session, charge.txid, at=NOON), NOON)
    session.commit()
    for _ in range(2):
        told = visitor.page.request.post(f"{visitor.address}{WEBHOOK}", data=body, headers=headers)
        assert told.ok, told.text()


def balance(session: Session, stall: Stall) -> Decimal:
    session.expire_all()
    wallet = wallet_of(session, make_actor(), stall.point.code, "BRL")
    left = figures_now(session, wallet, NOON).balance
    session.commit()
    return left


def subjects(session: Session, to: str = "maria@example.com") -> list[str]:
    session.expire_all()
    mails = session.scalars(select(Mail).where(Mail.recipient == to).order_by(Mail.id)).all()
    session.commit()
    return [mail.subject.partition(": ")[2] for mail in mails]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_visitor_buys_and_pays_and_sees_it_at_once(
    session: Session, browser: Any, served: str, size: dict[str, int]
) -> None:
    stall = make_stall(session)
    owner = make_user(session, "owner", stall.point)
    session.commit()

    with window(browser, served, viewport=size, reduced_motion="reduce") as visitor:
        find_and_order(visitor, stall)
        link = visitor.page.url
        pay_at_the_bank(visitor, session)
        visitor.page.get_by_role("heading", name="Pago: seu pedido está confirmado").wait_for()
        visitor.look()

    assert visitor.page.url == link
    order = the_order(session)
    assert (order.status, order.sale_total) == ("placed", Decimal("219.00"))
    assert order.acquisition_total == Decimal("89.91")
    assert balance(session, stall) == Decimal("910.09")
    assert subjects(session) == ["esperando seu Pix", "pago e confirmado"]
    assert subjects(session, owner.email) == ["pago e feito"]


def test_a_visitor_without_javascript_buys_and_looks_by_himself(
    session: Session, browser: Any, served: str
) -> None:
    stall = make_stall(session)
    session.commit()

    with window(browser, served, scripted=False, viewport=PHONE) as visitor:
        find_and_order(visitor, stall)
        visitor.press("Já paguei: verificar agora")
        assert "Esperando o pagamento até" in visitor.text()
        pay_at_the_bank(visitor, session)
        visitor.press("Já paguei: verificar agora")
        assert "Pago: seu pedido está confirmado" in visitor.text()

    assert the_order(session).status == "placed"


def test_a_service_point_short_of_credit_places_it_when_credit_comes(
    app: Flask, session: Session, browser: Any, served: str
) -> None:
    stall = make_stall(session, credit_of=50)
    session.commit()

    with window(browser, served, reduced_motion="reduce") as visitor:
        find_and_order(visitor, stall)
        pay_at_the_bank(visitor, session)
        visitor.page.get_by_role("heading", name="Pago: seu pagamento chegou").wait_for()
        assert the_order(session).status == "awaiting_credit"
        assert balance(session, stall) == Decimal("50.00")

        give_credit(session, stall.point, 100)
        session.commit()
        with app.app_context():
            jobs["place-waiting"](None)
        visitor.page.get_by_role("heading", name="Pago: seu pedido está confirmado").wait_for()

    assert balance(session, stall) == Decimal("60.09")
    assert subjects(session)[1:] == ["seu pagamento chegou", "pago e confirmado"]


def test_two_quick_clicks_make_one_order(session: Session, browser: Any, served: str) -> None:
    stall = make_stall(session)
    session.commit()

    with window(browser, served) as visitor:
        visitor.open(f"{stall.path}/p/ECPF-A1")
        visitor.press("Pôr no carrinho")
        visitor.follow("Ir para o pagamento")
        visitor.fill(**{name: typed for name, typed in TYPED.items() if name != "consent"})
        visitor.page.locator("[name='consent']").check()
        button = visitor.page.get_by_role("button", name="Pedir e pagar R$ 169,00 com Pix")
        with visitor.page.expect_navigation():
            button.dblclick(no_wait_after=True)
        visitor.page.get_by_text("Esperando o pagamento até").wait_for()

    session.expire_all()
    assert len(session.scalars(select(Charge)).all()) == 1


def test_the_code_is_copied(session: Session, browser: Any, served: str) -> None:
    stall = make_stall(session)
    session.commit()

    facts = {"permissions": ["clipboard-read", "clipboard-write"]}
    with window(browser, served, **facts) as visitor:
        find_and_order(visitor, stall)
        visitor.page.get_by_role("button", name="Copiar código").click()
        visitor.page.get_by_role("button", name="Copiado").wait_for()
        held = visitor.page.evaluate("navigator.clipboard.readText()")

    assert held == session.scalars(select(Charge.br_code)).one()
