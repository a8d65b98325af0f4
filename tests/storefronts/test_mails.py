"""Mails: each move of an order, to the visitor in his language and to the shop's people."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.errors import Conflict
from portal.mail.models import Mail
from portal.orders.jobs import jobs as order_jobs
from portal.payments import services as payments
from portal.payments.models import Refund
from tests.factories import make_actor, make_user
from tests.storefronts.factories import Stall, Visitor, make_stall
from tests.storefronts.stories import cancel, fill_up, fulfil, pay, return_part, the_order
from tests.visitors import MovableClock

OTHER = (("X-1", "Outro", "Outros", "1", "2"),)


def mails(session: Session, to: str = "maria@example.com") -> list[Mail]:
    session.expire_all()
    return list(session.scalars(select(Mail).where(Mail.recipient == to).order_by(Mail.id)))


def subjects(session: Session, to: str = "maria@example.com") -> list[str]:
    return [mail.subject.partition(": ")[2] for mail in mails(session, to)]


def test_the_first_mail_leads_to_the_payment(session: Session, visitor: Visitor) -> None:
    path = visitor.buy("ECPF-A1")

    (mail,) = mails(session)

    number = the_order(session).id
    assert mail.subject == f"Pedido {number} em Contábil Ipê: esperando seu Pix"
    assert "Olá, Maria das Dores!" in mail.text
    assert "Pagar agora: http://localhost" + path in mail.text
    assert f'href="http://localhost{path}"' in (mail.html or "")
    assert "e-CPF A1, 12 meses × 1: R$\u00a0169,00" in mail.text
    assert "2 de dez. de 2026" in mail.text
    assert "(19) 3000-1234" in mail.text
    assert mail.entity_id == str(number)


def test_each_move_is_told_once(session: Session, visitor: Visitor) -> None:
    visitor.buy("ECPF-A1")
    pay(session)
    fulfil(session)
    cancel(session)

    assert subjects(session) == ["esperando seu Pix", "pago e confirmado", "concluído", "cancelado"]
    assert "R$\u00a0169,00 que você pagou voltam para você" in mails(session)[-1].text


def test_money_that_has_gone_back_is_told_once(session: Session, visitor: Visitor) -> None:
    visitor.buy("ECPF-A1")
    pay(session)
    cancel(session)
    (refund,) = session.scalars(select(Refund))
    by = make_actor()

    payments.confirm_refund(session, refund.id, by=by, at=now())
    with pytest.raises(Conflict):
        payments.confirm_refund(session, refund.id, by=by, at=now())

    assert subjects(session)[-2:] == ["cancelado", "seu dinheiro foi devolvido"]
    assert "Os R$\u00a0169,00 que você pagou voltaram" in mails(session)[-1].text


def test_a_part_of_the_money_that_has_gone_back_is_told_with_its_amount(
    session: Session, visitor: Visitor
) -> None:
    visitor.buy("ECPF-A1")
    pay(session)

    for part in ("20.00", "30.00"):
        refund = return_part(session, part)
        payments.confirm_refund(session, refund.id, by=make_actor(), at=now())

    assert subjects(session)[-2:] == ["dinheiro devolvido a você"] * 2
    assert "R$\u00a020,00 dos R$\u00a0169,00" in mails(session)[-2].text
    assert "R$\u00a030,00 dos R$\u00a0169,00" in mails(session)[-1].text


def test_an_unpaid_order_that_is_cancelled_tells_of_no_money(
    session: Session, visitor: Visitor
) -> None:
    visitor.buy("ECPF-A1")
    cancel(session)

    assert "Nada foi cobrado" in mails(session)[-1].text


def test_an_order_that_waits_for_credit_is_told_to_both_sides(
    session: Session, client: Any
) -> None:
    stall = make_stall(session, credit_of=0)
    owner = make_user(session, "owner", stall.point)
    visitor = Visitor(client, stall.path)
    visitor.buy("ECPF-A1")
    pay(session)

    (_, mine), (theirs,) = mails(session), mails(session, owner.email)

    assert mine.subject.endswith("seu pagamento chegou")
    assert "crédito" not in mine.text + (mine.html or "")
    assert theirs.subject.endswith("pago, espera para ser feito")
    assert "falta crédito" in theirs.text
    assert f"http://localhost/orders/{the_order(session).id}" in theirs.text
    assert "62" not in theirs.text.replace(str(the_order(session).id), "")


def test_the_shops_people_hear_of_sales_and_cancellations(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    people = [make_user(session, "owner", stall.point), make_user(session, "seller", stall.point)]
    gone = make_user(session, "seller", stall.point)
    gone.active = False
    stranger = make_user(session, "owner", make_stall(session, "outra", goods=OTHER).point)
    visitor.buy("ECPF-A1")
    pay(session)
    cancel(session)

    for person in people:
        assert subjects(session, person.email) == ["pago e feito", "cancelado"]
    assert mails(session, gone.email) == mails(session, stranger.email) == []


@pytest.mark.parametrize(
    ("language", "said"), [("es", "¡Hola, Maria das Dores!"), ("en", "Hello, Maria das Dores!")]
)
def test_a_visitor_is_written_to_in_his_language(
    session: Session, client: Any, stall: Stall, language: str, said: str
) -> None:
    visitor = Visitor(client, f"{stall.path}/{language}")
    path = visitor.buy("ECPF-A1")
    pay(session)

    told = mails(session)

    assert {mail.language for mail in told} == {language}
    assert all(said in mail.text for mail in told)
    assert all(f"http://localhost{path}" in mail.text for mail in told)


def test_an_order_that_nobody_paid_is_told_to_have_lapsed(
    app: Any, session: Session, visitor: Visitor, clock: MovableClock
) -> None:
    visitor.buy("ECPF-A1")
    clock.advance(hours=25)
    session.commit()

    with app.app_context():
        for _ in range(2):
            order_jobs["lapse-orders"](None)

    assert subjects(session) == ["esperando seu Pix", "o prazo para pagar acabou"]


def test_what_a_visitor_calls_himself_stays_text(session: Session, visitor: Visitor) -> None:
    visitor.buy("ECPF-A1", name="<b>Maria</b> {{7*7}} %s %(total)s")

    (mail,) = mails(session)

    assert "<b>Maria" not in (mail.html or "")
    assert "&lt;b&gt;Maria&lt;/b&gt; {{7*7}} %s %(total)s" in (mail.html or "")
    assert "<b>Maria</b> {{7*7}} %s %(total)s" in mail.text


def test_credit_that_arrives_is_told_to_the_visitor(
    app: Any, session: Session, client: Any
) -> None:
    stall = make_stall(session, credit_of=0)
    visitor = Visitor(client, stall.path)
    visitor.buy("ECPF-A1")
    pay(session)

    fill_up(session, stall)
    with app.app_context():
        order_jobs["place-waiting"](None)

    assert the_order(session).status == "placed"
    assert subjects(session)[1:] == ["seu pagamento chegou", "pago e confirmado"]
