"""Refunds leave by a job, and lost notifications are made up for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.i18n import in_own_language
from portal.payments import services as payments
from portal.payments.errors import ProviderUnreachable
from portal.payments.jobs import reconcile_payments, send_refunds
from portal.payments.models import Charge, PaymentNotice, Refund, SimulatedMove
from portal.payments.services.providers import simulated as firm
from portal.payments.services.providers.simulated import Simulated, pay, signed
from portal.payments.services.sending import claim_refund
from portal.scheduler.rules.telling import tale_of
from portal.transactions import transact
from tests.factories import NOON, make_actor
from tests.payments.conftest import Told
from tests.payments.factories import make_charge
from tests.visitors import MovableClock

BOTH = pytest.mark.engines("sqlite", "mariadb")


@pytest.fixture
def app(simulated: None, make_app: Callable[..., Flask]) -> Flask:
    return make_app(payments_provider="simulated")


def make_paid(session: Session, app: Flask) -> Charge:
    """A charge that the firm was paid for, and the portal knows of."""
    charge = make_charge(session)
    pay(session, charge.txid, at=NOON)
    run(session, app, reconcile_payments)
    session.refresh(charge)
    assert charge.status == "paid"
    return charge


def ask_back(session: Session, charge: Charge) -> Refund:
    refund = payments.request_refund(
        session, charge, amount=charge.amount, reason="Cancelled", by=make_actor(), at=NOON
    )
    session.commit()
    return refund


def run(session: Session, app: Flask, job: Callable[..., str], *args: object) -> str:
    session.commit()
    with app.app_context():
        return job(*args)


def given_back(session: Session) -> int:
    session.commit()
    moves = select(func.count()).where(SimulatedMove.kind == "refunded")
    return session.scalar(moves) or 0


@BOTH
def test_a_refund_is_sent_and_done_and_told_of_once(
    app: Flask, session: Session, told: Told
) -> None:
    charge = make_paid(session, app)
    refund = ask_back(session, charge)

    said = [run(session, app, send_refunds) for _ in range(2)]

    assert said == ["1 of 1 refunds sent", "0 of 0 refunds sent"]
    session.refresh(charge)
    session.refresh(refund)
    assert (charge.status, refund.status, refund.attempts) == ("refunded", "done", 1)
    assert [hook for hook, _, _ in told] == ["paid", "refunded"]
    assert given_back(session) == 1


@pytest.mark.engines("mariadb")
@pytest.mark.xdist_group("fire")
def test_many_senders_at_once_give_the_money_back_once(app: Flask, session: Session) -> None:
    charges = [make_paid(session, app) for _ in range(5)]
    for charge in charges:
        ask_back(session, charge)

    def send(_: int) -> str:
        with app.app_context():
            return send_refunds()

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(send, range(8)))

    assert given_back(session) == 5
    for charge in charges:
        session.refresh(charge)
        assert (charge.status, charge.refunds[0].attempts) == ("refunded", 1)


@BOTH
def test_who_died_while_sending_is_followed_by_another(
    app: Flask, session: Session, clock: MovableClock
) -> None:
    charge = make_paid(session, app)
    refund = ask_back(session, charge)
    number = refund.id

    def die_half_way() -> str:
        errand = transact(claim_refund, number, clock.now())
        transact(Simulated().refund, errand.wanted)
        return "claimed, told to the firm, and never marked"

    run(session, app, die_half_way)
    assert run(session, app, send_refunds) == "0 of 0 refunds sent"
    clock.advance(minutes=2)
    assert run(session, app, send_refunds) == "1 of 1 refunds sent"

    session.refresh(charge)
    assert (charge.status, given_back(session)) == ("refunded", 1)


def test_a_firm_that_does_not_answer_is_asked_again_less_and_less_often(
    app: Flask, session: Session, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = make_paid(session, app)
    refund = ask_back(session, charge)

    def fail(*_: object) -> None:
        raise ProviderUnreachable("no answer within 10 seconds")

    tried = []
    with monkeypatch.context() as patched:
        patched.setattr(firm.Simulated, "refund", fail)
        for _ in range(16):
            run(session, app, send_refunds)
            session.refresh(refund)
            tried.append(refund.attempts)
            clock.advance(minutes=1)

    assert tried == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]
    assert (refund.status, refund.last_error) == ("pending", "no answer within 10 seconds")
    clock.advance(hours=1)
    run(session, app, send_refunds)
    session.refresh(refund)
    assert (refund.status, refund.last_error, given_back(session)) == ("done", None, 1)


def test_money_that_came_by_hand_is_given_back_by_hand(app: Flask, session: Session) -> None:
    charge = make_charge(session)
    payments.confirm_charge(
        session, charge.id, paid_on=NOON.date(), method="cash", by=make_actor(), at=NOON
    )
    refund = ask_back(session, charge)

    assert run(session, app, send_refunds) == "0 of 0 refunds sent"
    payments.confirm_refund(session, refund.id, by=make_actor(), at=NOON)

    assert charge.status == "refunded"


@BOTH
def test_a_lost_notification_is_made_up_for_once(app: Flask, session: Session, told: Told) -> None:
    charges = [make_charge(session) for _ in range(3)]
    for charge in charges[:2]:
        pay(session, charge.txid, at=NOON)
    session.commit()

    said = [run(session, app, reconcile_payments) for _ in range(2)]

    assert said == ["2 news of 2 charges", "0 news of 2 charges"]
    for charge in charges:
        session.refresh(charge)
    assert [charge.status for charge in charges] == ["paid", "paid", "pending"]
    assert told == [("paid", charge.id, "paid") for charge in charges[:2]]


@pytest.mark.parametrize(("days", "news"), [(0, 1), (1, 1), (2, 0)])
def test_a_day_and_the_day_before_are_looked_at(
    app: Flask, session: Session, days: int, news: int
) -> None:
    pay(session, make_charge(session).txid, at=NOON)

    said = run(session, app, reconcile_payments, NOON.date() + timedelta(days=days))

    assert said.startswith(f"{news} news")


@BOTH
def test_a_payment_of_another_amount_is_counted_by_the_job_and_kept_for_people_once(
    app: Flask, session: Session, told: Told
) -> None:
    charge = make_charge(session)
    move = pay(session, charge.txid, at=NOON, amount=Decimal("15.00"))
    number = move.end_to_end_id

    said = [run(session, app, reconcile_payments) for _ in range(2)]

    assert said == ["0 news of 1 charges, 1 payments of another amount"] * 2
    (notice,) = session.scalars(select(PaymentNotice))
    assert (notice.end_to_end_id, notice.amount) == (number, Decimal("15.00"))
    assert (notice.charge_id, notice.outcome) == (charge.id, "differs")
    session.refresh(charge)
    assert (charge.status, told) == ("pending", [])


def test_what_a_notification_told_already_is_not_kept_again(app: Flask, session: Session) -> None:
    charge = make_charge(session)
    move = pay(session, charge.txid, at=NOON, amount=Decimal("15.00"))
    headers, body = signed(move, NOON)
    session.commit()

    app.test_client().post("/api/v1/payments/webhooks/simulated", data=body, headers=headers)
    run(session, app, reconcile_payments)

    assert len(session.scalars(select(PaymentNotice)).all()) == 1


@pytest.mark.parametrize("job", [send_refunds, reconcile_payments])
def test_what_the_jobs_tell_is_said_in_portuguese(
    app: Flask, session: Session, job: Callable[..., str]
) -> None:
    told = run(session, app, job)

    said = tale_of(told).said(in_own_language)

    assert said != str(told)
    assert "0" in said


def test_a_refund_that_the_firm_took_days_for_is_asked_for(
    app: Flask, session: Session, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = make_paid(session, app)
    ask_back(session, charge)
    with monkeypatch.context() as patched:
        patched.setattr(firm.Simulated, "refund", lambda *_: None)
        run(session, app, send_refunds)
    session.refresh(charge)
    assert (charge.status, charge.refunds[0].status) == ("refund_pending", "sent")
    clock.advance(days=4)
    moved = SimulatedMove(
        event_id="late",
        txid=charge.txid,
        kind="refunded",
        end_to_end_id=charge.payments[0].end_to_end_id,
        amount=charge.amount,
        at=NOON,
    )
    session.add(moved)
    session.commit()

    assert run(session, app, reconcile_payments) == "1 news of 1 charges"

    session.refresh(charge)
    assert charge.status == "refunded"
