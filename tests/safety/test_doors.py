"""T13, T14, T19, T21: sessions, forms, guessing, injection, redirects, how the portal starts."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import orjson
import pytest
from sqlalchemy.exc import DBAPIError

from portal.config import ROOT
from portal.extensions import db
from tests.safety.conftest import open_portal
from tests.safety.matrix import KINDS, ROUTES, Route, address_of
from tests.safety.stage import API, SECRET, Stage
from tests.safety.world import SECRET_PASSWORD
from tests.visitors import PortalClient

# T13


def unsafe_pages(stage: Stage, name: str) -> Iterator[tuple[Route, str]]:
    """List the pages that change something, with one's own address."""
    for (method, endpoint), route in ROUTES.items():
        rule = next(iter(stage.app.url_map.iter_rules(endpoint))).rule
        if method != "GET" and not rule.startswith(API):
            yield route, address_of(rule, KINDS[route.kind].own(stage.world, stage.person(name)))


def taken_without_token(stage: Stage) -> list[str]:
    """Name the pages that take a form without its token, another session's, or another site's."""
    client, stranger = stage.client(stage.person("administrator")), stage.app.test_client()
    other = stranger.csrf_token()
    elsewhere = {"Origin": "https://elsewhere.example.com"}
    found = []
    for route, path in unsafe_pages(stage, "administrator"):
        answers = [
            client.post(path, data={"reason": "x"}),
            client.post(path, data={"csrf_token": other}),
            client.post(path, data={"csrf_token": "x"}),
            client.submit(path, headers=elsewhere),
            client.submit(path, headers={"Origin": "null"}),
        ]
        if {answer.status_code for answer in answers} != {403}:
            found.append(f"{route.name}: {[answer.status_code for answer in answers]}")
    return found


def test_no_page_takes_a_form_without_its_token(stage: Stage) -> None:
    with stage.nothing_stored():
        found = taken_without_token(stage)

    assert not found, "\n".join(["", *found])


def test_a_page_that_is_exempt_from_the_token_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stage.app.config, "WTF_CSRF_ENABLED", False)

    assert len(taken_without_token(stage)) > 10


def sign_in(client: PortalClient, email: str, password: str = SECRET_PASSWORD, **more: Any) -> int:
    return client.submit("/sign-in", {"email": email, "password": password, **more}).status_code


def test_a_planted_cookie_is_another_one_after_signing_in(stage: Stage) -> None:
    client, thief = stage.app.test_client(), stage.app.test_client()
    client.get("/sign-in")
    planted = client.get_cookie("repasse")
    assert planted is not None

    sign_in(client, "owner@example.com")

    held = client.get_cookie("repasse")
    assert held is not None
    assert held.value != planted.value
    thief.set_cookie("repasse", planted.value)
    assert thief.get("/account").status_code == 303


@pytest.mark.parametrize("ending", ["sign-out", "password", "disabled"])
def test_a_copied_cookie_ends_with_the_session(stage: Stage, ending: str) -> None:
    person = stage.person("owner")
    client, thief = stage.client(person), stage.client(person)
    assert thief.get("/account").status_code == 200

    if ending == "sign-out":
        client.submit("/sign-out")
    elif ending == "password":
        new = {"password": "outra-senha-bem-nova", "repeat": "outra-senha-bem-nova"}
        page = client.get("/account/password").text
        names = dict.fromkeys(re.findall(r'name="([a-z_]*)"', page), new["password"])
        names.pop("csrf_token", None)
        answer = client.submit("/account/password", names | {"current": SECRET_PASSWORD})
        assert answer.status_code == 303
    else:
        path = f"{API}/users/{person.user_id}"
        stage.call("administrator", "PATCH", path, json={"active": False})

    assert thief.get("/account").status_code == 303
    assert thief.get(f"{API}/me").status_code == 401


def test_a_browser_is_nobody_to_the_api(stage: Stage) -> None:
    client = stage.client(stage.person("administrator"))

    assert client.get(f"{API}/me").status_code == 401
    assert client.post(f"{API}/issuers", json={"code": "X", "name": "X"}).status_code == 401


@pytest.mark.parametrize("path", ["/", "/orders", "/account", "/credit", "/price-tables"])
def test_what_is_for_somebody_is_kept_by_nobody(stage: Stage, path: str) -> None:
    headers = stage.get("administrator", path).headers

    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


# T14


