"""What a payment firm tells: signed, compared, asked back, and counted once (SAFETY T5)."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.payments import services as payments
from portal.payments.errors import ChargeNotPending
from portal.payments.models import Charge, Payment, PaymentNotice, Refund, SimulatedMove
from portal.payments.rules import setup
from portal.payments.services.providers import Return, provider_named
from portal.payments.services.providers.simulated import SIGNATURE, pay, signed
from tests.conftest import SECRET
from tests.factories import NOON, make_actor
from tests.payments.conftest import Told
from tests.payments.factories import make_charge

WEBHOOK = "/api/v1/payments/webhooks/simulated"
MUTATIONS = 300
COPIES = 20
Sent = tuple[dict[str, str], bytes]


@pytest.fixture
def app(simulated: None, make_app: Callable[..., Flask]) -> Flask:
    return make_app(payments_provider="simulated")


def send(client: FlaskClient, sent: Sent) -> TestResponse:
    headers, body = sent
    return client.post(WEBHOOK, data=body, headers=headers)


def tell(client: FlaskClient, move: SimulatedMove, at: datetime = NOON) -> TestResponse:
    return send(client, signed(move, at))


def changed_copy(move: SimulatedMove, **changes: Any) -> SimulatedMove:
    """Return what the firm would sign by mistake."""
    names = ("event_id", "kind", "txid", "end_to_end_id", "amount")
    return SimulatedMove(**({name: getattr(move, name) for name in names} | changes))


def give_back(session: Session, paid: SimulatedMove) -> SimulatedMove:
    """Let the firm return a payment that nobody here asked it to return."""
    wanted = Return(f"bank-{paid.id}", paid.txid, paid.end_to_end_id, paid.amount, NOON)
    provider_named("simulated").refund(session, wanted)
    return session.scalars(select(SimulatedMove).where(SimulatedMove.key == wanted.key)).one()


def how_many(session: Session, table: type[Any]) -> int:
    session.commit()
    return session.scalar(select(func.count()).select_from(table)) or 0


def status_of(session: Session, charge: Charge) -> str:
    session.commit()
    session.refresh(charge)
    return charge.status


def outcomes(session: Session) -> list[str]:
    session.commit()
    return list(session.scalars(select(PaymentNotice.outcome).order_by(PaymentNotice.id)))


@pytest.mark.engines("sqlite", "mariadb")
def test_a_signed_notification_counts_the_payment(
    client: FlaskClient, session: Session, told: Told
) -> None:
    charge = make_charge(session)
    move = pay(session, charge.txid, at=NOON)

    answer = tell(client, move)

    assert (answer.status_code, answer.json) == (200, {"outcome": "counted"})
    assert status_of(session, charge) == "paid"
    assert (charge.method, charge.paid_on) == ("pix", NOON.date())
    assert charge.confirmed_by is None
    assert told == [("paid", charge.id, "paid")]


def test_told_again_it_says_the_same_and_does_nothing(
    client: FlaskClient, session: Session, told: Told
) -> None:
    move = pay(session, make_charge(session).txid, at=NOON)
    sent = signed(move, NOON)

    answers = [send(client, sent).json for _ in range(3)]
    later = tell(client, move, NOON + timedelta(seconds=30)).json

    assert [*answers, later] == [{"outcome": "counted"}] * 4
    assert (how_many(session, Payment), how_many(session, PaymentNotice)) == (1, 1)
    assert len(told) == 1


def test_another_event_of_the_same_payment_does_nothing_either(
    client: FlaskClient, session: Session, told: Told
) -> None:
    move = pay(session, make_charge(session).txid, at=NOON)
    tell(client, move)
    session.commit()
    move.event_id = "anotherevent"

    assert tell(client, move).json == {"outcome": "counted"}
    assert (how_many(session, Payment), how_many(session, PaymentNotice)) == (1, 2)
    assert len(told) == 1


@pytest.mark.engines("mariadb", "sqlite")
@pytest.mark.xdist_group("fire")
def test_of_twenty_copies_at_once_one_counts(app: Flask, session: Session, told: Told) -> None:
    charge = make_charge(session)
    sent = signed(pay(session, charge.txid, at=NOON), NOON)
    session.commit()

    with ThreadPoolExecutor(COPIES) as crowd:
        answers = list(crowd.map(lambda _: send(app.test_client(), sent), range(COPIES)))

    assert Counter(answer.status_code for answer in answers) == {200: COPIES}
    assert status_of(session, charge) == "paid"
    assert (how_many(session, Payment), how_many(session, PaymentNotice)) == (1, 1)
    assert told == [("paid", charge.id, "paid")]


def mutations(sent: Sent, seed: int) -> Iterator[Sent]:
    """Change a good notification, in its bytes, its signature, or its moment."""
    dice = random.Random(seed)  # noqa: S311 - changes, not secrets
    headers, body = sent
    signature = headers[SIGNATURE]
    for _ in range(100):  # a byte is another, goes, or comes
        place, other = dice.randrange(len(body)), bytes([dice.randrange(32, 127)])
        for changed in (
            body[:place] + other + body[place + 1 :],
            body[:place] + body[place + 1 :],
            body[:place] + other + body[place:],
        ):
            if changed != body:
                yield headers, changed
    told = json.loads(body)
    for name in told:  # the same facts, others, or none
        for value in ("", "0", "999.99", "refunded", told[name] + "1", None, 1, [told[name]]):
            yield headers, json.dumps(told | {name: value}).encode()
    for place in range(len(signature)):
        yield {**headers, SIGNATURE: signature[:place] + "x" + signature[place + 1 :]}, body
    for wrong in ("", "t=1", signature.split(",")[1], signature.upper(), f"{signature}0"):
        yield {**headers, SIGNATURE: wrong}, body
    yield {name: value for name, value in headers.items() if name != SIGNATURE}, body


def test_none_of_three_hundred_changed_notifications_is_accepted(
    client: FlaskClient, session: Session, told: Told
) -> None:
    charge = make_charge(session)
    good = signed(pay(session, charge.txid, at=NOON), NOON)
    changed = list(mutations(good, seed=20261201))
    session.commit()

    answers = Counter(send(client, one).status_code for one in changed)

    assert len(changed) >= MUTATIONS
    assert answers == {401: len(changed)}
    assert status_of(session, charge) == "pending"
    assert (how_many(session, Payment), how_many(session, PaymentNotice)) == (0, 0)
    assert send(client, good).status_code == 200  # the good one was good
    assert len(told) == 1


@pytest.mark.parametrize(
    ("sent_ago", "status"),
    [(-301, 401), (-300, 200), (0, 200), (300, 200), (301, 401)],
)
def test_an_old_notification_is_no_use(
    client: FlaskClient, session: Session, sent_ago: int, status: int
) -> None:
    move = pay(session, make_charge(session).txid, at=NOON)

    assert tell(client, move, NOON - timedelta(seconds=sent_ago)).status_code == status


def test_a_notification_signed_elsewhere_is_forged(client: FlaskClient, session: Session) -> None:
    move = pay(session, make_charge(session).txid, at=NOON)
    setup.configure(provider="simulated", secret="another installation's secret")
    sent = signed(move, NOON)
    setup.configure(provider="simulated", secret=SECRET)

    answer = send(client, sent)

    assert (answer.status_code, answer.json["code"]) == (401, "forged_notification")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": Decimal("1.00")}, 422, "notification_differs"),
        ({"end_to_end_id": "E00000000000000000000000000000"}, 422, "notification_differs"),
        ({"kind": "refunded"}, 422, "notification_differs"),
        ({"txid": "NOBODYSCHARGE"}, 422, "unknown_charge"),
    ],
)
def test_what_the_firm_does_not_confirm_does_nothing_though_it_signed_it(
    client: FlaskClient,
    session: Session,
    changes: dict[str, Any],
    status: int,
    code: str,
    told: Told,
) -> None:
    charge = make_charge(session)
    move = pay(session, charge.txid, at=NOON)

    answers = [tell(client, changed_copy(move, **changes)) for _ in range(2)]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(status, code)] * 2
    assert status_of(session, charge) == "pending"
    assert told == []


def test_another_amount_than_asked_is_left_to_people(
    client: FlaskClient, session: Session, told: Told
) -> None:
    charge = make_charge(session, amount="150.00")
    move = pay(session, charge.txid, at=NOON, amount=Decimal("15.00"))

    answer = tell(client, move)

    assert (answer.status_code, answer.json["code"]) == (422, "notification_differs")
    assert outcomes(session) == ["differs"]
    assert (status_of(session, charge), told) == ("pending", [])


def test_the_charge_of_another_service_point_is_not_paid_by_it(
    client: FlaskClient, session: Session
) -> None:
    one, other = make_charge(session), make_charge(session)
    move = pay(session, one.txid, at=NOON)

    assert tell(client, changed_copy(move, txid=other.txid)).status_code == 422
    assert (status_of(session, one), status_of(session, other)) == ("pending", "pending")


@pytest.mark.engines("sqlite", "mariadb")
def test_a_refund_that_is_told_before_its_payment_is_parked(
    client: FlaskClient, session: Session, told: Told
) -> None:
    charge = make_charge(session)
    paid = pay(session, charge.txid, at=NOON)
    returned = give_back(session, paid)

    early = tell(client, returned)
    assert (early.status_code, early.json) == (200, {"outcome": "parked"})
    assert (status_of(session, charge), outcomes(session), told) == ("pending", ["parked"], [])
    tell(client, paid)

    assert status_of(session, charge) == "refunded"
    assert outcomes(session) == ["counted", "counted"]
    assert told == [("paid", charge.id, "paid"), ("refunded", charge.id, "refunded")]
    assert tell(client, returned).json == {"outcome": "counted"}
    assert len(told) == 2


def test_money_for_a_cancelled_charge_that_was_on_its_way_counts(
    client: FlaskClient, session: Session, told: Told
) -> None:
    charge = make_charge(session)
    move = pay(session, charge.txid, at=NOON)
    payments.cancel_charge(session, charge, reason="Too late", by=make_actor(), at=NOON)

    tell(client, move)

    assert (status_of(session, charge), told) == ("paid", [("paid", charge.id, "paid")])


def test_what_is_paid_a_second_time_goes_back_by_itself(
    client: FlaskClient, session: Session, told: Told
) -> None:
    charge = make_charge(session)
    on_its_way = pay(session, charge.txid, at=NOON)
    payments.confirm_charge(
        session, charge.id, paid_on=NOON.date(), method="cash", by=make_actor(), at=NOON
    )

    tell(client, on_its_way)

    (back,) = session.scalars(select(Refund)).all()
    assert (back.amount, back.reason, back.status) == (charge.amount, "Paid twice", "pending")
    assert back.payment.end_to_end_id == on_its_way.end_to_end_id
    assert (status_of(session, charge), len(told)) == ("paid", 1)


def test_nobody_pays_a_charge_that_was_cancelled_or_confirmed_by_hand(session: Session) -> None:
    setup.configure(provider="simulated", secret=SECRET)
    cancelled, confirmed, paid = (make_charge(session) for _ in range(3))
    payments.cancel_charge(session, cancelled, reason="x", by=make_actor(), at=NOON)
    payments.confirm_charge(
        session, confirmed.id, paid_on=NOON.date(), method="cash", by=make_actor(), at=NOON
    )
    pay(session, paid.txid, at=NOON)

    for charge in (cancelled, confirmed, paid):
        with pytest.raises(ChargeNotPending):
            pay(session, charge.txid, at=NOON)


@pytest.mark.parametrize("name", ["manual", "pix_static", "nobody", "simulated"])
def test_firms_that_are_not_in_use_are_not_heard(
    make_app: Callable[..., Flask], session: Session, name: str
) -> None:
    setup.configure(provider="simulated", secret=SECRET)
    sent = signed(pay(session, make_charge(session).txid, at=NOON), NOON)
    client = make_app(payments_provider="").test_client()

    answer = client.post(WEBHOOK.replace("simulated", name), data=sent[1], headers=sent[0])

    assert answer.status_code == 404


def test_a_notification_of_a_megabyte_is_not_read(client: FlaskClient, session: Session) -> None:
    headers, _ = signed(pay(session, make_charge(session).txid, at=NOON), NOON)

    assert send(client, (headers, b" " * 1_000_001)).status_code == 413
