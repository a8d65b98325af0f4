"""Sale tables for other systems."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.partners.models import ServicePoint
from tests.factories import bearer, make_user
from tests.pricing.factories import make_edition
from tests.sale_tables.factories import Shop, buy_from, make_shop
from tests.visitors import MovableClock, PortalClient

PATH = "/api/v1/sale-tables"


@pytest.fixture
def shop(session: Session) -> Shop:
    return make_shop(session)


@pytest.fixture
def boss(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session))


def codes(answer: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json["errors"]}


def table_of(client: PortalClient, shop: Shop, headers: dict[str, str], *channels: str) -> Any:
    sent = {
        "name": "Balcão",
        "service_point": shop.point.code,
        "channels": channels or ("back_office", "site"),
    }
    return client.post(PATH, json=sent, headers=headers)


def edition(
    client: PortalClient, table: int, headers: dict[str, str], begin: str, *items: Any, **more: Any
) -> Any:
    sent = {"valid_from": begin, "items": items} | more
    return client.post(f"{PATH}/{table}/editions", json=sent, headers=headers)


@pytest.mark.engines("sqlite", "mariadb")
def test_a_table_answers_with_its_draft_of_the_whole_portfolio(
    client: PortalClient, shop: Shop, boss: dict[str, str]
) -> None:
    made = table_of(client, shop, boss, "site")
    path = f"{PATH}/{made.json['id']}"
    read = client.get(path, headers=boss)
    draft = client.get(f"{path}/editions/{made.json['edition']}", headers=boss)
    listed = client.get(f"{PATH}?service_point={shop.point.code}&channel=site", headers=boss)

    assert (made.status_code, read.status_code) == (201, 200)
    assert read.json == {name: one for name, one in made.json.items() if name != "edition"}
    assert (read.json["name"], read.json["service_point"]) == ("Balcão", shop.point.code)
    assert read.json["channels"] == ["site"]
    assert listed.json == {"items": [read.json], "next": None}
    assert draft.json["state"] == "draft"
    assert draft.json["items"] == [
        {
            "sku": sku, "suggested_price": None, "sale_price": None, "price": None,
            "on_site": False, "confirmed_below": False,
        }
        for sku in sorted(shop.skus)
    ]  # fmt: skip
    assert client.get(f"{PATH}?channel=back_office", headers=boss).json["items"] == []


@pytest.mark.engines("sqlite", "mariadb")
def test_an_edition_is_drafted_published_and_ended(
    client: PortalClient, shop: Shop, boss: dict[str, str]
) -> None:
    table = table_of(client, shop, boss).json["id"]
    first, second, _third = shop.skus

    drafted = edition(
        client, table, boss, "2026-12-10",
        {"sku": first, "suggested_price": "120", "sale_price": "99.90", "on_site": True},
        {"sku": second, "suggested_price": 25, "on_site": False},
    )  # fmt: skip
    path = f"{PATH}/{table}/editions/{drafted.json['id']}"
    published = client.post(f"{path}/publish", json={}, headers=boss)
    ended = client.patch(path, json={"valid_until": "2026-12-31"}, headers=boss)
    frozen = client.delete(path, headers=boss)

    rows = {item["sku"]: item for item in drafted.json["items"]}
    assert drafted.status_code == 201
    assert rows[first]["price"] == "99.9000"
    assert (rows[second]["sale_price"], rows[second]["price"]) == (None, "25.0000")
    assert len(rows) == 3
    assert (published.status_code, published.json["state"]) == (200, "published")
    assert (ended.json["valid_until"], ended.status_code) == ("2026-12-31", 200)
    assert (frozen.status_code, frozen.json["code"]) == (409, "edition_frozen")
    listed = client.get(f"{PATH}/{table}/editions", headers=boss).json["items"]
    assert [one["state"] for one in listed] == ["draft", "published"]
    assert all("items" not in one for one in listed)
    deleted = client.delete(f"{PATH}/{table}/editions/{listed[0]['id']}", headers=boss)
    assert deleted.status_code == 204


def test_refusals_name_the_reason_and_the_other_edition(
    client: PortalClient, session: Session, shop: Shop, boss: dict[str, str]
) -> None:
    table = table_of(client, shop, boss).json["id"]
    other = table_of(client, shop, boss, "site").json["id"]
    stranger = make_shop(session, products=1).skus[0]
    item = {"sku": shop.skus[0], "sale_price": "50", "on_site": True}
    held = edition(client, table, boss, "2026-12-01", item, publish=True)

    met = edition(client, other, boss, "2026-12-05", item, publish=True)
    unknown = edition(client, table, boss, "2026-12-05", item, {"sku": stranger})
    empty = edition(client, table, boss, "2026-12-05", publish=True)
    misspelt = edition(client, table, boss, "2026-12-05", item | {"price": "1"})

    assert held.status_code == 201
    assert (met.status_code, met.json["code"]) == (409, "window_overlap")
    assert met.json["conflicts_with"] == held.json["id"]
    assert (unknown.status_code, unknown.json["code"]) == (422, "not_in_portfolio")
    assert codes(unknown) == {"items[1].sku": "not_in_portfolio"}
    assert (empty.status_code, empty.json["code"]) == (422, "edition_empty")
    assert codes(misspelt) == {"items[0].price": "unknown_field"}
    assert len(client.get(f"{PATH}/{other}/editions", headers=boss).json["items"]) == 1


def test_a_table_is_changed_under_the_version_that_was_read(
    client: PortalClient, shop: Shop, boss: dict[str, str]
) -> None:
    path = f"{PATH}/{table_of(client, shop, boss).json['id']}"
    seen = client.get(path, headers=boss).headers["ETag"]

    renamed = client.patch(path, json={"name": "Loja"}, headers=boss | {"If-Match": seen})
    late = client.patch(path, json={"channels": ["site"]}, headers=boss | {"If-Match": seen})
    none = client.patch(path, json={"channels": []}, headers=boss)

    assert (renamed.status_code, renamed.json["name"]) == (200, "Loja")
    assert late.status_code == 412
    assert codes(none) == {"channels": "required"}


def test_an_owner_keeps_the_tables_of_the_own_service_point_alone(
    client: PortalClient, session: Session, shop: Shop, boss: dict[str, str]
) -> None:
    other = make_shop(session)
    owner = bearer(session, make_user(session, "owner", shop.point))
    seller = bearer(session, make_user(session, "seller", shop.point))
    strange = table_of(client, other, boss).json

    mine = table_of(client, shop, owner)
    theirs = table_of(client, other, owner)
    refused = table_of(client, shop, seller)

    assert mine.status_code == 201
    assert codes(theirs) == {"service_point": "unknown_service_point"}
    assert refused.status_code == 403
    assert [one["id"] for one in client.get(PATH, headers=owner).json["items"]] == [mine.json["id"]]
    for path in (strange["id"], f"{strange['id']}/editions/{strange['edition']}"):
        assert client.get(f"{PATH}/{path}", headers=owner).status_code == 404
    drafts = client.get(f"{PATH}/{mine.json['id']}/editions", headers=seller)
    assert drafts.json["items"] == []


def test_who_may_not_see_costs_reads_nothing_that_tells_them(
    client: PortalClient, session: Session, shop: Shop, boss: dict[str, str]
) -> None:
    seller = bearer(session, make_user(session, "seller", shop.point))
    table = table_of(client, shop, boss).json["id"]
    item = {"sku": shop.skus[0], "sale_price": "9", "on_site": True}
    sold = edition(client, table, boss, "2026-12-01", item, publish=True).json
    path = f"{PATH}/{table}/editions/{sold['id']}"

    read = client.get(path, headers=seller).json

    below = [one["confirmed_below"] for one in sold["items"]]
    assert below == [True, False, False]
    assert all("confirmed_below" not in one for one in read["items"])
    assert client.get(f"{path}/below", headers=seller).status_code == 403


def test_an_edition_is_copied_and_a_draft_filled(
    client: PortalClient, shop: Shop, boss: dict[str, str]
) -> None:
    made = table_of(client, shop, boss).json
    path = f"{PATH}/{made['id']}/editions/{made['edition']}"
    fill = {"basis": "acquisition", "percent": "100", "rounding_ending": "0.90"}

    filled = client.post(f"{path}/fill", json=fill, headers=boss)
    copy = {"valid_from": "2027-01-01", "percent": "10"}
    copied = client.post(f"{path}/copy", json=copy, headers=boss)

    assert (filled.status_code, filled.json) == (200, {"filled": 3})
    prices = [one["price"] for one in client.get(path, headers=boss).json["items"]]
    assert prices == ["19.9000", "39.9000", "59.9000"]
    assert (copied.status_code, copied.json["state"]) == (201, "draft")
    assert [one["price"] for one in copied.json["items"]] == ["21.8900", "43.8900", "65.8900"]


def test_what_fell_below_is_listed_and_confirmed(
    client: PortalClient, session: Session, shop: Shop, boss: dict[str, str]
) -> None:
    table = table_of(client, shop, boss).json["id"]
    items = [{"sku": sku, "sale_price": "25", "on_site": True} for sku in shop.skus[:2]]
    sold = edition(client, table, boss, "2026-11-01", *items, publish=True).json
    path = f"{PATH}/{table}/editions/{sold['id']}"
    dearer = [(shop.products[0], 26), (shop.products[1], 20)]
    draft = make_edition(session, shop.bought, "2026-12-01", None, dearer, state="draft").id

    fallen = client.get(
        f"/api/v1/price-tables/{shop.bought.id}/editions/{draft}/below", headers=boss
    )
    buy_from(session, shop, "2026-11-20", dearer)
    below = client.get(f"{path}/below", headers=boss)
    margin = client.get(f"{path}/below?margin=20.5&on=2026-11-19", headers=boss)
    confirm = {"skus": [shop.skus[0]]}
    confirmed = client.post(f"{path}/confirm", json=confirm, headers=boss)

    expected = {
        "sku": shop.skus[0], "name": shop.products[0].name, "service_point": shop.point.code,
        "sale_table": table, "edition": sold["id"], "price": "25.0000",
        "acquisition": "26.0000", "acquisition_before": "10.0000", "margin_percent": "-4",
        "on_site": True, "left_site": True,
    }  # fmt: skip
    assert fallen.json == {"items": [expected], "next": None}
    assert below.json["items"] == [expected]
    assert [one["sku"] for one in margin.json["items"]] == [shop.skus[1]]
    assert confirmed.json == {"confirmed": 1}
    assert not client.get(f"{path}/below", headers=boss).json["items"][0]["left_site"]


def test_an_inactive_point_keeps_its_tables(
    client: PortalClient, session: Session, shop: Shop, boss: dict[str, str]
) -> None:
    session.get_one(ServicePoint, shop.point.id).active = False

    assert table_of(client, shop, boss).status_code == 201


def test_who_may_not_see_costs_does_not_find_them_by_publishing(
    client: PortalClient, session: Session, shop: Shop, boss: dict[str, str], clock: MovableClock
) -> None:
    scopes = ("sale_prices.view", "sale_prices.edit", "sale_prices.publish")
    blind = bearer(session, make_user(session), *scopes)
    table = table_of(client, shop, boss, "site").json["id"]

    def tried(price: str) -> Any:
        item = {"sku": shop.skus[0], "sale_price": price, "on_site": True}
        return edition(client, table, blind, "2026-12-01", item, publish=True)

    refused = [tried(price) for price in ("9.9999", "5", "9", "9.9", "9.99")]
    stopped = [tried("9.999"), tried("5000")]
    listed = client.get(f"{PATH}/{table}/editions", headers=boss).json["items"]
    clock.advance(hours=1, seconds=1)
    let = tried("5000")

    assert {(one.status_code, one.json["code"]) for one in refused} == {(422, "price_not_allowed")}
    assert all(one.json.get("errors", []) == [] for one in refused)
    assert [one.status_code for one in stopped] == [429, 429]
    assert len(listed) == 1
    assert let.status_code == 201
    noted = select(func.count()).select_from(Deed)
    refusals = noted.where(Deed.action == "sale_edition.price_refused")
    assert session.scalar(refusals) == 5