def test_a_thousand_tries_over_two_instances_are_ten(stage: Stage) -> None:
    """As many right guesses as wrong ones: what counts is how many are looked at."""
    other = open_portal(str(stage.app.config["SQLALCHEMY_DATABASE_URI"]))
    doors = cycle([stage.app, other])
    tried: list[int] = []
    for number in range(1000):
        client = next(doors).test_client()
        token = client.csrf_token()
        data = {"email": "owner@example.com", "password": f"tentativa-{number}"}
        answer = client.post(
            "/sign-in", data=data | {"csrf_token": token},
            environ_overrides={"REMOTE_ADDR": f"203.0.{number % 250}.{number // 250 + 1}"},
        )  # fmt: skip
        tried.append(answer.status_code)
    with other.app_context():
        db.engine.dispose()

    assert tried.count(422) <= 10
    assert tried.count(422) + tried.count(429) == 1000


def test_tokens_that_are_nearly_right_open_nothing(stage: Stage) -> None:
    token = stage.person("owner").token
    wrong = [token[:-1], token + "x", token.swapcase(), token.upper(), f" {token[:-2]}", "", "null"]
    wrong += [f"{token}\x00", "' OR 1=1 --", "rp_" + "A" * 43, token[3:]]

    for one in wrong:
        headers = {"Authorization": f"Bearer {one}"}
        assert stage.app.test_client().get(f"{API}/me", headers=headers).status_code == 401, one


# T19


INJECTIONS = (
    "'", '"', "';", "' OR 1=1 --", "' OR '1'='1", '" OR ""="', "1; DROP TABLE orders",
    "1 UNION SELECT password_hash FROM users", "name) --", "name; --", "id, (SELECT 1)",
    "(CASE WHEN (1=1) THEN name ELSE id END)", "%27%20OR%201%3D1", "\\", "%", "_", "*/", "/*",
    "0x31", "1e1", "-1", "x' AND sleep(5) AND 'x", "${7*7}", "{{7*7}}", "\x00", "a" * 5000,
    "W10", "eyJ4IjoxfQ", "bnVsbA", "\ud7ff", "🙂", "+ADw-",
)  # fmt: skip
ARGUMENTS = ("sort", "q", "after", "before", "cursor", "limit", "status", "from", "to", "format",
             "point", "issuer", "kind", "who", "action", "entity", "code", "draft")  # fmt: skip
LISTS = (
    "/orders", "/products", "/issuers", "/service-points", "/users", "/price-tables", "/audit",
    "/credit", "/credit/SP-A/BRL", "/credit/SP-A/BRL/lots", "/search", "/orders/new",
)  # fmt: skip
API_LISTS = (
    "orders", "products", "issuers", "service-points", "users", "price-tables", "audit",
    "credit-policies", "credit-types", "categories", "tokens", "price-tables/1/editions",
    "service-points/SP-A/accounts/BRL/entries", "service-points/SP-A/accounts/BRL/lots",
)  # fmt: skip


def declared(stage: Stage, path: str) -> set[str]:
    """Return the arguments that a list of the API takes; others it refuses without a look."""
    endpoint, _ = stage.app.url_map.bind("").match(path)
    query = stage.app.view_functions[endpoint].operation.query  # type: ignore[attr-defined] # set where it is declared
    return {field.alias or name for name, field in query.model_fields.items()}


def queries(stage: Stage, path: str, payload: str) -> list[dict[str, str]]:
    """Put a payload into one argument after the other, and on pages into all of them.

    A list as a file is filtered and ordered as on its page.
    """
    if path.startswith(API):
        return [{name: payload} for name in declared(stage, path)]
    files = [{name: payload, "format": "csv"} for name in ("sort", "q")]
    return [dict.fromkeys(ARGUMENTS, payload), {"after": payload}, *files]


@pytest.mark.parametrize("path", [*LISTS, *(f"{API}/{name}" for name in API_LISTS)])
def test_no_argument_of_a_list_is_taken_for_sql(stage: Stage, path: str) -> None:
    failed = []
    with stage.nothing_stored():
        for payload in INJECTIONS:
            for query in queries(stage, path, payload):
                try:
                    answer = stage.get("administrator", path, query_string=query)
                except DBAPIError as error:  # a file breaks off in the middle
                    failed.append(f"{query}: {error}")
                    continue
                if answer.status_code >= 500 or "password_hash" in answer.text[:200]:
                    failed.append(f"{query}: {answer.status_code}")

    assert not failed


