"""The audit trail as a page, a file and for other systems."""

import ast
import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.models import Deed
from portal.audit.queries import trail
from portal.audit.services import jot, record
from portal.audit.views.words import ACTIONS
from portal.catalogue.views import issuers, products
from portal.orders.views import show as orders
from portal.partners.views import listing as partners
from portal.payments.views import charges, pix
from portal.people.models import User
from portal.people.services.profiles import create_profile
from portal.pricing.views import words as pricing
from portal.sale_tables.views import words as sale_tables
from portal.storefronts.views.admin import door as shops
from tests.factories import NOON, bearer, make_actor, make_service_point, make_user
from tests.people.test_account import signed_in
from tests.people.test_users import at_work
from tests.visitors import PortalClient

CANARY = "7391.47"
PORTAL = Path(__file__).parents[2] / "portal"


def note(session: Session, by: Actor, **facts: Any) -> Deed:
    values: dict[str, Any] = {"action": "order.placed", "entity": ("order", 1), "at": NOON}
    return record(session, by=by, **(values | facts))


def without_costs(session: Session) -> User:
    """Someone who reads the trail and may not see acquisition prices."""
    create_profile(
        session, by=make_actor(), code="control", name="Controle", headquarters=True,
        permissions=["audit.view"], at=NOON,
    )  # fmt: skip
    return make_user(session, "control")


def items(client: PortalClient, session: Session, user: User, query: str = "") -> list[Any]:
    answer = client.get(f"/api/v1/audit{query}", headers=bearer(session, user))
    assert answer.status_code == 200
    return list(answer.json["items"])


def test_a_deed_says_who_when_from_where_before_and_after(
    client: PortalClient, session: Session
) -> None:
    user = make_user(session)
    by = make_actor(user_id=user.id, address="203.0.113.9", request_id="request-77", token_id=5)
    deed = note(session, by, action="user.updated", entity=("user", 7), reason="pedido",
                before={"name": "A"}, after={"name": "B"})  # fmt: skip

    found = items(client, session, user, "?entity=user:7")

    assert found == [
        {
            "id": deed.id,
            "at": "2026-12-01T12:00:00Z",
            "actor": user.email,
            "token": 5,
            "address": "203.0.113.9",
            "request_id": "request-77",
            "action": "user.updated",
            "entity": {"type": "user", "id": "7"},
            "reason": "pedido",
            "before": {"name": "A"},
            "after": {"name": "B"},
        }
    ]


def test_the_trail_is_narrowed_by_person_thing_and_days(
    client: PortalClient, session: Session
) -> None:
    ana, bia = make_user(session, name="Ana"), make_user(session, name="Bia")
    by_ana, by_bia = make_actor(user_id=ana.id), make_actor(user_id=bia.id)
    first = note(session, by_ana, entity=("order", 1), at=NOON - timedelta(days=40))
    second = note(session, by_bia, entity=("order", 2), at=NOON - timedelta(days=40))
    third = note(session, by_ana, entity=("order", 2), at=NOON - timedelta(days=35))
    everything = "?entity=order"

    def ids(query: str) -> list[int]:
        return [one["id"] for one in items(client, session, ana, query)]

    assert ids(everything) == [third.id, second.id, first.id]
    assert ids(f"{everything}&actor={ana.email}") == [third.id, first.id]
    assert ids("?entity=order:2") == [third.id, second.id]
    assert ids(f"{everything}&from=2026-10-25") == [third.id]
    assert ids(f"{everything}&to=2026-10-22") == [second.id, first.id]


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-10-22T02:59:59.999999+00:00", False),
        ("2026-10-22T03:00:00+00:00", True),
        ("2026-10-23T02:59:59.999999+00:00", True),
        ("2026-10-23T03:00:00+00:00", False),
    ],
)
def test_days_begin_and_end_at_midnight_of_the_installation(
    client: PortalClient, session: Session, moment: str, inside: bool
) -> None:
    user = make_user(session)
    note(session, make_actor(), at=datetime.fromisoformat(moment))

    found = items(client, session, user, "?entity=order&from=2026-10-22&to=2026-10-22")

    assert bool(found) is inside


@pytest.mark.parametrize("query", ["?from=yesterday", "?limit=0", "?cursor=nonsense", "?who=ana"])
def test_nonsense_is_refused(client: PortalClient, session: Session, query: str) -> None:
    answer = client.get(f"/api/v1/audit{query}", headers=bearer(session, make_user(session)))

    assert answer.status_code == 422


