from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import Forbidden, Invalid, NotFound, PortalError, PreconditionFailed
from portal.partners.errors import InvalidTaxId, NoSuchServicePoint
from portal.payments import queries
from portal.payments import services as payments
from portal.payments.errors import NoSuchPixAccount
from portal.payments.models import HEADQUARTERS
from portal.payments.rules.pix_keys import Recipient
from tests.factories import NOON, make_actor, make_service_point
from tests.payments.factories import make_charge, make_pix_account

LATER = NOON + timedelta(days=1)
CAIXA = Recipient("caixa@example.com", "Ponto da Praça", "Recife")


def test_a_key_holds_for_charges_from_now_on(session: Session) -> None:
    point = make_service_point(session)
    make_pix_account(session, point, key="caixa@example.com")
    before = make_charge(session, point)

    make_pix_account(session, point, key="outra@example.com")
    after = make_charge(session, point)

    assert "caixa@example.com" in before.br_code  # type: ignore[operator] # there is one
    assert "outra@example.com" in after.br_code  # type: ignore[operator] # there is one


def test_a_removed_key_serves_no_charge(session: Session) -> None:
    point = make_service_point(session)
    make_pix_account(session, point)
    payments.remove_pix_account(session, point.code, by=make_actor(), at=LATER)

    assert make_charge(session, point).br_code is None
    with pytest.raises(NoSuchPixAccount):
        payments.remove_pix_account(session, point.code, by=make_actor(), at=LATER)


def test_every_change_is_in_the_audit_trail_with_before_and_after(session: Session) -> None:
    point = make_service_point(session)
    make_pix_account(session, point)
    make_pix_account(session, point)  # the same: nothing changes
    make_pix_account(session, point, city="Recife")
    payments.remove_pix_account(session, point.code, by=make_actor(), at=LATER)

    wanted = select(Deed).where(Deed.entity_type == "pix_account").order_by(Deed.id)
    first, second, last = session.scalars(wanted).all()
    assert (first.action, second.action, last.action) == (
        "pix_account.changed",
        "pix_account.changed",
        "pix_account.removed",
    )
    assert (second.before, second.after) == ('{"city":"São Paulo"}', '{"city":"Recife"}')
    assert '"key":"12345678000195"' in (last.before or "")
    assert first.service_point_id == point.id


def test_who_read_an_older_version_does_not_overwrite(session: Session) -> None:
    point = make_service_point(session)
    facts: dict[str, Any] = {"by": make_actor(), "at": LATER}

    with pytest.raises(PreconditionFailed):
        payments.set_pix_account(session, point.code, CAIXA, version=1, **facts)
    payments.set_pix_account(session, point.code, CAIXA, version=0, **facts)
    with pytest.raises(PreconditionFailed):
        payments.set_pix_account(session, point.code, CAIXA, version=0, **facts)


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"key": "11987654321"}, "key", Invalid),
        ({"holder": " "}, "holder", Invalid),
        ({"holder": "漢字"}, "holder", Invalid),
        ({"city": "x" * 61}, "city", Invalid),
        ({"tax_id": "16.727.230/0001-98"}, "tax_id", InvalidTaxId),
    ],
)
def test_what_makes_no_code_is_refused_at_its_field(
    session: Session, wrong: dict[str, str], field: str, reason: type[PortalError]
) -> None:
    with pytest.raises(reason) as refusal:
        make_pix_account(session, make_service_point(session), **wrong)

    assert refusal.value.problems[0].field == field


def test_people_set_the_key_of_their_own_service_point_alone(session: Session) -> None:
    here, there = make_service_point(session), make_service_point(session)
    owner = make_actor(points=(here,))
    refused: list[tuple[str | None, Any, type[PortalError]]] = [
        (there.code, owner, NoSuchServicePoint),
        (None, owner, NotFound),
        (here.code, make_actor("payments.view", points=(here,)), Forbidden),
        (None, make_actor("payments.view"), Forbidden),
    ]

    for code, by, reason in refused:
        with pytest.raises(reason):
            payments.set_pix_account(session, code, CAIXA, by=by, at=LATER)

    payments.set_pix_account(session, here.code, CAIXA, by=owner, at=LATER)
    assert queries.recipient(session, here.id) == CAIXA
    assert queries.recipient(session, there.id) is None
    assert queries.recipient(session, HEADQUARTERS) is None
