"""An order by its link: it is paid there, and it says in words how it stands."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.mail.models import Mail
from portal.orders.models import SiteBuyer
from portal.payments import services as payments
from portal.payments.models import Charge, Refund
from tests.factories import NOON, make_actor
from tests.storefronts.factories import Stall, Visitor, make_stall
from tests.storefronts.stories import cancel, fill_up, fulfil, pay, return_part, the_order, words
from tests.visitors import MovableClock


@pytest.fixture
def path(visitor: Visitor) -> str:
    """The page of an order that waits for its payment."""
    return visitor.buy("ECPF-A1")


def state(visitor: Visitor, path: str) -> Any:
    return visitor.client.get(f"{path}/estado").json["state"]


def page_of(visitor: Visitor, path: str) -> Any:
    return visitor.client.get(path)


def test_the_page_says_whom_to_pay_how_much_and_until_when(
    session: Session, visitor: Visitor, path: str
) -> None:
    charge = session.scalars(select(Charge)).one()

    page = page_of(visitor, path)
    said = words(page)

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "R$ 169,00" in said
    assert "Esperando o pagamento até" in said
    assert str(charge.br_code) in said
    assert "<svg" in page.text
    assert "Quem recebe" in said
    assert str(charge.holder) in said
    assert "12.ABC.345/01DE-35" in said
    assert "Já paguei: verificar agora" in said
    assert "noindex, nofollow" in page.text
    assert "maria@example.com" not in page.text


@pytest.mark.engines("sqlite", "mariadb")
def test_paid_is_paid_without_doing_anything(session: Session, visitor: Visitor, path: str) -> None:
    assert state(visitor, path) == "awaiting_payment"

    pay(session)

    assert state(visitor, path) == "placed"
    said = words(page_of(visitor, path))
    assert "Pago: seu pedido está confirmado" in said
    assert "copia e cola" not in said
    assert "data-moves" not in page_of(visitor, path).text


def test_a_paid_order_that_waits_for_credit_worries_nobody(session: Session, client: Any) -> None:
    stall = make_stall(session, credit_of=0)
    visitor = Visitor(client, stall.path)
    path = visitor.buy("ECPF-A1")
    pay(session)

    page = page_of(visitor, path)

    assert state(visitor, path) == "awaiting_credit"
    assert "Pago: seu pagamento chegou" in words(page)
    assert "Você não precisa fazer nada" in words(page)
    assert "crédito" not in words(page)
    assert "data-moves" in page.text

    fill_up(session, stall)
    assert state(visitor, path) in {"awaiting_credit", "placed"}


def test_a_fulfilled_order_is_done(session: Session, visitor: Visitor, path: str) -> None:
    pay(session)
    fulfil(session)

    assert "Seu pedido está concluído" in words(page_of(visitor, path))


def test_an_unpaid_order_that_was_cancelled_cost_nothing(
    session: Session, visitor: Visitor, path: str
) -> None:
    cancel(session)

    said = words(page_of(visitor, path))

    assert "Este pedido foi cancelado" in said
    assert "Nada foi cobrado" in said


@pytest.mark.engines("sqlite", "mariadb")
def test_a_paid_order_that_was_cancelled_says_where_the_money_is(
    session: Session, visitor: Visitor, path: str
) -> None:
    pay(session)
    cancel(session)

    assert "R$ 169,00 que você pagou estão voltando" in words(page_of(visitor, path))

    refund = session.scalars(select(Refund)).one()
    payments.confirm_refund(session, refund.id, by=make_actor(), at=NOON)
    session.commit()
    assert "R$ 169,00 que você pagou foram devolvidos" in words(page_of(visitor, path))


def test_a_confirmed_order_says_what_of_its_money_goes_back(
    session: Session, visitor: Visitor, path: str
) -> None:
    pay(session)
    whole = words(page_of(visitor, path))
    return_part(session, "20.00")

    said = words(page_of(visitor, path))

    assert "voltam para você" not in whole
    assert "R$ 20,00 dos R$ 169,00 que você pagou voltam para você" in said
    assert "Pago: seu pedido está confirmado" in said


def test_an_order_that_nobody_paid_lapses_even_before_a_job_has_run(
    session: Session, visitor: Visitor, path: str, clock: MovableClock
) -> None:
    order = the_order(session)
    assert order.pay_until is not None
    clock.move_to(order.pay_until)

    said = words(page_of(visitor, path))

    assert state(visitor, path) == "lapsed"
    assert "O prazo para pagar acabou" in said
    assert "não pague o código antigo" in said
    assert session.scalars(select(Charge.br_code)).one() not in said


def test_the_same_is_ordered_again_in_one_click(
    session: Session, visitor: Visitor, path: str
) -> None:
    cancel(session)

    answer = visitor.client.post(f"{path}/de-novo", headers={"Origin": "http://localhost"})

    assert answer.status_code == 303
    assert "R$\u00a0169,00" in visitor.see("/carrinho").text


def test_a_service_point_without_a_pix_key_says_how_to_pay(
    session: Session, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.storefronts.factories.make_pix_account", lambda *_: None)
    visitor = Visitor(client, make_stall(session).path)

    said = words(page_of(visitor, visitor.buy("ECPF-A1")))

    assert "Pague como combinado com a loja" in said
    assert "copia e cola" not in said
    assert "Contábil Ipê Serviços Ltda" in said


# Secret links


def test_a_link_is_long_and_drawn_anew_each_time(session: Session, visitor: Visitor) -> None:
    links = {visitor.buy("ECPF-A1").rpartition("/")[2] for _ in range(5)}

    assert len(links) == 5
    assert all(re.fullmatch("[A-Za-z0-9_-]{22,}", link) for link in links)


@pytest.mark.engines("sqlite", "mariadb")
def test_without_the_whole_link_there_is_nothing(
    session: Session, visitor: Visitor, path: str, stall: Stall
) -> None:
    link = path.rpartition("/")[2]
    number = str(the_order(session).id)
    for wrong in (link[:-1], link + "x", link.swapcase(), number, "%25", "_" * 32, "x" * 5000):
        for rest in ("", "/estado"):
            assert visitor.see(f"/pedido/{wrong}{rest}").status_code == 404, wrong


def test_an_order_is_seen_in_its_own_shop_alone(
    session: Session, visitor: Visitor, path: str
) -> None:
    other = make_stall(session, "outra", goods=(("X-1", "X", "Y", "1", "2"),))

    assert visitor.client.get(f"{other.path}/pedido/{path.rpartition('/')[2]}").status_code == 404


def test_an_order_is_seen_though_its_shop_has_closed(
    session: Session, visitor: Visitor, path: str, stall: Stall
) -> None:
    stall.point.shop_enabled = False

    page = page_of(visitor, path)

    assert page.status_code == 200
    assert "R$ 169,00" in words(page)


# My orders


def links_sent(session: Session) -> list[Mail]:
    wanted = select(Mail).where(Mail.key.startswith("links-")).order_by(Mail.id)
    return list(session.scalars(wanted))


def test_the_links_go_to_the_email_and_nowhere_else(
    session: Session, visitor: Visitor, path: str
) -> None:
    known = visitor.send("/pedidos", {"email": " Maria@Example.com "})
    unknown = visitor.send("/pedidos", {"email": "outra@example.com"})

    (mail,) = links_sent(session)
    assert words(known) == words(unknown)
    assert mail.recipient == "maria@example.com"
    assert f"http://localhost{path}" in mail.text
    assert path.rpartition("/")[2] not in known.text


def test_links_are_sent_now_and_then(
    session: Session, visitor: Visitor, path: str, clock: MovableClock
) -> None:
    for _ in range(10):
        assert visitor.send("/pedidos", {"email": "maria@example.com"}).status_code == 200
    assert len(links_sent(session)) == 1

    assert visitor.send("/pedidos", {"email": "maria@example.com"}).status_code == 429
    clock.advance(hours=1)
    assert visitor.send("/pedidos", {"email": "maria@example.com"}).status_code == 200
    assert len(links_sent(session)) == 2


@pytest.mark.parametrize("email", ["", "maria", "a@b", "maria@example.com\nBcc: x@y.com"])
def test_what_is_no_email_is_said_so(session: Session, visitor: Visitor, email: str) -> None:
    answer = visitor.send("/pedidos", {"email": email})

    assert answer.status_code == 422
    assert "Digite um e-mail" in answer.text


def test_old_orders_are_not_named(
    session: Session, visitor: Visitor, path: str, clock: MovableClock
) -> None:
    clock.advance(days=91)

    visitor.send("/pedidos", {"email": "maria@example.com"})

    assert links_sent(session) == []
    assert session.scalars(select(SiteBuyer)).one().link in path
