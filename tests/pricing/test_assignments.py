"""Which tables a service point uses: one model a day, and what has begun stays."""

import json
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import Forbidden, Invalid, PreconditionFailed
from portal.partners.errors import NoSuchServicePoint
from portal.partners.models import ServicePoint
from portal.periods import Period
from portal.pricing.errors import AssignmentOverlap, PastChange, ReasonMissing
from portal.pricing.models import PriceTable
from portal.pricing.queries.assignments import assignments_of
from portal.pricing.rules.assignments import NewAssignment
from portal.pricing.services import Given, set_assignments
from tests.pricing.factories import (
    PAST,
    make_actor,
    make_assignment,
    make_issuer,
    make_point,
    make_table,
)

HELENA = make_actor()


def general(table: PriceTable, begin: str, end: str | None = None) -> NewAssignment:
    return NewAssignment("general", days(begin, end), table.id)


def own(begin: str, end: str | None = None) -> NewAssignment:
    return NewAssignment("own", days(begin, end))


def days(begin: str, end: str | None) -> Period:
    return Period(date.fromisoformat(begin), date.fromisoformat(end) if end else None)


def given(
    session: Session, point: ServicePoint, items: list[NewAssignment], at: datetime, **facts: object
) -> Given:
    by = facts.pop("by", HELENA)
    return set_assignments(session, point.code, items, by=by, at=at, **facts)  # type: ignore[arg-type] # facts of the test


def test_general_tables_stand_beside_each_other_one_per_issuer_and_one_without(
    session: Session, now: datetime
) -> None:
    point = make_point(session)
    tables = [make_table(session, issuer=make_issuer(session)) for _ in range(2)]
    tables.append(make_table(session))

    result = given(session, point, [general(table, "2026-01-01") for table in tables], now)

    assert [row.price_table_id for row in result.assignments] == [table.id for table in tables]


def test_what_does_not_go_together_is_refused_and_the_other_is_named(
    session: Session, now: datetime
) -> None:
    point = make_point(session)
    issuer = make_issuer(session)
    gold = make_table(session, "Ouro", issuer=issuer)
    silver = make_table(session, "Prata", issuer=issuer)
    pairs = [
        [general(gold, "2026-01-01", "2026-06-30"), own("2026-06-30")],
        [general(gold, "2026-01-01"), general(silver, "2026-08-01")],
        [own("2026-01-01"), own("2026-03-01", "2026-03-01")],
        [general(gold, "2026-01-01"), general(gold, "2026-02-01")],
    ]

    for pair in pairs:
        with pytest.raises(AssignmentOverlap) as refusal:
            given(session, point, pair, now)
        assert refusal.value.code == "window_overlap"
        assert refusal.value.problems[0].field == "items[1].valid_from"

    assert "Ouro (01/01/2026" in refusal.value.facts["other"]
    assert refusal.value.facts["conflicts_with"]["price_table"] == gold.id
    assert assignments_of(session, point.id) == []


def test_models_may_follow_each_other_day_by_day(session: Session, now: datetime) -> None:
    point, table = make_point(session), make_table(session)

    result = given(
        session, point, [general(table, "2026-01-01", "2026-06-30"), own("2026-07-01")], now
    )

    assert [row.mode for row in result.assignments] == ["general", "own"]


@pytest.mark.parametrize("mode", ["own", "general", "magic"])
def test_an_item_that_cannot_be_names_its_field(session: Session, now: datetime, mode: str) -> None:
    point = make_point(session)
    own_table = make_table(session, of=point)
    wrong = {
        "own": NewAssignment("own", days("2026-01-01", None), make_table(session).id),
        "general": NewAssignment("general", days("2026-01-01", None), own_table.id),
        "magic": NewAssignment("magic", days("2026-01-01", None)),
    }[mode]

    with pytest.raises(Invalid) as refusal:
        given(session, point, [wrong], now)

    field = "mode" if mode == "magic" else "price_table"
    assert refusal.value.problems[0].field == f"items[0].{field}"


def test_a_window_that_ends_before_it_begins_is_refused(session: Session, now: datetime) -> None:
    point = make_point(session)

    with pytest.raises(Invalid) as refusal:
        given(session, point, [own("2026-02-01", "2026-01-31")], now)

    assert refusal.value.problems[0].field == "items[0].valid_until"


def test_what_has_begun_is_neither_left_out_nor_changed_but_may_be_ended(
    session: Session, now: datetime
) -> None:
    point, table = make_point(session), make_table(session)
    make_assignment(session, point, table, "2026-03-01")
    changed = [
        [],
        [general(table, "2026-03-02")],
        [general(table, "2026-03-01", "2026-11-29")],
        [own("2026-03-01")],
    ]

    for items in changed:
        with pytest.raises(PastChange):
            given(session, point, items, now, reason="why")
    ended = given(session, point, [general(table, "2026-03-01", "2026-11-30")], now)

    assert ended.assignments[0].valid_until == date(2026, 11, 30)


def test_the_past_changes_with_permission_and_a_reason(session: Session, now: datetime) -> None:
    point, table = make_point(session), make_table(session)
    make_assignment(session, point, table, "2026-03-01")
    allowed = make_actor(*PAST)

    with pytest.raises(ReasonMissing):
        given(session, point, [], now, by=allowed)
    result = given(session, point, [own("2026-04-01")], now, by=allowed, reason="entered late")

    deed = session.scalars(select(Deed)).one()
    assert [row.mode for row in result.assignments] == ["own"]
    assert deed.reason == "entered late"
    assert json.loads(deed.before or "")["items"][0]["valid_from"] == "2026-03-01"


def test_what_begins_later_is_changed_freely_and_keeps_its_number(
    session: Session, now: datetime
) -> None:
    point, table = make_point(session), make_table(session)
    coming = make_assignment(session, point, table, "2026-12-02")

    result = given(session, point, [general(table, "2026-12-02", "2027-01-31")], now)

    assert [row.id for row in result.assignments] == [coming.id]


def test_an_assignment_may_begin_on_any_day(session: Session, now: datetime) -> None:
    point, table = make_point(session), make_table(session)

    result = given(session, point, [general(table, "2019-05-01")], now)

    assert result.assignments[0].valid_from == date(2019, 5, 1)


def test_who_read_an_older_version_does_not_overwrite(session: Session, now: datetime) -> None:
    point = make_point(session)
    given(session, point, [own("2026-01-01")], now, version=1)

    with pytest.raises(PreconditionFailed):
        given(session, point, [own("2026-01-01")], now, version=1)


def test_a_strangers_service_point_is_not_found_and_ones_own_not_changed(
    session: Session, now: datetime
) -> None:
    point, other = make_point(session), make_point(session)
    ana = make_actor(at=point)

    with pytest.raises(NoSuchServicePoint):
        given(session, other, [], now, by=ana)
    with pytest.raises(Forbidden):
        given(session, point, [], now, by=ana)
