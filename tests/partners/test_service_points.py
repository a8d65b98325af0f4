import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import Forbidden, Invalid, PreconditionFailed
from portal.partners import services
from portal.partners.errors import (
    HeadquartersOnly,
    InvalidTaxId,
    NoSuchServicePoint,
    ServicePointCodeTaken,
    SlugTaken,
    UnknownCreditPolicy,
)
from portal.partners.models import ServicePoint
from portal.partners.queries import (
    overdrafts,
    own_service_points,
    service_point_of,
    service_points,
    suggested_service_points,
)
from portal.partners.rules import PointChanges, SalePolicy, Shop, overdraft
from portal.partners.services import change_credit_policy, change_service_point
from tests.factories import make_actor, make_credit_policy, make_service_point


def test_a_service_point_keeps_what_it_was_given(session: Session) -> None:
    make_credit_policy(session, "GOLD", money=Decimal("500.00"))
    point = make_service_point(
        session,
        "SP-0007",
        tax_id="12.abc.345/01de-35",
        sale_policy=SalePolicy(Decimal("12.5"), Decimal(30), True),
        debt_enabled=True,
        collects="headquarters",
        shop=Shop("centro", True),
        low_balance_threshold=Decimal("100.00"),
        credit_policy="GOLD",
    )

    session.expire_all()
    found = service_point_of(session, make_actor(), "SP-0007")

    assert found.id == point.id
    assert found.tax_id == "12ABC34501DE35"
    assert (found.max_discount_percent, found.max_surcharge_percent) == (Decimal("12.5"), 30)
    assert (found.shop_slug, found.shop_enabled) == ("centro", True)
    assert (found.low_balance_threshold, overdraft(found)) == (Decimal(100), Decimal(500))


def test_a_stranger_s_service_point_is_as_absent_as_one_that_is_not_there(
    session: Session,
) -> None:
    own, other = make_service_point(session, "OWN"), make_service_point(session, "OTHER")
    owner = make_actor(points=(own,))

    assert service_point_of(session, owner, "OWN").id == own.id
    for code in (other.code, "NOTHING"):
        with pytest.raises(NoSuchServicePoint):
            service_point_of(session, owner, code)
    assert list(session.scalars(own_service_points(owner))) == [own]
    assert list(session.scalars(service_points(owner, search="OTHER"))) == []
    assert suggested_service_points(session, owner, "OTHER") == []


def test_someone_without_service_points_sees_none(session: Session) -> None:
    make_service_point(session, "OWN")

    assert not session.scalars(own_service_points(make_actor(headquarters=False))).all()


def test_two_service_points_cannot_share_a_code(session: Session) -> None:
    make_service_point(session, "SP-1")

    with pytest.raises(ServicePointCodeTaken):
        make_service_point(session, "SP-1")


def test_two_shops_cannot_share_an_address(session: Session, now: datetime) -> None:
    make_service_point(session, shop=Shop("centro"))
    other = make_service_point(session)

    with pytest.raises(SlugTaken):
        make_service_point(session, shop=Shop("centro"))
    with pytest.raises(SlugTaken):
        change(session, other, {"shop": {"slug": "centro"}}, now)