@pytest.mark.parametrize("query", ["?from=0001-01-01&to=9999-12-31", "?entity=:", "?entity=%25:_"])
def test_the_ends_of_time_are_no_failure(
    client: PortalClient, session: Session, query: str
) -> None:
    assert isinstance(items(client, session, make_user(session), query), list)


def test_the_trail_goes_on_where_it_stopped(client: PortalClient, session: Session) -> None:
    user = make_user(session)
    deeds = [note(session, make_actor(), entity=("order", n)).id for n in range(5)]
    headers = bearer(session, user)

    first = client.get("/api/v1/audit?entity=order&limit=2", headers=headers).json
    note(session, make_actor(), entity=("order", 9))
    rest = client.get(
        f"/api/v1/audit?entity=order&limit=9&cursor={first['next']}", headers=headers
    ).json

    assert [one["id"] for one in first["items"] + rest["items"]] == deeds[::-1]


def test_figures_are_kept_from_those_who_may_not_see_costs(
    app: Flask, client: PortalClient, session: Session
) -> None:
    reader = without_costs(session)
    by = make_actor()
    for entity in ("order", "account", "price_table", "edition", "credit_policy", "service_point"):
        facts = {"low_balance_threshold": CANARY}
        note(session, by, entity=(entity, 1), before=facts, after={"x": 1} | facts)
    browser = signed_in(app, reader)

    said = client.get("/api/v1/audit", headers=bearer(session, reader)).text
    said += browser.get("/audit").text
    said += browser.get("/audit?format=csv").data.decode("utf-8")
    said_to_all = client.get("/api/v1/audit", headers=bearer(session, make_user(session))).text

    assert CANARY not in said
    assert CANARY.replace(".", ",") not in said
    assert said_to_all.count(CANARY) == 12


def test_people_of_service_points_see_what_concerns_their_own(
    session: Session, now: datetime
) -> None:
    mine, other = make_service_point(session), make_service_point(session)
    by = make_actor("audit.view", points=(mine,))
    own = note(session, make_actor(), entity=("order", 1), service_point_id=mine.id)
    note(session, make_actor(), entity=("order", 2), service_point_id=other.id)
    note(session, make_actor(), entity=("user", 3))

    found = [row[0] for row in session.execute(trail(by))]

    assert {deed.service_point_id for deed in found} == {mine.id}
    assert [deed.id for deed in found if deed.entity_type == "order"] == [own.id]


def test_answers_kept_for_repeated_requests_are_no_deeds(session: Session) -> None:
    by = make_actor()
    for action in ("answered", "refused"):
        note(session, by, action=action, entity=("", ""))

    actions = {row[0].action for row in session.execute(trail(by))}

    assert not actions & {"answered", "refused"}


def test_the_page_shows_before_and_after_in_words(app: Flask, session: Session) -> None:
    user = make_user(session)
    by = at_work(session, user)
    note(session, by, action="user.updated", entity=("user", 7),
         before={"profile": "seller"}, after={"profile": "owner"})  # fmt: skip

    page = signed_in(app, user).get("/audit?entity=user:7").text

    assert "Usuário alterado" in page
    assert "seller" in page
    assert "owner" in page


def test_the_page_filters_by_person_and_day_and_names_bad_values(
    app: Flask, session: Session
) -> None:
    ana = make_user(session, name="Ana Prado")
    note(session, at_work(session, ana), entity=("order", 4711))
    note(session, make_actor(), entity=("order", 4712))
    client = signed_in(app, ana)

    by_person = client.get("/audit?who=prado&action=order.placed").text
    by_day = client.get("/audit?from=02/12/2026").text
    bad = client.get("/audit?from=ontem&entity=" + "x" * 200).text

    assert "4711" in by_person
    assert "4712" not in by_person
    assert "4711" not in by_day
    assert bad.count('class="err"') == 2


def test_files_hold_what_the_page_shows_and_no_formula(app: Flask, session: Session) -> None:
    user = make_user(session, name="=HYPERLINK(1)")
    note(session, at_work(session, user), reason="+1", after={"name": "@x"})
    client = signed_in(app, user)

    file = client.get("/audit?entity=order&format=csv").data.decode("utf-8-sig")
    workbook = client.get("/audit?entity=order&format=xlsx", buffered=True).data

    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert len(rows) == 2
    assert rows[1][1] == "'=HYPERLINK(1)"
    assert rows[1][7] == "'+1"
    assert workbook[:2] == b"PK"


