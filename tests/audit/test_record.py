"""Writing down who did what."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actors import PORTAL, Actor
from portal.audit.models import Deed
from portal.audit.queries import find_answer
from portal.audit.rules import difference
from portal.audit.services import jot, keep_answer, record
from portal.keys import Key, Seal, StoredAnswer

AT = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)
SOMEONE = Actor(
    user_id=7,
    email="a@example.com",
    name="A",
    profile_name="pricing",
    headquarters=True,
    permissions=frozenset(),
    token_id=3,
    address="2001:db8::1",
    request_id="request-1",
)
KEY = Key(b"k" * 32, b"f" * 32)


def both_ways(session: Session, **facts: Any) -> list[Deed]:
    """Write the same deed through the unit of work and through the driver."""
    known = {"by": SOMEONE, "action": "user.updated", "entity": ("user", 12), "at": AT, **facts}
    first = record(session, **known).id
    second = jot(session.connection(), **known)
    session.expire_all()
    return [session.get_one(Deed, number) for number in (first, second)]


def test_a_deed_tells_who_what_when_and_from_where(session: Session) -> None:
    for deed in both_ways(session, service_point_id=4, reason="because"):
        assert (deed.actor_id, deed.token_id, deed.address) == (7, 3, "2001:db8::1")
        assert (deed.action, deed.entity_type, deed.entity_id) == ("user.updated", "user", "12")
        assert (deed.at, deed.request_id, deed.reason) == (AT, "request-1", "because")
        assert (deed.service_point_id, deed.send_state) == (4, 0)


def test_numbers_of_deeds_rise(session: Session) -> None:
    first, second = both_ways(session)

    assert first.id < second.id


def test_amounts_and_days_are_kept_exactly(session: Session) -> None:
    after = {"price": Decimal("80.1000"), "on": date(2026, 12, 31), "name": "Ação", "none": None}

    for deed in both_ways(session, before={}, after=after):
        assert json.loads(deed.before or "") == {}
        assert json.loads(deed.after or "") == {
            "price": "80.1000",
            "on": "2026-12-31",
            "name": "Ação",
            "none": None,
        }


def test_an_instant_of_another_zone_is_the_same_instant(session: Session) -> None:
    here = AT.astimezone(timezone(timedelta(hours=-3)))

    assert [deed.at for deed in both_ways(session, at=here)] == [AT, AT]


def test_the_portal_itself_is_nobody(session: Session) -> None:
    for deed in both_ways(session, by=PORTAL):
        assert deed.actor_id is None


def test_a_deed_may_carry_a_key_and_its_answer(session: Session) -> None:
    seal = Seal(KEY, lambda result: (201, f"\n{result}"))

    record(
        session,
        by=SOMEONE,
        action="order.placed",
        entity=("order", 1),
        at=AT,
        service_point_id=4,
        **seal.facts("answer"),
    )

    found = find_answer(session.connection(), KEY)
    assert found is not None
    assert (found.same, found.status, found.text) == (True, 201, "\nanswer")
    assert (found.service_point_id, found.refused) == (4, False)


def test_a_key_is_found_with_what_else_was_asked_under_it(session: Session) -> None:
    stored = StoredAnswer(True, 409, "no", None, True)
    keep_answer(session.connection(), KEY, by=SOMEONE, path="/api/v1/x" * 20, answer=stored)

    other = find_answer(session.connection(), Key(KEY.hash, b"o" * 32))

    assert other is not None
    assert (other.same, other.refused) == (False, True)
    assert find_answer(session.connection(), Key(b"n" * 32, KEY.fingerprint)) is None


def test_a_key_has_one_answer(session: Session) -> None:
    stored = StoredAnswer(True, 201, "a", None, False)
    keep_answer(session.connection(), KEY, by=SOMEONE, path="/", answer=stored)

    with pytest.raises(IntegrityError):
        keep_answer(session.connection(), KEY, by=SOMEONE, path="/", answer=stored)
    session.rollback()


def test_only_what_changed_is_told() -> None:
    before = {"name": "a", "price": Decimal("1.0"), "gone": 1}
    after = {"name": "b", "price": Decimal("1.00"), "new": None, "more": 2}

    assert difference(before, after) == ({"name": "a", "gone": 1}, {"name": "b", "more": 2})
