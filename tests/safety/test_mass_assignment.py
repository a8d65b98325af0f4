"""T3: fields that nobody asked for are refused, or change nothing. T4: nobody gains a right."""

import io
import random
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from portal.db import Base
from portal.people.rules.permissions import ALL
from portal.web.openapi import operations
from tests.safety.matrix import FILLED, KINDS, ROUTES, Route, address_of, sent_to
from tests.safety.stage import API, Form, Stage, read_page

COLUMNS = sorted({column.name for table in Base.metadata.tables.values() for column in table.c})
"""Every column that there is; `unit_id` and the like are guesses of those who have not looked."""
GUESSES = ("unit_id", "role", "is_admin", "unit_price_minor", "user", "owner", "_id", "__proto__")
HOSTILE = [*COLUMNS, *GUESSES]
VALUES = {"status": "fulfilled", "state": "published", "headquarters": "1", "permissions": "ALL"}
BY = "administrator"


def value_of(name: str) -> str:
    return VALUES.get(name, "7")


def writable(stage: Stage) -> Iterator[tuple[Route, str, Any]]:
    """List the API's writing endpoints with address and declaration.

    What is signed in its raw bytes is left to tests/payments/test_notices.py.
    """
    for rule, operation in operations(stage.app):
        route = ROUTES.get((operation.method, rule.endpoint))
        writes = operation.method not in {"GET", "DELETE"} and not operation.raw
        if route is not None and writes:
            own = KINDS[route.kind].own(stage.world, stage.person(BY))
            yield route, address_of(rule.rule, own), operation