def test_a_long_list_is_cut_on_the_page_and_whole_in_the_file(app: Flask, session: Session) -> None:
    user = make_user(session)
    skus = [f"SKU-{number:04}" for number in range(1, 1235)]
    note(session, at_work(session, user), action="products.created", entity=("product", ""),
         after={"skus": skus})  # fmt: skip
    browser = signed_in(app, user)

    page, file = (browser.get(f"/audit{query}").text for query in ("", "?format=csv"))

    assert "SKU-0020 e mais 1.214<" in page
    assert "SKU-0021" not in page
    assert "SKU-1234" in file


def test_windows_and_charges_are_told_in_words(app: Flask, session: Session) -> None:
    user = make_user(session)
    by = at_work(session, user)
    note(session, by, action="edition.published", entity=("price_table", 3),
         after={"edition 2": {"valid_until": "2026-12-31"}})  # fmt: skip
    note(session, by, action="charge.paid", entity=("charge", 8),
         after={"paid_on": "2026-12-01", "method": "cash", "status": "refund_pending"})  # fmt: skip
    note(session, by, action="sale_edition.changed", entity=("sale_table", 1),
         before={"rows": {"22": "62 / -"}},
         after={"rows": {"22": "62 / 1049.9 / site"}})  # fmt: skip

    page = signed_in(app, user).get("/audit").text

    assert "Vigência 2, Vale até" in page
    assert "Cobrança 8" in page
    assert "Pago em" in page
    assert '<dd class="text-break">dinheiro</dd>' in page
    assert '<dd class="text-break">a devolver</dd>' in page
    assert "62,00 / –</span>" in page
    assert "62,00 / 1.049,90 / site</dd>" in page


def test_texts_of_users_are_text(app: Flask, session: Session) -> None:
    user = make_user(session)
    marker = "<script>alert(1)</script>"
    note(session, at_work(session, user), reason=marker, before={marker: 1}, after={marker: marker})

    page = signed_in(app, user).get("/audit").text

    assert marker not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_deed_never_changes_and_never_goes(session: Session) -> None:
    deed = note(session, make_actor())
    session.commit()

    number = deed.id
    for statement in (
        "UPDATE deeds SET action = 'x' WHERE id = :id",
        "DELETE FROM deeds WHERE id = :id",
    ):
        with pytest.raises(DatabaseError):
            session.execute(text(statement), {"id": number})
        session.rollback()


def test_a_deed_jotted_on_a_hot_path_reads_like_any_other(session: Session) -> None:
    by = make_actor(address="203.0.113.9")

    number = jot(
        session.connection(), by=by, action="order.placed", entity=("order", 5), at=NOON,
        after={"a": 1},
    )  # fmt: skip

    deed = session.get_one(Deed, number)
    assert (deed.at, deed.entity_id, deed.after) == (NOON, "5", '{"a":1}')
    assert deed.address == "203.0.113.9"


def recorded_actions() -> set[str]:
    """Names of deeds in the code: what stands as `action=` or reads like one of an edition's."""
    found = set()
    for path in PORTAL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "action":
                found |= {
                    part.value
                    for part in ast.walk(node.value)
                    if isinstance(part, ast.Constant) and "." in str(part.value)
                }
    return found


def test_every_deed_of_the_code_has_words_on_the_page() -> None:
    recorded = recorded_actions()

    assert {"order.placed", "user.created", "credit.granted"} <= recorded
    assert recorded <= ACTIONS.keys()


TIME_LINES = (
    (pricing.TITLES, "price_table.", "edition."),
    (sale_tables.TITLES, "sale_table.", "sale_edition."),
    (orders.TITLES, "order."),
    (charges.TITLES, "charge."),
    (pix.TITLES, "pix_account."),
    (products.TITLES, "product."),
    (issuers.TITLES, "issuer."),
    (partners.TITLES, "service_point.", "credit_policy."),
    (shops.TITLES, "shop."),
)
ELSEWHERE = {"order.price_refused", "order.updated", "sale_edition.price_refused"}
"""Deeds that no time line shows: they are noted about a person, or about nothing any more."""


def test_every_deed_about_a_record_has_a_title_on_its_time_line() -> None:
    untitled = {
        action
        for titles, *beginnings in TIME_LINES
        for action in ACTIONS
        if action.startswith(tuple(beginnings)) and action not in titles
    }

    assert untitled == ELSEWHERE
