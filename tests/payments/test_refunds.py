"""Money of a paid charge goes back by itself: all of it, or in parts, and never more than came."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.errors import Forbidden, Invalid
from portal.partners.models import ServicePoint
from portal.payments import services as payments
from portal.payments.errors import (
    AlreadyRefunded,
    NoSuchCharge,
    NotPaid,
    RefundTooLarge,
    ReturnedByHeadquarters,
)
from portal.payments.models import Charge, Refund
from portal.payments.services.notices import Heard, settle
from portal.payments.services.providers import Arrived, Returned, Standing, provider_named
from portal.payments.services.refunds import key_of
from tests.factories import NOON, make_actor, make_service_point, make_user, sign_in
from tests.payments.conftest import Told
from tests.payments.factories import make_charge

BOTH = pytest.mark.engines("sqlite", "mariadb")
PAID_AS = Arrived("E1", Decimal("150.00"), NOON)
KEY = {"form_key": "form-key-of-a-test-0001"}
PART = KEY | {"amount": "20,00", "reason": "Desconto combinado"}


def make_paid(session: Session, point: ServicePoint | None = None, **facts: Any) -> Charge:
    """A charge of 150.00 that was paid by hand."""
    charge = make_charge(session, point, **facts)
    payments.confirm_charge(
        session, charge.id, paid_on=NOON.date(), method="cash", by=make_actor(), at=NOON
    )
    return charge


def refund(session: Session, charge: Charge, amount: str, **facts: Any) -> Refund:
    values = {"reason": "Desconto", "by": make_actor(), "at": NOON} | facts
    return payments.refund_charge(session, charge.id, amount=Decimal(amount), **values)


# Parts


@BOTH
def test_money_goes_back_in_parts_until_nothing_is_left(session: Session, told: Told) -> None:
    charge = make_paid(session)

    parts = [refund(session, charge, amount) for amount in ("20.00", "30.00")]
    assert charge.status == "paid"
    with pytest.raises(RefundTooLarge) as refused:
        refund(session, charge, "100.01")
    parts.append(refund(session, charge, "100.00"))
    assert charge.status == "refund_pending"
    with pytest.raises(AlreadyRefunded):
        refund(session, charge, "0.01")
    stood = []
    for part in parts:
        payments.confirm_refund(session, part.id, by=make_actor(), at=NOON)
        stood.append(charge.status)

    assert refused.value.facts == {"left": Decimal("100.00")}
    assert stood == ["refund_pending", "refund_pending", "refunded"]
    assert [hook for hook, _, _ in told] == ["paid", "refunded", "refunded", "refunded"]


def test_a_part_that_is_back_leaves_the_charge_paid(session: Session) -> None:
    charge = make_paid(session)

    part = refund(session, charge, "20.00")
    payments.confirm_refund(session, part.id, by=make_actor(), at=NOON)

    session.refresh(charge)
    assert (charge.status, charge.returned, charge.left) == ("paid", Decimal(20), Decimal(130))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": "0.00"}, "amount"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "a\u202eb"}, "reason"),
    ],
)
def test_nothing_and_no_reason_are_refused_at_their_field(
    session: Session, facts: dict[str, str], field: str
) -> None:
    charge = make_paid(session)

    with pytest.raises(Invalid) as refused:
        refund(session, charge, **({"amount": "1.00"} | facts))

    assert [one.field for one in refused.value.problems] == [field]
    assert session.scalars(select(Refund)).all() == []


def test_only_who_may_and_who_sees_it_returns_money(session: Session) -> None:
    here, there = make_service_point(session), make_service_point(session)
    own, headquarters = make_paid(session, here), make_paid(session, here, payee="headquarters")
    owner = make_actor("payments.refund", points=(here,))

    with pytest.raises(Forbidden):
        refund(session, own, "1.00", by=make_actor(without=("payments.refund",)))
    with pytest.raises(NoSuchCharge):
        refund(session, own, "1.00", by=make_actor(points=(there,)))
    with pytest.raises(ReturnedByHeadquarters):
        refund(session, headquarters, "1.00", by=owner)
    with pytest.raises(NotPaid):
        refund(session, make_charge(session), "1.00")

    assert refund(session, own, "1.00", by=owner).requested_by == owner.user_id
    assert refund(session, headquarters, "1.00").amount == Decimal("1.00")


# What payment firms tell


def hear(session: Session, charge: Charge, *returned: Returned) -> int:
    """Take what the firm answers; return how much is news."""
    standing = Standing(charge.txid, charge.amount, (PAID_AS,), returned)
    return settle(session, standing, Heard(provider_named("simulated"), make_actor(), NOON)).news


def back(amount: str, key: str | None = None) -> Returned:
    return Returned(PAID_AS.end_to_end_id, Decimal(amount), NOON, key)


def states(session: Session, charge: Charge) -> list[tuple[str, str]]:
    rows = select(Refund).where(Refund.charge_id == charge.id).order_by(Refund.id)
    return [(str(one.amount), one.status) for one in session.scalars(rows)]


@BOTH
@pytest.mark.usefixtures("simulated")
def test_parts_of_one_amount_are_told_apart_by_their_keys(session: Session) -> None:
    charge = make_charge(session)
    hear(session, charge)
    first, second = (refund(session, charge, "20.00") for _ in range(2))

    news = [hear(session, charge, back("20.00", key_of(second))) for _ in range(2)]

    session.refresh(first)
    assert news == [1, 0]
    assert (first.status, second.status) == ("pending", "done")


@pytest.mark.usefixtures("simulated")
def test_what_the_bank_returned_by_itself_counts_beside_what_was_asked_for(
    session: Session,
) -> None:
    charge = make_charge(session)
    hear(session, charge)
    asked = refund(session, charge, "20.00")
    moves = back("20.00", "somebody-elses"), back("20.00", key_of(asked)), back("110.00")

    news = [hear(session, charge, *moves) for _ in range(2)]

    session.refresh(charge)
    assert news == [3, 0]
    assert states(session, charge) == [("20.00", "done"), ("20.00", "done"), ("110.00", "done")]
    assert charge.status == "refunded"


@pytest.mark.usefixtures("simulated")
def test_a_firm_without_keys_tells_of_the_same_parts_again_and_again(session: Session) -> None:
    charge = make_charge(session)
    hear(session, charge)
    refund(session, charge, "20.00")
    hear(session, charge, back("20.00"))
    refund(session, charge, "20.00")

    assert hear(session, charge, back("20.00")) == 0
    assert hear(session, charge, back("20.00"), back("20.00")) == 1
    assert states(session, charge) == [("20.00", "done"), ("20.00", "done")]


# On screen


@pytest.fixture
def visit(app: Flask, session: Session) -> Any:
    """Sign someone in by profile and service points, with a browser of their own."""

    def signed_in(profile: str = "administrator", *points: ServicePoint) -> Any:
        visitor: Any = app.test_client()
        sign_in(visitor, make_user(session, profile, *points))
        return visitor

    return signed_in


@BOTH
def test_a_part_is_typed_read_once_more_and_returned_once(visit: Any, session: Session) -> None:
    charge = make_paid(session)
    path, client = f"/charges/{charge.id}", visit()

    typed = client.get(f"{path}/refund").text
    asked = client.submit(f"{path}/refund", PART | {"step": "check"}).text
    stored = len(session.scalars(select(Refund)).all())
    answers = [client.submit(f"{path}/refund", PART | {"step": "sure"}) for _ in range(2)]
    page = client.get(path).text

    assert 'value="150,00"' in typed
    assert "Devolver R$\xa020,00" in asked
    assert "R$\xa0130,00" in asked
    assert stored == 0
    assert [(one.status_code, one.location) for one in answers] == [(303, path)] * 2
    session.expire_all()
    assert states(session, charge) == [("20.00", "pending")]
    assert charge.refunds[0].reason == "Desconto combinado"
    for said in ("A devolução está em andamento", "Desconto combinado", f"{path}/refund"):
        assert said in page


def test_who_goes_back_finds_what_was_typed(visit: Any, session: Session) -> None:
    charge = make_paid(session)

    page = visit().submit(f"/charges/{charge.id}/refund", PART | {"step": ""})

    assert page.status_code == 200
    for said in ('value="20,00"', 'value="Desconto combinado"', 'value="check"'):
        assert said in page.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": "150,01"}, "no máximo R$\xa0150,00"),
        ({"amount": "0,00"}, "maior que zero"),
        ({"amount": ""}, ""),
        ({"reason": " "}, ""),
    ],
)
@pytest.mark.parametrize("step", ["check", "sure"])
def test_what_cannot_go_back_comes_back_with_the_reason(
    visit: Any, session: Session, step: str, change: dict[str, str], said: str
) -> None:
    charge = make_paid(session)

    answer = visit().submit(f"/charges/{charge.id}/refund", PART | change | {"step": step})

    assert answer.status_code == 422
    assert f'id="{next(iter(change))}-error"' in answer.text
    assert said in answer.text
    assert session.scalars(select(Refund)).all() == []


def test_what_was_not_paid_leads_back_to_its_charge(visit: Any, session: Session) -> None:
    charge = make_charge(session)
    path, client = f"/charges/{charge.id}", visit()

    answer = client.get(f"{path}/refund")
    page = client.get(path).text

    assert (answer.status_code, answer.location) == (303, path)
    assert "Nada foi pago nesta cobrança" in page
    assert f"{path}/refund" not in page


def test_the_button_is_there_for_who_may_return_the_money(visit: Any, session: Session) -> None:
    point = make_service_point(session)
    own, headquarters = make_paid(session, point), make_paid(session, point, payee="headquarters")
    paths = [f"/charges/{charge.id}" for charge in (own, headquarters)]

    def offered(client: Any) -> list[bool]:
        return [f"{path}/refund" in client.get(path).text for path in paths]

    assert offered(visit("owner", point)) == [True, False]
    assert offered(visit("finance")) == [True, True]
    assert offered(visit("seller", point)) == [False, False]
    assert visit("seller", point).get(f"{paths[0]}/refund").status_code == 403
    assert visit("owner", make_service_point(session)).get(f"{paths[0]}/refund").status_code == 404