def objects_in(body: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """List the objects of a body, each with its path."""
    if isinstance(body, dict):
        yield path, body
        for name, value in body.items():
            yield from objects_in(value, f"{path}.{name}" if path else name)
    elif isinstance(body, list):
        for at, value in enumerate(body):
            yield from objects_in(value, f"{path}[{at}]")


def allowed(model: Any) -> set[str]:
    fields = model.model_fields.items() if model is not None else ()
    return {field.alias or name for name, field in fields}


def test_every_writing_endpoint_refuses_every_column_that_it_does_not_know(stage: Stage) -> None:
    wrong = []
    for route, path, operation in writable(stage):
        body = sent_to(route, stage.person(BY))
        body = {} if body is None else body
        foreign = [name for name in HOSTILE if name not in allowed(operation.body)]
        with stage.nothing_stored("deeds"):
            answer = ask(stage, route, path, type(body)(body) | dict.fromkeys(foreign, "7"))
        told = {one["field"] for one in answer.json["errors"]} if answer.json else set()
        if (answer.status_code, answer.json["code"]) != (422, "unknown_field"):
            wrong.append(f"{route.name}: {answer.status_code} {answer.json['code']}")
        elif missing := set(foreign) - told:
            wrong.append(f"{route.name} is silent about {sorted(missing)[:5]}")

    assert not wrong, "\n".join(["", *wrong])


def ask(stage: Stage, route: Route, path: str, body: Any) -> Any:
    if isinstance(sent_to(route, stage.person(BY)), Form):
        file = {"file": (io.BytesIO(b"sku;preco\r\nSKU-1;1,00\r\n"), "a.csv")}
        body = Form(dict(body) | file)
    return stage.ask(BY, route.method, path, body)


def test_objects_inside_refuse_them_too(stage: Stage) -> None:
    wrong = []
    for route, path, _ in writable(stage):
        body = sent_to(route, stage.person(BY))
        if not isinstance(body, dict) or isinstance(body, Form):
            continue
        inner = [place for place, _ in objects_in(body) if place]
        for place in inner:
            sent = sent_to(route, stage.person(BY))
            dict(objects_in(sent))[place]["acquisition_unit_price"] = "1"
            answer = stage.ask(BY, route.method, path, sent)
            if {"field": f"{place}.acquisition_unit_price", "code": "unknown_field"}.items() > (
                answer.json["errors"][0].items()
            ):
                wrong.append(f"{route.name} {place}: {answer.status_code}")

    assert not wrong


def forms(stage: Stage) -> Iterator[tuple[Route, str, dict[str, str], set[str]]]:
    """List the forms of pages: address, what the page fills in, and the fields that it shows."""
    for (method, endpoint), route in sorted(ROUTES.items()):
        rules = [one for one in stage.app.url_map.iter_rules(endpoint) if method in one.methods]
        if method == "GET" or not rules or rules[0].rule.startswith(API):
            continue
        path = address_of(rules[0].rule, KINDS[route.kind].own(stage.world, stage.person(BY)))
        page = stage.get(BY, path)
        read = read_page(page.text if page.status_code == 200 else "")
        filled = read.forms.get(path) or read.forms.get("") or {}
        filled.pop("csrf_token", None)
        yield route, path, filled | FILLED.get(route.name, {}), read.names | set(filled)


ENCODINGS = ("application/x-www-form-urlencoded", "multipart/form-data")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_fields_that_no_form_has_change_nothing(stage: Stage, encoding: str) -> None:
    """What a form does with every column of every table beside its fields is what it does alone."""
    wrong = []
    for route, path, filled, names in list(forms(stage)):
        known = {name.split("-")[0] for name in names | set(FILLED.get(route.name, {}))}
        extra = {name: value_of(name) for name in HOSTILE if name not in known}
        stored = []
        for sent in (filled, filled | extra):
            stage.reset()
            stage.submit(BY, path, {"form_key": KEY} | sent, content_type=encoding)
            stage.write_visits_down()
            stored.append(stage.rows())
        changed = {name for name in stored[0] if stored[0][name] != stored[1][name]}
        if changed:
            wrong.append(f"{route.name}: {sorted(changed)}")

    assert not wrong, "\n".join(["", *wrong])


KEY = "form-key-of-the-tests-own"


def test_a_form_that_takes_what_it_does_not_show_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask import request

    from portal.catalogue.views import issuers

    usual = issuers.transact

    def careless(deed: Any, *args: Any, **facts: Any) -> Any:
        if request.form.get("version") and "active" in request.form:
            with sqlite3.connect(stage.copy) as database:
                database.execute("UPDATE issuers SET code = ?", [request.form.get("sku", "x")])
            database.close()
        return usual(deed, *args, **facts)

    monkeypatch.setattr(issuers, "transact", careless)

    with pytest.raises(AssertionError, match="issuer"):
        test_fields_that_no_form_has_change_nothing(stage, ENCODINGS[0])


# T4


def state(stage: Stage) -> dict[str, tuple[frozenset[str], bool, frozenset[str]]]:
    """Return what everybody may, whether at headquarters, and for which service points."""
    with sqlite3.connect(stage.copy) as database:
        rows = database.execute(
            "SELECT u.email, p.permissions, p.headquarters, group_concat(s.code, ' ') FROM users u "
            "JOIN profiles p ON p.id = u.profile_id LEFT JOIN memberships m ON m.user_id = u.id "
            "LEFT JOIN service_points s ON s.id = m.service_point_id WHERE u.active GROUP BY u.id"
        ).fetchall()
    database.close()
    return {
        email: (frozenset(allowed.split()), bool(head), frozenset((codes or "").split()))
        for email, allowed, head, codes in rows
    }


def act(stage: Stage, draw: random.Random, name: str, ids: list[int]) -> int:
    """Try one deed about people, whatever it may lead to."""
    some = sorted(draw.sample(sorted(ALL), draw.randrange(1, 6)))
    profile = draw.choice(["administrator", "clerk", "regent", "owner", "seller", "pricing", "new"])
    points = draw.choice([[], ["SP-A"], ["SP-B"], ["SP-A", "SP-B"]])
    user = draw.choice(ids)
    number = draw.randrange(10**6)
    tries: list[tuple[str, str, Any]] = [
        ("POST", f"{API}/users", {
            "email": f"x{number}@example.com", "name": "X", "profile": profile,
            "service_points": points}),
        ("PATCH", f"{API}/users/{user}", {"profile": profile, "service_points": points}),
        ("PATCH", f"{API}/users/{user}", {"service_points": points}),
        ("POST", f"{API}/tokens", {"name": "T", "scopes": some}),
        ("POST", f"/profiles/{profile}", {"name": "P", "permissions": some, "version": "1"}),
        ("POST", "/profiles/new", {
            "code": "new", "name": "N", "headquarters": draw.choice(["", "y"]),
            "permissions": some}),
        ("POST", f"/users/{user}/password", {"password": "uma-senha-bem-nova"}),
    ]  # fmt: skip
    method, path, sent = draw.choice(tries)
    return stage.ask(name, method, path, sent).status_code


@pytest.mark.parametrize("seed", range(4))
def test_no_chain_of_deeds_gives_anybody_more_than_the_chain_began_with(
    stage: Stage, seed: int
) -> None:
    """Clerk, regent and owners act as they like; together they never exceed what they had."""
    draw = random.Random(seed)  # noqa: S311 - deeds, no secrets
    before = state(stage)
    ids = [person.user_id for person in stage.world.people.values() if person.user_id]
    statuses = []

    for _ in range(120):
        statuses.append(act(stage, draw, draw.choice(["clerk", "regent", "owner", "seller"]), ids))
        for email, (may, head, points) in state(stage).items():
            was = before.get(email)
            had = was[0] if was else frozenset()
            at_head = before["clerk@example.com"][0] | had
            at_point = before["regent@example.com"][0] | had
            assert may <= (at_head if head else at_point), email
            assert head <= (was[1] if was else True)
            if not head and not (was and points <= was[2]):
                assert points, email

    assert max(statuses) < 500
    assert {200, 201} & set(statuses)


def test_a_disabled_user_is_out_of_every_route_at_once(stage: Stage) -> None:
    person = stage.person("auditor")
    assert stage.get("auditor", "/account").status_code == 200
    path = f"{API}/users/{person.user_id}"

    assert stage.call("administrator", "PATCH", path, json={"active": False}).status_code == 200

    wrong = []
    for (method, endpoint), route in ROUTES.items():
        if route.permission == "public":
            continue
        rule = next(iter(stage.app.url_map.iter_rules(endpoint))).rule
        there = address_of(rule, KINDS[route.kind].own(stage.world, person))
        answer = stage.ask("auditor", method, there)
        led_away = "/sign-in" in answer.headers.get("Location", "")
        if answer.status_code != 401 and (there.startswith(API) or not led_away):
            wrong.append(f"{route.name}: {answer.status_code}")

    assert not wrong


def test_a_token_is_never_wider_than_its_owner(stage: Stage) -> None:
    answer = stage.call("narrow", "POST", f"{API}/tokens", json={"name": "x"})

    assert answer.status_code == 201
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    me = stage.app.test_client().get(f"{API}/me", headers=headers).json
    assert me["permissions"] == ["orders.view"]
    wide = {"name": "x", "scopes": ["orders.view", "costs.view"]}
    assert stage.call("narrow", "POST", f"{API}/tokens", json=wide).status_code in {403, 422}
