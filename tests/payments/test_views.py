from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.partners.models import ServicePoint
from portal.payments import services as payments
from portal.payments.models import Charge, PaymentNotice, PixAccount, Refund
from tests.factories import NOON, make_actor, make_service_point, make_user, sign_in
from tests.payments.factories import make_charge, make_pix_account

KEY = {"form_key": "form-key-of-a-test-0001"}
PAID = KEY | {"paid_on": "01/12/2026", "method": "cash"}
PIX = {"key": "caixa@example.com", "holder": "Ponto da Praça", "city": "Recife", "version": "0"}


@pytest.fixture
def visit(app: Flask, session: Session) -> Any:
    """Sign someone in by profile and service points, with a browser of their own."""

    def signed_in(profile: str = "administrator", *points: ServicePoint) -> Any:
        visitor: Any = app.test_client()
        sign_in(visitor, make_user(session, profile, *points))
        return visitor

    return signed_in


def confirm(session: Session, charge: Charge) -> None:
    payments.confirm_charge(
        session, charge.id, paid_on=NOON.date(), method="cash", by=make_actor(), at=NOON
    )


def ask_back(session: Session, charge: Charge) -> Refund:
    return payments.request_refund(
        session, charge, amount=charge.amount, reason="Desistiu", by=make_actor(), at=NOON
    )


def test_the_list_shows_ones_own_charges_and_finds_one(visit: Any, session: Session) -> None:
    here, there = make_service_point(session, name="Aqui"), make_service_point(session, name="Lá")
    own, foreign = make_charge(session, here, "1111.11"), make_charge(session, there, "2222.22")
    txid, number = own.txid, foreign.id
    everywhere, owner = visit(), visit("owner", here)

    assert "1.111,11" in everywhere.get("/charges").text
    assert "2.222,22" in everywhere.get("/charges").text
    assert "2.222,22" not in owner.get("/charges").text
    assert "2.222,22" not in everywhere.get(f"/charges?q={txid[:8].lower()}").text
    assert "1.111,11" not in everywhere.get(f"/charges?q=%23{number}").text
    assert "1.111,11" not in everywhere.get("/charges?payee=headquarters").text
    assert "1.111,11" not in everywhere.get("/charges?to=30/11/2026").text
    assert "1.111,11" in everywhere.get("/charges?from=01/12/2026&status=pending").text


def test_the_list_as_a_file_has_the_same_filters(visit: Any, session: Session) -> None:
    point = make_service_point(session, name="Aqui")
    paid = make_charge(session, point, "1111.11")
    make_charge(session, point, "2222.22")
    confirm(session, paid)

    file = visit().get("/charges?status=paid&format=csv").text

    assert "1111,11" in file
    assert paid.txid in file
    assert "2222,22" not in file


def test_a_charge_that_waits_shows_its_code_until_it_expires(
    visit: Any, session: Session, clock: Any
) -> None:
    point = make_service_point(session)
    make_pix_account(session, point)
    charge = make_charge(session, point, expires_at=NOON + timedelta(hours=1))
    path, code, token = f"/charges/{charge.id}", charge.br_code, charge.token
    client = visit()

    before = client.get(path).text
    clock.advance(hours=1)
    after = client.get(path).text

    assert code in before
    assert '<svg viewBox="' in before
    assert "Aguarda pagamento" in before
    assert code not in after
    assert "Vencido" in after
    assert token not in before


def test_a_cancelled_charge_asks_nobody_to_pay_but_takes_money_that_came(
    visit: Any, session: Session
) -> None:
    point = make_service_point(session)
    make_pix_account(session, point)
    charge = make_charge(session, point, expires_at=NOON + timedelta(hours=1))
    payments.cancel_charge(session, charge, reason="desistiu", by=make_actor(), at=NOON)

    page = visit().get(f"/charges/{charge.id}").text

    assert charge.br_code not in page
    assert "Pix para o cliente" not in page
    assert page.count("Pode ser pago até") == 1
    assert "Confirmar o pagamento" in page