@pytest.mark.parametrize("slug", ["", "A", "-a", "a-", "a--b", "a b", "ç", "a" * 64, "a/b", "a\n"])
def test_a_shop_s_address_is_plain(session: Session, slug: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make_service_point(session, shop=Shop(slug))

    assert refusal.value.problems[0].field == "shop.slug"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"sale_policy": SalePolicy(Decimal("100.01"))}, "sale_policy.max_discount_percent"),
        ({"sale_policy": SalePolicy(Decimal(-1))}, "sale_policy.max_discount_percent"),
        (
            {"sale_policy": SalePolicy(max_surcharge_percent=Decimal(1001))},
            "sale_policy.max_surcharge_percent",
        ),
        ({"low_balance_threshold": Decimal("-0.01")}, "low_balance_threshold"),
        ({"collects": "nobody"}, "collects"),
        ({"name": " "}, "name"),
        ({"code": "A/B"}, "code"),
    ],
)
def test_what_is_out_of_range_is_refused_at_its_field(
    session: Session, facts: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make_service_point(session, **facts)  # type: ignore[arg-type] # any fact by name

    assert refusal.value.problems[0].field == field


def test_a_wrong_tax_id_and_an_unknown_limit_are_refused(session: Session) -> None:
    with pytest.raises(InvalidTaxId):
        make_service_point(session, tax_id="529.982.247-26")
    with pytest.raises(UnknownCreditPolicy):
        make_service_point(session, credit_policy="NOTHING")


def change(
    session: Session, point: ServicePoint, changes: PointChanges, at: datetime
) -> ServicePoint:
    return change_service_point(session, point.code, changes, by=make_actor(), at=at)


def test_only_what_is_sent_changes_inside_nested_facts_too(session: Session, now: datetime) -> None:
    point = make_service_point(
        session, sale_policy=SalePolicy(Decimal(10), Decimal(20), True), shop=Shop("centro", True)
    )

    change(session, point, {"sale_policy": {"max_discount_percent": Decimal(5)}}, now)
    change(session, point, {"shop": {"enabled": False}}, now)

    assert (point.max_discount_percent, point.max_surcharge_percent) == (5, 20)
    assert point.may_edit_final_price
    assert (point.shop_slug, point.shop_enabled, point.version) == ("centro", False, 3)


def test_a_shop_ends_with_null_and_begins_only_with_an_address(
    session: Session, now: datetime
) -> None:
    point = make_service_point(session, shop=Shop("centro", True))

    change(session, point, {"shop": None}, now)

    assert (point.shop_slug, point.shop_enabled) == (None, False)
    with pytest.raises(Invalid):
        change(session, point, {"shop": {"enabled": True}}, now)


def test_a_change_is_in_the_trail_with_before_and_after(session: Session, now: datetime) -> None:
    point = make_service_point(session, name="Old", low_balance_threshold=Decimal("10.00"))

    change(session, point, {"name": "New", "low_balance_threshold": None}, now)

    deed = session.scalars(select(Deed).where(Deed.action == "service_point.updated")).one()
    assert json.loads(deed.before or "") == {"name": "Old", "low_balance_threshold": "10.00"}
    assert json.loads(deed.after or "") == {"name": "New", "low_balance_threshold": None}
    assert deed.service_point_id == point.id


def test_who_saw_an_older_version_changes_nothing(session: Session, now: datetime) -> None:
    point = make_service_point(session, name="Old")
    change(session, point, {"name": "Theirs"}, now)

    with pytest.raises(PreconditionFailed):
        change_service_point(
            session, point.code, {"name": "Mine"}, by=make_actor(), at=now, version=1
        )


def test_people_of_a_service_point_keep_its_name_but_not_the_rules_it_works_under(
    session: Session, now: datetime
) -> None:
    point = make_service_point(session, "OWN")
    owner = make_actor(points=(point,))

    change_service_point(session, "OWN", {"name": "Centro"}, by=owner, at=now)

    assert point.name == "Centro"
    forbidden: list[PointChanges] = [
        {"sale_policy": {"may_edit_final_price": True}},
        {"debt_enabled": True},
        {"credit_policy": None},
        {"active": False},
    ]
    for changes in forbidden:
        with pytest.raises(HeadquartersOnly):
            change_service_point(session, "OWN", changes, by=owner, at=now)
    with pytest.raises(HeadquartersOnly):
        make_service_point(session, by=owner)


def test_what_belongs_to_the_balance_is_not_set_by_who_may_not_see_it(
    session: Session, now: datetime
) -> None:
    make_credit_policy(session, "GOLD")
    point = make_service_point(session, "SP")
    blind = make_actor(without=("costs.view",))

    with pytest.raises(Forbidden):
        change_service_point(session, "SP", {"credit_policy": "GOLD"}, by=blind, at=now)
    with pytest.raises(Forbidden):
        make_service_point(session, by=blind, low_balance_threshold=Decimal(1))
    assert point.credit_policy is None


def test_a_search_finds_a_tax_id_with_and_without_marks(session: Session) -> None:
    point = make_service_point(session, name="Centro", tax_id="12ABC34501DE35")
    make_service_point(session, name="Norte", tax_id="52998224725")
    by = make_actor()

    for text in ("12.abc.345/01de-35", "12ABC34501DE35", "12.abc", "centro"):
        assert list(session.scalars(service_points(by, search=text))) == [point]


def test_filters_part_service_points(session: Session) -> None:
    make_credit_policy(session, "GOLD")
    gold = make_service_point(session, credit_policy="GOLD")
    closed = make_service_point(session, active=False)
    central = make_service_point(session, collects="headquarters")
    by = make_actor()

    assert list(session.scalars(service_points(by, credit_policy="GOLD"))) == [gold]
    assert list(session.scalars(service_points(by, active=False))) == [closed]
    assert list(session.scalars(service_points(by, collects="headquarters"))) == [central]


def test_who_sees_no_costs_cannot_filter_by_limit(session: Session) -> None:
    make_credit_policy(session, "GOLD")
    make_service_point(session, credit_policy="GOLD")
    make_service_point(session)
    blind = make_actor(without=("costs.view",))

    assert len(session.scalars(service_points(blind, credit_policy="GOLD")).all()) == 2


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    heard: list[object] = []

    def created(_session: Session, point: ServicePoint) -> None:
        heard.append(point.code)

    def changed(session: Session, ids: Sequence[int]) -> None:
        heard.append(overdrafts(session, ids))

    monkeypatch.setattr(services, "on_created", [created])
    monkeypatch.setattr(services, "on_policy_changed", [changed])
    return heard


def test_a_new_service_point_is_told_to_those_who_open_something_with_it(
    session: Session, told: list[object]
) -> None:
    make_service_point(session, "SP-1")

    assert told == ["SP-1"]


def test_a_new_overdraft_is_told_for_each_service_point_it_reaches(
    session: Session, told: list[object], now: datetime
) -> None:
    make_credit_policy(session, "GOLD", money=Decimal("100.00"))
    one = make_service_point(session, credit_policy="GOLD")
    two = make_service_point(session)
    told.clear()

    change(session, two, {"credit_policy": "GOLD"}, now)
    change_credit_policy(session, "GOLD", {"money": Decimal(7)}, by=make_actor(), at=now)
    change_credit_policy(session, "GOLD", {"documents": 3}, by=make_actor(), at=now)
    change(session, two, {"name": "Other"}, now)
    change_credit_policy(session, "GOLD", {"money": None}, by=make_actor(), at=now)

    assert told == [{two.id: 100}, {one.id: 7, two.id: 7}, {one.id: 0, two.id: 0}]
