"""Editions for other systems."""

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pricing.models import Edition
from tests.factories import bearer, make_user
from tests.pricing.factories import (
    make_edition,
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
def test_an_edition_answers_with_its_items(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    table = make_table(session).id
    for sku in ("A1", "A3"):
        make_product(session, sku)
    sent = {
        "valid_from": "2026-12-10",
        "items": [
            {"sku": "A3", "free": True},
            {"sku": "A1", "price": "72.5", "min_quantity": "10"},
            {"sku": "A1", "price": 80},
        ],
    }

    made = client.post(f"{PATH}/{table}/editions", json=sent, headers=helena)
    path = f"{PATH}/{table}/editions/{made.json['id']}"
    published = client.post(f"{path}/publish", json={}, headers=helena)
    read = client.get(path, headers=helena)
    listed = client.get(f"{PATH}/{table}/editions", headers=helena)

    assert made.status_code == 201
    assert made.json["state"] == "draft"
    assert made.json["items"] == [
        {"sku": "A1", "min_quantity": None, "price": "80.0000", "free": False},
        {"sku": "A1", "min_quantity": "10", "price": "72.5000", "free": False},
        {"sku": "A3", "min_quantity": None, "price": "0.0000", "free": True},
    ]
    assert (published.status_code, published.json["state"]) == (200, "published")
    assert published.json["published_at"] == "2026-12-01T12:00:00Z"
    assert read.json == published.json
    head = {name: value for name, value in read.json.items() if name != "items"}
    assert listed.json == {"items": [head], "next": None}


def test_every_bad_row_of_an_edition_is_named(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    table = make_table(session).id
    make_product(session, "A1")
    shaped = [{"sku": "A1", "price": "abc"}, {"sku": "A1", "price": "1.234,56"}, {"price": "1"}]
    ruled = [{"sku": "NO", "price": "1"}, {"sku": "A1"}, {"sku": "A1", "price": "0"}]

    answers = [
        client.post(
            f"{PATH}/{table}/editions",
            json={"valid_from": "2026-12-10", "items": items, "publish": True},
            headers=helena,
        )
        for items in (shaped, ruled)
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert set(codes(answers[0])) == {"items[0].price", "items[1].price", "items[2].sku"}
    assert codes(answers[1]) == {
        "items[0].sku": "unknown_product",
        "items[1].price": "required",
        "items[2].price": "not_marked_free",
        "items[2].sku": "duplicate",
    }
    assert session.scalars(select(Edition)).all() == []


def test_publishing_with_the_draft_stores_both_or_nothing(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    running = make_edition(session, table, "2026-01-01", "2026-12-31", [(product, "10")]).id
    sent = {
        "valid_from": "2026-12-10",
        "items": [{"sku": "A1", "price": "11"}],
        "publish": True,
    }
    path = f"{PATH}/{table.id}/editions"

    refused = client.post(path, json=sent, headers=helena)
    between = client.get(path, headers=helena)
    replaced = client.post(path, json=sent | {"replace": True}, headers=helena)
    ended = client.get(f"{path}/{running}", headers=helena)

    assert (refused.status_code, refused.json["code"]) == (409, "window_overlap")
    assert refused.json["conflicts_with"] == running
    assert len(between.json["items"]) == 1
    assert (replaced.status_code, replaced.json["state"]) == (201, "published")
    assert ended.json["valid_until"] == "2026-12-09"


def test_an_end_moves_and_the_next_edition_with_it(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    first = make_edition(session, table, "2026-01-01", "2026-12-09", items).id
    second = make_edition(session, table, "2026-12-10", None, items).id
    path = f"{PATH}/{table.id}/editions"
    sent = {"valid_until": "2026-12-20"}

    refused = client.patch(f"{path}/{first}", json=sent, headers=helena)
    moved = client.patch(f"{path}/{first}", json=sent | {"move_next": True}, headers=helena)
    opened = client.patch(f"{path}/{second}", json={"valid_until": None}, headers=helena)

    assert (refused.status_code, refused.json["conflicts_with"]) == (409, second)
    assert moved.json["valid_until"] == "2026-12-20"
    assert (opened.json["valid_from"], opened.json["valid_until"]) == ("2026-12-21", None)


def test_what_is_in_force_keeps_its_items_and_is_not_deleted(
    client: PortalClient, session: Session, helena: dict[str, str]
) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    edition = make_edition(session, table, "2026-12-01", None, [(product, "10")]).id
    path = f"{PATH}/{table.id}/editions/{edition}"

    changed = client.patch(path, json={"items": [{"sku": "A1", "price": "1"}]}, headers=helena)
    begun = client.patch(path, json={"valid_from": "2026-12-05"}, headers=helena)
    deleted = client.delete(path, headers=helena)

    for answer in (changed, begun, deleted):
        assert (answer.status_code, answer.json["code"]) == (409, "edition_frozen")


def test_a_draft_is_deleted(client: PortalClient, session: Session, helena: dict[str, str]) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    draft = make_edition(session, table, "2027-01-01", None, items, state="draft").id
    path = f"{PATH}/{table.id}/editions/{draft}"

    assert client.delete(path, headers=helena).status_code == 204
    assert client.get(path, headers=helena).status_code == 404


def test_the_past_takes_permission_and_a_reason(
    client: PortalClient, session: Session, boss: dict[str, str], helena: dict[str, str]
) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    make_edition(session, table, "2026-01-01", None, [(product, "10")])
    sent = {
        "valid_from": "2026-11-01",
        "items": [{"sku": "A1", "price": "11"}],
        "publish": True,
    }
    path = f"{PATH}/{table.id}/editions"
    limited = bearer(session, make_user(session), "prices.view", "prices.edit", "prices.publish")

    forbidden = client.post(path, json=sent | {"reason": "late"}, headers=limited)
    unsaid = client.post(path, json=sent, headers=boss)
    said = client.post(path, json=sent | {"reason": "late"}, headers=boss)

    assert forbidden.status_code == 403
    assert (unsaid.status_code, codes(unsaid)) == (422, {"reason": "reason_required"})
    assert said.status_code == 201


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-12-10", "2026-12-09", "valid_until"),
        ("0026-12-10", None, "valid_from"),
        ("2026-02-30", None, "valid_from"),
        ("10/12/2026", None, "valid_from"),
    ],
)
def test_a_window_that_cannot_be_is_refused(
    client: PortalClient,
    session: Session,
    helena: dict[str, str],
    start: str,
    end: str | None,
    field: str,
) -> None:
    table = make_table(session).id
    sent = {"valid_from": start, "valid_until": end, "items": []}

    answer = client.post(f"{PATH}/{table}/editions", json=sent, headers=helena)

    assert (answer.status_code, codes(answer)) == (422, {field: "invalid"})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_edition_leaves_as_a_file(
    client: PortalClient, session: Session, helena: dict[str, str], kind: str
) -> None:
    table = make_table(session)
    one, free = make_product(session, "A1", name="=HYPERLINK()"), make_product(session, "A3")
    rows = [(one, "1234.5"), (one, 10, "1200.1234"), (free, "0")]
    edition = make_edition(session, table, "2026-01-01", None, rows).id

    answer = client.get(f"{PATH}/{table.id}/editions/{edition}?format={kind}", headers=helena)

    assert answer.status_code == 200
    assert f".{kind}" in answer.headers["Content-Disposition"]
    if kind == "xlsx":
        answer.close()
    if kind == "csv":
        text = answer.get_data().decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text), delimiter=";")) == [
            ["SKU", "Produto", "Quantidade mínima", "Preço", "Gratuito"],
            ["A1", "'=HYPERLINK()", "", "1234,50", "0"],
            ["A1", "'=HYPERLINK()", "10", "1200,1234", "0"],
            ["A3", "Produto A3", "", "0,00", "1"],
        ]