def test_a_payment_is_confirmed_by_its_form_once(visit: Any, session: Session) -> None:
    charge = make_charge(session)
    path, client = f"/charges/{charge.id}", visit()

    answers = [client.submit(f"{path}/confirm", PAID) for _ in range(2)]
    page = client.get(path).text
    other = client.submit(f"{path}/confirm", PAID | {"form_key": "another-form-key-0002"})

    assert "Pagamento confirmado." in page
    assert [(one.status_code, one.location) for one in answers] == [(303, path)] * 2
    assert (other.status_code, "Este pagamento já foi confirmado." in other.text) == (422, True)
    session.refresh(charge)
    assert (charge.status, charge.method) == ("paid", "cash")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"paid_on": "02/12/2026"}, "Esse dia ainda não chegou."),
        ({"paid_on": "ontem"}, "Digite um dia como 31/12/2026."),
        ({"method": "wallet"}, ""),
    ],
)
def test_a_wrong_confirmation_comes_back_with_the_reason(
    visit: Any, session: Session, change: dict[str, str], message: str
) -> None:
    charge = make_charge(session)

    answer = visit().submit(f"/charges/{charge.id}/confirm", PAID | change)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert message in answer.text
    session.refresh(charge)
    assert charge.status == "pending"


def test_people_of_a_point_are_told_who_confirms_headquarters_money(
    visit: Any, session: Session
) -> None:
    point = make_service_point(session)
    charge = make_charge(session, point, payee="headquarters")
    path, owner, seller = f"/charges/{charge.id}", visit("owner", point), visit("seller", point)

    page = owner.get(path).text
    answer = owner.submit(f"{path}/confirm", PAID)

    assert "só a central o confirma" in page
    assert f"{path}/confirm" not in page
    assert (answer.status_code, "só a central o confirma" in answer.text) == (422, True)
    assert f"{path}/confirm" not in seller.get(path).text
    assert seller.submit(f"{path}/confirm", PAID).status_code == 403


def test_money_that_went_back_is_put_on_record_once(visit: Any, session: Session) -> None:
    charge = make_charge(session)
    confirm(session, charge)
    refund = ask_back(session, charge)
    path, number, client = f"/charges/{charge.id}", refund.id, visit()

    page = client.get(path).text
    answers = [client.submit(f"/refunds/{number}/confirm", KEY) for _ in range(2)]
    other = client.submit(f"/refunds/{number}/confirm", {"form_key": "another-form-key-0002"})

    assert "Desistiu" in page
    assert f"/refunds/{number}/confirm" in page
    assert [(one.status_code, one.location) for one in answers] == [(303, path)] * 2
    assert (other.status_code, "já foi devolvido" in other.text) == (422, True)
    session.refresh(charge)
    assert charge.status == "refunded"
    assert f"/refunds/{number}/confirm" not in client.get(path).text


def test_the_time_line_of_a_refund_tells_the_state_only_where_it_changes(
    visit: Any, session: Session
) -> None:
    point = make_service_point(session)
    charge = make_charge(session, point)
    confirm(session, charge)
    facts: dict[str, Any] = {"reason": "devolvido", "by": make_actor(), "at": NOON}

    payments.refund_charge(session, charge.id, amount=charge.amount / 4, **facts)
    in_part = visit().get(f"/charges/{charge.id}").text
    payments.refund_charge(session, charge.id, amount=charge.amount * 3 / 4, **facts)
    whole = visit().get(f"/charges/{charge.id}").text

    assert "Situação: Aguarda pagamento → Pago" in in_part
    assert in_part.count("Situação: ") == 1
    assert "Situação: Pago → A devolver" in whole
    assert whole.count("Situação: ") == 2


def test_a_strangers_refund_is_not_there(visit: Any, session: Session) -> None:
    here = make_service_point(session)
    charge = make_charge(session)
    confirm(session, charge)
    number = ask_back(session, charge).id

    assert visit("owner", here).submit(f"/refunds/{number}/confirm", KEY).status_code == 404