@pytest.mark.parametrize("name", API_LISTS)
def test_an_argument_that_a_list_of_the_api_does_not_know_is_refused(
    stage: Stage, name: str
) -> None:
    path = f"{API}/{name}"

    for argument in {*ARGUMENTS} - declared(stage, path):
        answer = stage.get("administrator", path, query_string={argument: INJECTIONS[0]})

        assert answer.status_code == 422
        assert [one["field"] for one in answer.json["errors"]] == [argument]


@pytest.mark.parametrize("path", ["/products", "/service-points", "/users", "/issuers"])
def test_what_is_always_true_finds_nothing(stage: Stage, path: str) -> None:
    for payload in ("' OR 1=1 --", "' OR '1'='1", "%", "_", "%' OR 1=1 --"):
        answer = stage.get("administrator", path, query_string={"q": payload, "format": "csv"})

        assert answer.text.strip().count("\n") == 0, payload


def test_pasted_sql_would_be_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import text

    from portal.catalogue.views import issuers

    listing = issuers.ISSUERS
    careless = [
        type(one)(one.name, one.label, lambda wanted, word: wanted.where(text(f"name = '{word}'")))
        for one in listing.filters
    ]
    monkeypatch.setattr(issuers, "ISSUERS", replace(listing, filters=tuple(careless)))

    with pytest.raises(AssertionError):
        test_no_argument_of_a_list_is_taken_for_sql(stage, "/issuers")


def test_nobody_writes_a_line_of_the_log(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    forged = '{"event":"request","user_id":1,"status":200,"forged":true}'
    capfd.readouterr()
    asked = 0
    for payload in (f"x\n{forged}", f"x\r\n{forged}", f"x%0a{forged}", f"x\u2028{forged}", forged):
        client = stage.client(stage.person("owner"))
        client.get("/orders", query_string={"q": payload, "sort": payload})
        client.get(f"/{payload}".replace("\n", "%0A").replace("\r", "%0D"))
        one_line = payload.replace("\n", " ").replace("\r", " ").encode().decode("latin-1")
        client.get("/orders", headers={"X-Request-ID": one_line, "User-Agent": one_line})
        client.submit("/sign-in", {"email": payload, "password": payload})
        asked += 4
    lines = [line for line in capfd.readouterr().err.splitlines() if line.strip()]

    assert len(lines) == asked
    assert not any("forged" in orjson.loads(line) for line in lines)


REDIRECTS = (
    "//elsewhere.example", "///elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example",
    "https://elsewhere.example", "HTTPS:elsewhere.example", "javascript:alert(1)", "/%5celsewhere",
    "data:text/html,x", "/\t/elsewhere.example", "\n//elsewhere.example", " //elsewhere.example",
    "http:///elsewhere.example", "//elsewhere.example/%2f..", "https:/elsewhere.example",
    "/..//elsewhere.example", "/.//elsewhere.example", "elsewhere.example",
)  # fmt: skip


@pytest.mark.parametrize("target", REDIRECTS)
def test_signing_in_never_leads_elsewhere(stage: Stage, target: str) -> None:
    data = {"email": "owner@example.com", "password": SECRET_PASSWORD, "next": target}

    answer = stage.app.test_client().submit("/sign-in", data)
    known = stage.client(stage.person("owner")).get("/sign-in", query_string={"next": target})

    for location in (answer.location, known.location):
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert not re.search(r"[\t\r\n\\]", location)


# T21


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("PORTAL_NOW", "2026-12-01T12:00:00Z"),
        ("FLASK_DEBUG", "1"),
        ("DATABASE_URL", "sqlite://"),
    ],
)
def test_production_does_not_start_with_what_is_for_trying(
    name: str, value: str, tmp_path: Any
) -> None:
    good = {
        "PATH": os.environ["PATH"], "PORTAL_ENV": "production", "SECRET_KEY": SECRET,
        "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3",
    }  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=good | {name: value},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode != 0
    assert name in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_a_failure_shows_nothing_of_the_inside(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> str:
        secret = f"{SECRET} {SECRET_PASSWORD}"
        raise RuntimeError(secret)

    monkeypatch.setitem(stage.app.view_functions, "home.index", fail)
    monkeypatch.setitem(stage.app.config, "PROPAGATE_EXCEPTIONS", False)

    answer = stage.get("owner", "/")

    logged = capfd.readouterr().err
    assert answer.status_code == 500
    for text in (answer.text, logged):
        assert SECRET not in text
        assert SECRET_PASSWORD not in text
    assert "RuntimeError" in logged
    assert "Traceback" not in answer.text
