"""T1: every route, every actor, one's own, another's and what is not there."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true
from werkzeug.test import TestResponse

from portal.actors import Actor
from portal.web.access import permission_of
from tests.safety.matrix import FILLED, KINDS, ROUTES, Kind, Route, address_of, sent_to
from tests.safety.stage import API, Form, Stage, read_page
from tests.safety.world import Person

ACTORS = (
    "visitor", "seller", "owner", "neighbour", "pricing", "finance", "auditor", "administrator",
    "clerk", "regent", "narrow", "disabled",
)  # fmt: skip
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LIST = b"codigo;preco\r\nSKU-1;700001,01\r\n"


def routes_of(app: Flask) -> Iterator[tuple[str, str, str]]:
    """List method, endpoint and rule of everything that the portal answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.endpoint, rule.rule


def undeclared(app: Flask) -> list[str]:
    """Name the routes whose view declares no permission."""
    return [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and permission_of(view) is None
    ]


def differences(app: Flask) -> list[str]:
    """Name what the table lacks, has too much, or says otherwise than the portal."""
    found = {(method, endpoint) for method, endpoint, _ in routes_of(app)}
    named = [f"not in the table: {name}" for name in sorted(found - set(ROUTES))]
    named += [f"no longer there: {name}" for name in sorted(set(ROUTES) - found)]
    for method, endpoint in sorted(found & set(ROUTES)):
        declared = permission_of(app.view_functions[endpoint]) or "public"
        if declared != ROUTES[method, endpoint].permission:
            named.append(f"{method} {endpoint} asks for {declared}")
    return named


def test_every_route_declares_its_permission(stage: Stage) -> None:
    assert undeclared(stage.app) == []


def test_every_route_is_in_the_table_with_its_permission(stage: Stage) -> None:
    assert differences(stage.app) == []


def test_a_planted_route_without_permission_and_one_missing_in_the_table_are_found() -> None:
    app = Flask("planted")
    app.add_url_rule("/open", "planted.open", lambda: "")

    assert undeclared(app) == ["planted.open"]
    assert "not in the table: ('GET', 'planted.open')" in differences(app)


# The matrix


def expected(route: Route, person: Person, whose: str, kind: Kind, *, api: bool) -> set[int] | str:
    """Return the statuses that are right; `open` for anything that is no refusal at the door."""
    if "signed" in route.conditions:
        return {404} if whose == "absent" else {401}
    nobody = person.gone or not (person.token if api else person.cookie)
    if route.permission != "public" and nobody:
        return {401} if api else {303}
    if not person.may(route.permission, api=api):
        return {403}
    if not all(person.may(one, api=api) for one in route.permissions):
        return {403} if whose == "own" else {403, 404}
    hidden = kind.by == "self" or not person.headquarters
    if "hq" in route.conditions and not person.headquarters:
        return {403, 404}
    if whose == "absent" or (whose == "foreign" and hidden):
        return {404}
    return "open"


def ask(stage: Stage, route: Route, rule: str, person: Person, values: dict[str, Any]) -> Any:
    path = address_of(rule, values)
    if path.startswith(API):
        sent = sent_to(route, person)
        if isinstance(sent, Form):
            sent["file"] = (io.BytesIO(LIST), "lista.csv")
        return stage.ask(person.name, route.method, path, sent)
    return stage.ask(person.name, route.method, path, typed(stage, route, rule, person))


def typed(stage: Stage, route: Route, rule: str, person: Person) -> dict[str, str]:
    """Return what a page's own form would send, at one's own address."""
    if route.method == "GET":
        return {}
    own = KINDS[route.kind].own(stage.world, person)
    path = address_of(rule, own)
    shown = stage.get(person.name, path)
    forms = read_page(shown.text).forms if shown.status_code == 200 else {}
    filled = forms.get(path) or forms.get("") or {}
    filled.pop("csrf_token", None)
    return filled | FILLED.get(route.name, {})


def fits(answer: TestResponse, wanted: set[int] | str) -> bool:
    if wanted == "open":
        return answer.status_code < 500 and answer.status_code not in {401, 403, 404, 405}
    return answer.status_code in wanted


def wrong_doors(stage: Stage, name: str, below: str = "/") -> list[str]:
    """Name every door that is open or shut for somebody against what is declared."""
    person = stage.person(name)
    wrong = []
    for method, endpoint, rule in routes_of(stage.app):
        route = ROUTES.get((method, endpoint))
        if route is None or not rule.startswith(below):
            continue  # the test of the table names those that are missing
        kind = KINDS[route.kind]
        for whose, values in cases(stage, kind, person):
            with ask(stage, route, rule, person, values) as answer:
                answer.get_data()
            wanted = expected(route, person, whose, kind, api=rule.startswith(API))
            if not fits(answer, wanted):
                wrong.append(f"{route.name} {whose}: {answer.status_code}, not {wanted}")
            if method not in SAFE and answer.status_code < 400:
                stage.reset()
    return wrong


@pytest.mark.parametrize("name", ACTORS)
def test_everybody_finds_every_door_open_or_shut_as_declared(stage: Stage, name: str) -> None:
    wrong = wrong_doors(stage, name)

    assert not wrong, "\n".join(["", *wrong])


def test_doors_that_forget_whose_things_they_open_are_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Actor, "scope", lambda self, column: true())
    monkeypatch.setattr(Actor, "sees", lambda self, service_point_id: True)

    pages, api = (wrong_doors(stage, "neighbour", path) for path in ("/orders", f"{API}/orders"))

    assert any("orders.show foreign: 200" in door for door in pages)
    assert any("orders_api.cancel_one foreign: 200" in door for door in api)


def test_doors_that_forget_their_permission_are_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.access.check", lambda permission: None)

    assert any("403" in door for door in wrong_doors(stage, "seller", "/audit"))


def cases(stage: Stage, kind: Kind, person: Person) -> list[tuple[str, dict[str, Any]]]:
    found = [("own", kind.own(stage.world, person))]
    if kind.absent:
        found.append(("absent", kind.absent))
    foreign = kind.foreign(stage.world, person)
    return [*found, ("foreign", foreign)] if foreign is not None else found