def test_notifications_that_did_nothing_are_there_to_be_looked_at(
    visit: Any, session: Session
) -> None:
    point = make_service_point(session)
    for outcome, amount in (("counted", "150.00"), ("differs", "151.51")):
        charge = make_charge(session, point, amount)
        session.add(
            PaymentNotice(
                provider="simulated",
                event_id=outcome,
                kind="paid",
                charge_id=charge.id,
                end_to_end_id=f"E{outcome}",
                amount=charge.amount,
                received_at=NOON,
                outcome=outcome,
            )
        )
    client, stranger = visit(), visit("owner", make_service_point(session))

    assert "151,51" in client.get("/charges/notifications").text
    assert "151,51" in client.get("/charges/notifications?outcome=differs").text
    assert "151,51" not in client.get("/charges/notifications?outcome=counted").text
    assert "151,51" not in client.get("/charges/notifications?q=Ecounted").text
    assert "151,51" not in stranger.get("/charges/notifications").text
    assert "151,51" in client.get("/charges/notifications?format=csv").text.replace(".", "")


def test_a_charge_shows_what_was_told_of_it_and_does_not_fit(visit: Any, session: Session) -> None:
    charge, other = make_charge(session), make_charge(session)
    session.add(
        PaymentNotice(
            provider="simulated",
            event_id="reconciled-E1",
            kind="paid",
            charge_id=charge.id,
            end_to_end_id="E1",
            amount=Decimal("151.51"),
            received_at=NOON,
            outcome="differs",
        )
    )

    page = visit().get(f"/charges/{charge.id}").text

    assert "O que não corresponde à cobrança" in page
    assert "151,51" in page
    assert "O que não corresponde" not in visit().get(f"/charges/{other.id}").text


@pytest.mark.parametrize("whose", ["/settings/pix", "/service-points/SP-1/pix"])
def test_a_pix_key_is_saved_changed_and_removed(visit: Any, session: Session, whose: str) -> None:
    make_service_point(session, "SP-1")
    client = visit()

    saved = client.submit(whose, PIX)
    stale = client.submit(whose, PIX | {"city": "Olinda"})
    changed = client.submit(whose, PIX | {"city": "Olinda", "version": "1"})
    page = client.get(whose).text
    stored = session.execute(select(PixAccount.key, PixAccount.city)).all()
    removed = client.submit(f"{whose}/remove")
    again = client.submit(f"{whose}/remove")

    assert [one.status_code for one in (saved, stale, changed, removed, again)] == [
        303, 422, 303, 303, 303,
    ]  # fmt: skip
    assert stored == [("caixa@example.com", "Olinda")]
    assert "Cidade: Recife → Olinda" in page
    assert session.execute(select(PixAccount.key)).all() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [({"key": "x"}, "key"), ({"holder": ""}, "holder"), ({"tax_id": "1"}, "tax_id")],
)
def test_a_wrong_pix_key_comes_back_with_the_error_at_its_field(
    visit: Any, session: Session, change: dict[str, str], field: str
) -> None:
    answer = visit().submit("/settings/pix", PIX | change)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert session.scalars(select(PixAccount)).all() == []


def test_an_owner_sets_the_own_points_key_and_no_other(visit: Any, session: Session) -> None:
    here = make_service_point(session, "SP-1")
    make_service_point(session, "SP-2")
    owner = visit("owner", here)

    assert owner.submit("/service-points/SP-1/pix", PIX).status_code == 303
    assert owner.submit("/service-points/SP-2/pix", PIX).status_code == 404
    assert owner.submit("/service-points/SP-2/pix/remove").status_code == 404
    assert owner.submit("/settings/pix", PIX).status_code == 404
    assert 'href="/service-points/SP-1/pix"' in owner.get("/service-points/SP-1").text
