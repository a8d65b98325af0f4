from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import Forbidden, Invalid, PortalError
from portal.payments import queries
from portal.payments import services as payments
from portal.payments.errors import (
    AlreadyConfirmed,
    AlreadyRefunded,
    ChargeNotPending,
    NoSuchCharge,
    NotPaid,
    PaidToHeadquarters,
    RefundTooLarge,
)
from portal.payments.models import MOVES, Charge, ChargeState, Payment, Refund
from portal.payments.rules import setup
from tests.conftest import SECRET
from tests.factories import NOON, make_actor, make_service_point
from tests.payments.conftest import Told
from tests.payments.factories import make_charge, make_pix_account

LATER = NOON + timedelta(days=2)
TODAY = date(2026, 12, 3)


def confirm(session: Session, charge: Charge, **facts: object) -> Charge:
    values = {"paid_on": TODAY, "method": "pix", "by": make_actor(), "at": LATER}
    return payments.confirm_charge(session, charge.id, **(values | facts))  # type: ignore[arg-type] # as given


def deeds(session: Session, charge: Charge) -> list[str]:
    wanted = select(Deed.action).where(
        Deed.entity_type == "charge", Deed.entity_id == str(charge.id)
    )
    return list(session.scalars(wanted.order_by(Deed.id)))


def test_a_charge_of_a_payee_with_a_pix_key_shows_a_code(session: Session) -> None:
    point = make_service_point(session)
    make_pix_account(session, point)

    charge = make_charge(session, point, "150.00")

    assert charge.provider == "pix_static"
    assert charge.holder == "Padaria São José Ltda"
    assert "0114123456780001955204000053039865406150.00" in charge.br_code  # type: ignore[operator] # there is one
    assert "5921PADARIA SAO JOSE LTDA6009SAO PAULO" in charge.br_code  # type: ignore[operator] # the same
    assert f"0524{charge.txid}" in charge.br_code  # type: ignore[operator] # the same


def test_a_charge_of_a_payee_without_one_is_paid_by_hand(session: Session) -> None:
    charge = make_charge(session)

    assert (charge.provider, charge.br_code, charge.status) == ("manual", None, "pending")
    assert deeds(session, charge) == ["charge.created"]


def test_headquarters_key_is_that_of_the_settings_until_one_is_on_file(session: Session) -> None:
    setup.configure(
        provider="", secret=SECRET, key="financeiro@example.com", holder="Repasse", city="Recife"
    )
    before = make_charge(session, payee="headquarters")
    make_pix_account(session, holder="Repasse Distribuidora")
    after = make_charge(session, payee="headquarters")
    at_the_point = make_charge(session)

    assert "financeiro@example.com" in before.br_code  # type: ignore[operator] # there is one
    assert "12345678000195" in after.br_code  # type: ignore[operator] # there is one
    assert at_the_point.provider == "manual"


def test_the_charge_of_an_order_is_its_latest(session: Session) -> None:
    make_charge(session, subject=("test", 77))
    latest = make_charge(session, subject=("test", 77))

    assert queries.charge_for(session, ("test", 77)) is latest
    assert queries.charge_for(session, ("test", 77), hold=True) is latest
    assert queries.charge_for(session, ("other", 77)) is None


def test_secrets_of_charges_have_128_bits_and_txids_fit_a_br_code(session: Session) -> None:
    charges = [make_charge(session) for _ in range(20)]

    assert len({charge.token for charge in charges}) == 20
    assert all(len(charge.token) >= 22 for charge in charges)
    assert all(charge.txid.isalnum() and len(charge.txid) <= 25 for charge in charges)
    assert queries.charge_by_token(session, charges[3].token) is charges[3]
    with pytest.raises(NoSuchCharge):
        queries.charge_by_token(session, "another")


def test_a_confirmed_charge_is_paid_and_tells_once(session: Session, told: Told) -> None:
    charge = make_charge(session)
    by = make_actor()

    confirm(session, charge, method="cash", paid_on=date(2026, 12, 2), by=by)
    with pytest.raises(AlreadyConfirmed) as refusal:
        confirm(session, charge)

    assert refusal.value.code == "already_confirmed"
    assert told == [("paid", charge.id, "paid")]
    assert (charge.method, charge.paid_on, charge.paid_at) == ("cash", date(2026, 12, 2), LATER)
    assert (charge.paid_amount, charge.confirmed_by) == (Decimal("150.00"), by.user_id)
    assert session.scalar(select(func.count()).select_from(Payment)) == 1
    assert deeds(session, charge) == ["charge.created", "charge.paid"]


def test_late_money_of_a_cancelled_charge_counts(session: Session, told: Told) -> None:
    charge = make_charge(session, expires_at=NOON + timedelta(hours=1))
    payments.cancel_charge(session, charge, reason="Nobody paid", by=make_actor(), at=LATER)

    confirm(session, charge)

    assert told == [("paid", charge.id, "paid")]
    assert deeds(session, charge) == ["charge.created", "charge.cancelled", "charge.paid"]


