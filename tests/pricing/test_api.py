"""Price tables and assignments for other systems."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories import bearer, make_user
from tests.pricing.factories import (
    make_assignment,
    make_edition,
    make_issuer,
    make_point,
    make_product,
    make_table,
)
from tests.visitors import PortalClient

PATH = "/api/v1/price-tables"
FIXED = {"type": "fixed"}


@pytest.fixture
def helena(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session, "pricing"))


@pytest.fixture
def boss(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session))


def codes(answer: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json["errors"]}


@pytest.mark.engines("sqlite", "mariadb")
def test_a_table_answers_with_what_it_was_given(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    make_issuer(session, "AC-ONE")
    base = client.post(PATH, json={"name": "Base", "kind": "general"}, headers=helena)
    how = {
        "type": "adjusted",
        "base_table": base.json["id"],
        "percent": "-2.5",
        "rounding_step": "0.05",
    }
    sent = {"name": "Ouro", "kind": "general", "issuer": "AC-ONE", "calculation": how}

    made = client.post(PATH, json=sent, headers=helena)
    read = client.get(f"{PATH}/{made.json['id']}", headers=helena)
    listed = client.get(f"{PATH}?q=ouro&issuer=AC-ONE&kind=general", headers=helena)

    assert (base.status_code, made.status_code) == (201, 201)
    assert base.json["calculation"] == FIXED
    assert made.json == sent | {
        "id": made.json["id"],
        "service_point": None,
        "calculation": how | {"rounding_step": "0.0500"},
        "created_at": "2026-12-01T12:00:00Z",
    }
    assert read.json == made.json
    assert listed.json == {"items": [made.json], "next": None}


def test_a_second_own_table_of_a_pair_exists_already(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    make_point(session, "SP-1")
    own = {"name": "Própria", "kind": "own", "service_point": "SP-1", "calculation": FIXED}

    first = client.post(PATH, json=own, headers=helena)
    second = client.post(PATH, json=own, headers=helena)

    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json["code"] == "already_exists"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": "x"}, "kind", "required"),
        ({"name": "", "kind": "general"}, "name", "invalid"),
        ({"name": "x", "kind": "own"}, "service_point", "required"),
        ({"name": "x", "kind": "general", "service_point": "SP-1"}, "service_point", "invalid"),
        (
            {"name": "x", "kind": "own", "service_point": "NO"},
            "service_point",
            "unknown_service_point",
        ),
        ({"name": "x", "kind": "general", "issuer": "NO"}, "issuer", "unknown_issuer"),
        ({"name": "x", "kind": "general", "colour": "red"}, "colour", "unknown_field"),
        (
            {"name": "x", "kind": "general", "calculation": {"type": "adjusted"}},
            "calculation.base_table",
            "required",
        ),
        (
            {"name": "x", "kind": "general", "calculation": {"type": "adjusted", "base_table": 99}},
            "calculation.base_table",
            "invalid",
        ),
        (
            {"name": "x", "kind": "general", "calculation": {"type": "fixed", "percent": "1,5"}},
            "calculation.percent",
            "invalid",
        ),
    ],
)
def test_a_bad_table_names_its_field_and_stores_nothing(
    client: PortalClient,
    session: Session,
    helena: dict[str, str],
    body: dict[str, Any],
    field: str,
    code: str,
) -> None:
    make_point(session, "SP-1")

    answer = client.post(PATH, json=body, headers=helena)

    assert answer.status_code == 422
    assert codes(answer) == {field: code}
    assert client.get(PATH, headers=helena).json["items"] == []


def test_a_circle_of_tables_is_refused(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    base = make_table(session)
    table = make_table(session, base=base)
    how = {"type": "adjusted", "base_table": table.id, "percent": "1"}

    answer = client.patch(f"{PATH}/{base.id}", json={"calculation": how}, headers=helena)

    assert (answer.status_code, answer.json["code"]) == (422, "calculation_cycle")


def test_who_read_an_older_version_does_not_overwrite(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    table = make_table(session).id
    path = f"{PATH}/{table}"
    seen = {"If-Match": client.get(path, headers=helena).headers["ETag"]}

    first = client.patch(path, json={"name": "Uma"}, headers=helena | seen)
    second = client.patch(path, json={"name": "Outra"}, headers=helena | seen)

    assert (first.status_code, second.status_code) == (200, 412)
    assert client.get(path, headers=helena).json["name"] == "Uma"


@pytest.mark.engines("sqlite", "mariadb")
def test_assignments_are_replaced_as_a_whole(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    make_point(session, "SP-1")
    table = make_table(session).id
    path = "/api/v1/service-points/SP-1/price-assignments"
    items = [
        {"mode": "general", "price_table": table, "valid_from": "2026-01-01",
         "valid_until": "2026-12-31"},
        {"mode": "own", "valid_from": "2027-01-01"},
    ]  # fmt: skip

    put = client.put(path, json={"items": items}, headers=helena)
    mixed = client.put(
        path, json={"items": [items[0] | {"valid_until": None}, items[1]]}, headers=helena
    )
    read = client.get(path, headers=helena)

    assert put.status_code == 200
    assert [
        {name: value for name, value in one.items() if name != "id" and value is not None}
        for one in put.json["items"]
    ] == items
    assert (mixed.status_code, mixed.json["code"]) == (409, "window_overlap")
    assert mixed.json["conflicts_with"]["price_table"] == table
    assert read.json == put.json


def test_begun_assignments_stay_without_permission_and_reason(
    client: PortalClient, session: Session, boss: dict[str, str]
) -> None:
    point = make_point(session, "SP-1")
    make_assignment(session, point, make_table(session), "2026-03-01")
    path = "/api/v1/service-points/SP-1/price-assignments"
    limited = bearer(session, make_user(session), "prices.view", "assignments.edit")

    forbidden = client.put(path, json={"items": [], "reason": "why"}, headers=limited)
    unsaid = client.put(path, json={"items": []}, headers=boss)
    said = client.put(path, json={"items": [], "reason": "why"}, headers=boss)

    assert [one.status_code for one in (forbidden, unsaid, said)] == [403, 422, 200]


def test_another_service_points_tables_are_not_there(
    client: PortalClient, session: Session
) -> None:
    mine, other = make_point(session), make_point(session)
    own, foreign = make_table(session, of=mine), make_table(session, of=other)
    edition = make_edition(session, foreign, "2026-01-01", None, [(make_product(session), "10")])
    profile = "owner"
    ana = make_user(session, profile, mine)
    ana.profile.permissions = " ".join(
        sorted({*ana.profile.permissions.split(), "prices.view", "prices.edit"})
    )
    headers = bearer(session, ana)

    listed = client.get(PATH, headers=headers)
    paths = [f"{PATH}/{foreign.id}", f"{PATH}/{foreign.id}/editions/{edition.id}"]

    assert [one["id"] for one in listed.json["items"]] == [own.id]
    for path in paths:
        assert client.get(path, headers=headers).status_code == 404
        assert client.patch(path, json={}, headers=headers).status_code == 404
    assert client.patch(f"{PATH}/{own.id}", json={}, headers=headers).status_code == 403


def test_a_seller_sees_no_tables(client: PortalClient, session: Session) -> None:
    seller = bearer(session, make_user(session, "seller", make_point(session)))
    table = make_table(session).id

    for path in (PATH, f"{PATH}/{table}", f"{PATH}/{table}/editions"):
        assert client.get(path, headers=seller).status_code == 403
