"""The doors for other systems: who gets in, what is read, what is answered."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.web.endpoint import MAX_JSON_BYTES


@pytest.fixture
def visitor(site: Callable[..., Flask]) -> Any:
    return site().test_client()


@pytest.fixture
def api(visitor: Any) -> Any:
    def ask(method: str, path: str, who: str = "boss", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {who}", **more.pop("headers", {})}
        return visitor.open(f"/api/v1{path}", method=method, headers=headers, **more)

    return ask


def order(**fields: Any) -> dict[str, Any]:
    return {"lines": [{"sku": "A", "quantity": "1"}], **fields}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/who"), ("POST", "/echo"), ("GET", "/purses"), ("POST", "/files")]
)
def test_arguments_that_an_address_does_not_know_are_refused(
    method: str, path: str, api: Any
) -> None:
    sent = {"data": {"name": "n", "file": (io.BytesIO(b"abc"), "a.csv")}} if "files" in path else {}
    sent = {"json": order()} if "echo" in path else sent

    answer = api(method, f"{path}?colour=red", **sent)

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_field")
    assert [one["field"] for one in answer.json["errors"]] == ["colour"]


@pytest.mark.parametrize("code", ["AB%20", "%20AB", "AB%C2%A0", "%20"])
def test_a_code_with_blanks_around_it_is_none(code: str, api: Any) -> None:
    assert api("GET", "/purses/AB").status_code == 200
    assert api("GET", f"/purses/{code}").status_code == 404


def test_the_public_door_asks_for_nobody(visitor: Any) -> None:
    assert visitor.get("/api/v1/open").json == {"hello": "all"}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer stranger", "Basic boss", "boss"]
)
def test_without_a_valid_token_nobody_gets_in(header: str, visitor: Any) -> None:
    answer = visitor.get("/api/v1/who", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("who", "path", "status"), [("stranger", "/echo", 401), ("nobody", "/echo", 403),
                                ("boss", "/nowhere", 404), ("boss", "/who", 405)]
)  # fmt: skip
def test_a_refused_request_is_heard_out_so_that_its_connection_lives_on(
    who: str, path: str, status: int, api: Any
) -> None:
    sent = io.BytesIO(b"x" * 200_000)

    answer = api("POST", path, who, input_stream=sent, content_length=200_000)

    assert answer.status_code == status
    assert sent.tell() == 200_000


def test_the_scheme_may_be_written_in_any_case(visitor: Any) -> None:
    assert visitor.get("/api/v1/who", headers={"Authorization": "bearer boss"}).json["user"] == 1


def test_who_is_known_but_not_allowed_is_refused(api: Any) -> None:
    answer = api("GET", "/purses", who="nobody")

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_every_answer_carries_a_request_number(visitor: Any, api: Any) -> None:
    sent = {"X-Request-ID": "shop-000001"}

    assert api("GET", "/who", headers=sent).headers["X-Request-ID"] == "shop-000001"
    assert api("GET", "/who", headers=sent).json["request"] == "shop-000001"
    assert len(visitor.get("/nowhere").headers["X-Request-ID"]) == 24


@pytest.mark.parametrize(
    "sent", ["short", "x" * 65, "with blank 1", "<script>alert", "a\u00e9aaaaaaa"]
)
def test_a_request_number_that_is_none_is_replaced(sent: str, visitor: Any) -> None:
    answer = visitor.get("/api/v1/open", headers={"X-Request-ID": sent})

    assert answer.headers["X-Request-ID"] != sent


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/who", 405),
        ("GET", f"/purses/{2**63}", 404),
        ("GET", f"/purses/{2**63 - 1}", 404),
        ("GET", "/purses/1", 404),
        ("GET", "/breaks", 500),
        ("GET", "/clash", 409),
    ],
)
def test_under_the_api_refusals_are_problems(method: str, path: str, status: int, api: Any) -> None:
    answer = api(method, path)

    assert answer.status_code == status
    if status >= 400:
        assert answer.content_type == "application/problem+json"
        assert answer.json["status"] == status
        assert answer.json["code"]
        assert answer.json["errors"] == []


def test_a_fault_tells_nothing_about_itself(api: Any, capfd: pytest.CaptureFixture[str]) -> None:
    answer = api("GET", "/breaks")

    logged = capfd.readouterr().err
    assert "4111" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert "ZeroDivisionError" in logged
    assert "4111" not in logged


def test_what_the_method_may_be_is_told(api: Any) -> None:
    assert "GET" in api("DELETE", "/who").headers["Allow"]
    assert api("HEAD", "/who").status_code == 200
    assert api("OPTIONS", "/who").status_code == 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"lines": NaN}',
        b'{"lines": Infinity}',
        b"[" * 100_000,
        b'{"note": "\\ud800"}',
        b"\xff\xfe",
        b'{"count": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_cannot_be_read_is_malformed(data: bytes, api: Any) -> None:
    answer = api("POST", "/echo", data=data, content_type="application/json")

    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_kind_of_body_is_malformed(kind: str, api: Any) -> None:
    answer = api("POST", "/echo", data=json.dumps(order()), content_type=kind)

    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


def test_a_body_of_more_than_a_megabyte_is_too_large(api: Any) -> None:
    data = json.dumps(order(note="x" * MAX_JSON_BYTES))

    answer = api("POST", "/echo", data=data, content_type="application/json")

    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_so_is_one_that_comes_in_chunks_and_does_not_say_how_large_it_is(api: Any) -> None:
    data = json.dumps(order(note="x" * MAX_JSON_BYTES)).encode()
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    answer = api(
        "POST", "/echo", input_stream=io.BytesIO(data), environ_overrides=chunked,
        content_type="application/json",
    )  # fmt: skip

    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_unknown_fields_are_refused_wherever_they_stand(api: Any) -> None:
    body = order(price="1") | {"lines": [{"sku": "A", "quantity": "1", "cost": "1"}]}

    answer = api("POST", "/echo", json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_field")
    assert {(one["field"], one["code"]) for one in answer.json["errors"]} == {
        ("price", "unknown_field"),
        ("lines[0].cost", "unknown_field"),
    }


def test_every_malformed_value_is_listed_with_its_path(api: Any) -> None:
    lines = [{"sku": "A", "quantity": "1"}, {"sku": "A/B", "quantity": "1,5"}, {"quantity": "0"}]

    answer = api("POST", "/echo", json={"lines": lines, "kind": "gift", "fast": "yes"})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [
        ("lines[1].sku", "invalid"),
        ("lines[1].quantity", "invalid"),
        ("lines[2].sku", "required"),
        ("lines[2].quantity", "invalid"),
        ("kind", "invalid"),
        ("fast", "invalid"),
    ]
    assert all(one["message"] for one in answer.json["errors"])


@pytest.mark.parametrize("body", [[], "x", 1, [{}]])
def test_a_body_is_an_object(body: Any, api: Any) -> None:
    answer = api("POST", "/echo", json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_a_request_that_needs_no_body_takes_none_or_an_empty_one(api: Any) -> None:
    key = {"Idempotency-Key": "k"}

    assert api("POST", "/empty-coins", headers=key).status_code == 200
    assert api("POST", "/empty-coins", headers=key, json={}).status_code == 200
    refused = api("POST", "/empty-coins", headers={"Idempotency-Key": "l"}, json={"a": 1})
    assert refused.json["code"] == "unknown_field"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("since=01/02/2026", "since"),
    ],
)
def test_arguments_of_a_list_have_a_shape(query: str, field: str, api: Any) -> None:
    answer = api("GET", f"/purses?{query}")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field


def test_unknown_arguments_are_refused(api: Any) -> None:
    assert api("GET", "/purses?custmer=1").json["code"] == "unknown_field"


@pytest.mark.parametrize("cursor", ["x", "eyJ9", "W10", "A" * 900])
def test_a_cursor_of_no_list_is_refused(cursor: str, api: Any) -> None:
    answer = api("GET", f"/purses?cursor={cursor}")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "cursor")


def test_costs_are_absent_for_who_may_not_see_them(api: Any) -> None:
    assert api("GET", "/purses/x").json == {"code": "x", "cost": "7.13"}
    assert api("GET", "/purses/x", who="seller").json == {"code": "x"}
    assert api("GET", "/purses/x").headers["ETag"] == '"5"'


@pytest.mark.parametrize(("header", "expected"), [("", None), ("*", None), ('"5"', 5), ('"0"', 0)])
def test_if_match_names_the_version_that_was_read(
    header: str, expected: int | None, api: Any
) -> None:
    assert api("PATCH", "/purses/x", headers={"If-Match": header}).json == {"expected": expected}


@pytest.mark.parametrize("header", ["5", 'W/"5"', '"x"', '"5", "6"', '"²"', f'"{"9" * 30}"'])
def test_a_version_that_cannot_be_is_not_the_present_one(header: str, api: Any) -> None:
    assert (
        api(
            "PATCH", "/purses/x", headers={"If-Match": header.encode().decode("latin-1")}
        ).status_code
        == 412
    )


def test_a_file_comes_with_its_fields(api: Any) -> None:
    data = {"name": "n", "dry_run": "true", "file": (io.BytesIO(b"abc"), "a.csv")}

    assert api("POST", "/files", data=data).json == {"name": "n", "bytes": 3}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"name": "n", "x": "1", "file": (b"abc", "a.csv")}, 422),
        ({"name": "n", "file": (b"a" * 6000, "a.csv")}, 413),
    ],
)
def test_a_file_that_is_too_large_or_has_strangers_beside_it_is_refused(
    data: dict[str, Any], status: int, api: Any
) -> None:
    data = data | {"file": (io.BytesIO(data["file"][0]), data["file"][1])}

    answer = api("POST", "/files", data=data, content_type="multipart/form-data")

    assert answer.status_code == status


def test_a_file_that_is_missing_is_named_and_what_is_no_form_is_told_to_be_one(api: Any) -> None:
    missing = api("POST", "/files", data={"name": "n"}, content_type="multipart/form-data")
    no_form = api("POST", "/files", json={"name": "n"})

    assert missing.status_code == 422
    assert [(one["field"], one["code"]) for one in missing.json["errors"]] == [("file", "required")]
    assert (no_form.status_code, no_form.json["code"]) == (400, "malformed")
    assert "multipart/form-data" in no_form.json["detail"]


@pytest.mark.parametrize("number", [2**63, 10**19, 10**40, int("9" * 4000)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_number_that_no_table_can_hold_is_not_there_whatever_is_asked_of_it(
    number: int, method: str, api: Any
) -> None:
    answer = api(method, f"/numbered/{number}")

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_the_api_needs_no_form_token_and_takes_no_cookie(api: Any, visitor: Any) -> None:
    with visitor.session_transaction() as cookie:
        cookie["_user_id"] = "1"

    assert visitor.get("/api/v1/who").status_code == 401
    assert (
        api("POST", "/echo", json=order(), headers={"Origin": "https://shop.test"}).status_code
        == 201
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(body=JSON_VALUES, code=st.text(min_size=1))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_and_no_address_makes_the_portal_fail(body: Any, code: str, api: Any) -> None:
    fields = {"lines": body, "amount": body, "note": body, "day": body, "at": body, "count": body}
    data = json.dumps(fields)

    assert api("POST", "/echo", data=data, content_type="application/json").status_code < 500
    assert api("POST", "/echo", json=order(note=str(body)[:20])).status_code < 500
    keyed = api("POST", "/coins", json={"purse": code}, headers={"Idempotency-Key": "k"})
    assert keyed.status_code < 500