def test_a_charge_expires_while_it_waits_alone(session: Session) -> None:
    end = NOON + timedelta(hours=1)
    charge = make_charge(session, expires_at=end)

    assert not charge.has_expired(end - timedelta(microseconds=1))
    assert charge.has_expired(end)
    confirm(session, charge)
    assert not charge.has_expired(end)


def test_what_was_paid_or_cancelled_is_not_cancelled(session: Session) -> None:
    paid, cancelled = make_charge(session), make_charge(session)
    confirm(session, paid)
    payments.cancel_charge(session, cancelled, reason="x", by=make_actor(), at=LATER)

    for charge in (paid, cancelled):
        with pytest.raises(ChargeNotPending):
            payments.cancel_charge(session, charge, reason="x", by=make_actor(), at=LATER)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"paid_on": TODAY + timedelta(days=1)}, "paid_on"),
        ({"method": "wallet"}, "method"),
    ],
)
def test_a_day_to_come_and_another_method_are_refused(
    session: Session, wrong: dict[str, object], field: str
) -> None:
    charge = make_charge(session)

    with pytest.raises(Invalid) as refusal:
        confirm(session, charge, **wrong)

    assert refusal.value.problems[0].field == field
    assert charge.status == "pending"


def test_the_day_of_a_payment_is_a_day_of_the_installation(session: Session) -> None:
    """At 01:00 UTC it is still the evening before in São Paulo."""
    charge = make_charge(session)
    night = datetime(2026, 12, 3, 1, tzinfo=UTC)

    with pytest.raises(Invalid):
        confirm(session, charge, paid_on=date(2026, 12, 3), at=night)
    confirm(session, charge, paid_on=date(2026, 12, 2), at=night)

    assert charge.status == "paid"


def test_only_who_may_and_who_sees_it_confirms(session: Session) -> None:
    here, there = make_service_point(session), make_service_point(session)
    charge = make_charge(session, here)
    paid_above = make_charge(session, here, payee="headquarters")
    refused: list[tuple[Charge, dict[str, object], type[PortalError]]] = [
        (charge, {"by": make_actor("payments.view")}, Forbidden),
        (charge, {"by": make_actor(points=(there,))}, NoSuchCharge),
        (paid_above, {"by": make_actor(points=(here,))}, PaidToHeadquarters),
    ]

    for which, facts, reason in refused:
        with pytest.raises(reason):
            confirm(session, which, **facts)

    confirm(session, charge, by=make_actor(points=(here,)))
    confirm(session, paid_above)
    assert (charge.status, paid_above.status) == ("paid", "paid")


def refund(session: Session, charge: Charge, amount: str = "150.00") -> Refund:
    return payments.request_refund(
        session,
        charge,
        amount=Decimal(amount),
        reason="Cancelled",
        by=make_actor(),
        at=LATER,
    )


def test_money_goes_back_once_and_a_person_confirms_it(session: Session, told: Told) -> None:
    charge = make_charge(session)
    confirm(session, charge)

    asked = refund(session, charge)
    assert charge.status == "refund_pending"
    with pytest.raises(AlreadyRefunded):
        refund(session, charge)
    payments.confirm_refund(session, asked.id, by=make_actor(), at=LATER)
    with pytest.raises(AlreadyRefunded):
        payments.confirm_refund(session, asked.id, by=make_actor(), at=LATER)
    with pytest.raises(AlreadyRefunded):
        refund(session, charge)

    assert charge.status == "refunded"
    assert told == [("paid", charge.id, "paid"), ("refunded", charge.id, "refunded")]
    assert deeds(session, charge)[-2:] == ["charge.refund_requested", "charge.refunded"]


def test_nothing_goes_back_that_did_not_come(session: Session) -> None:
    charge = make_charge(session)

    with pytest.raises(NotPaid):
        refund(session, charge)
    confirm(session, charge)
    with pytest.raises(RefundTooLarge):
        refund(session, charge, "150.01")
    with pytest.raises(Invalid):
        refund(session, charge, "0.00")

    assert refund(session, charge, "149.99").amount == Decimal("149.99")


def test_a_refund_is_confirmed_by_those_who_confirm_payments(session: Session) -> None:
    here, there = make_service_point(session), make_service_point(session)
    charge = make_charge(session, here, payee="headquarters")
    confirm(session, charge)
    asked = refund(session, charge)
    refused: list[tuple[dict[str, object], type[PortalError]]] = [
        ({"by": make_actor("payments.view")}, Forbidden),
        ({"by": make_actor(points=(there,))}, NoSuchCharge),
        ({"by": make_actor(points=(here,))}, PaidToHeadquarters),
    ]

    for facts, reason in refused:
        with pytest.raises(reason):
            payments.confirm_refund(session, asked.id, at=LATER, **facts)  # type: ignore[arg-type] # as given

    assert charge.status == "refund_pending"


def test_a_state_knows_its_moves() -> None:
    every = set(ChargeState)

    assert set(MOVES) == every
    assert {state for state in every if state.may_be_paid} == {
        ChargeState.PENDING,
        ChargeState.CANCELLED,
    }
