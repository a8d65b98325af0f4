"""What those who run the portal see: logs, figures, health."""

import logging
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.web import health
from portal.web.logs import kind_and_place

SECRETS = ("boss-token", "4111", "purse@example.com", "hunter2", "7.13", "7,13")


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in capfd.readouterr().err.splitlines() if line[:1] == "{"]


def test_each_request_leaves_one_line(
    site: Callable[..., Flask], capfd: pytest.CaptureFixture[str]
) -> None:
    client = site().test_client()
    capfd.readouterr()

    client.get("/api/v1/purses/x?q=hunter2", headers={"Authorization": "Bearer boss"})

    (line,) = lines(capfd)
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"], line["user_id"]) == (
        "GET",
        "/api/v1/purses/<code>",
        200,
        1,
    )
    assert line["ms"] >= 0
    assert len(line["request_id"]) == 24


def test_logs_hold_no_secrets_no_prices_and_no_persons(
    site: Callable[..., Flask], session: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    client = site().test_client()
    headers = {"Authorization": "Bearer boss", "Idempotency-Key": "4111"}

    client.post("/api/v1/coins", json={"purse": "purse@example.com"}, headers=headers)
    client.get("/api/v1/breaks?q=hunter2", headers=headers)
    client.get("/api/v1/clash", headers=headers)
    client.get("/purse@example.com")
    client.get("/api/v1/who", headers={"Authorization": "Bearer boss-token"})
    client.submit("/sign-in", {"email": "purse@example.com", "password": "hunter2"})

    logged = capfd.readouterr().err
    assert logged.count('"event":"request"') == 6
    assert [secret for secret in SECRETS if secret in logged] == []


def test_a_failure_is_logged_with_its_place_not_its_text(
    site: Callable[..., Flask], capfd: pytest.CaptureFixture[str]
) -> None:
    client = site().test_client()

    client.get("/api/v1/breaks", headers={"Authorization": "Bearer boss"})

    (failed,) = (line for line in lines(capfd) if line["event"] == "failed")
    assert failed["error"] == "builtins.ZeroDivisionError"
    assert failed["trace"][-1].endswith(" breaks")


def test_what_libraries_log_becomes_a_line_too(
    site: Callable[..., Flask], capfd: pytest.CaptureFixture[str]
) -> None:
    site()
    try:
        raise ValueError("hunter2")
    except ValueError:
        logging.getLogger("some.library").exception("it broke")
    logging.getLogger("some.library").info("chatter")

    (line,) = (one for one in lines(capfd) if one.get("logger") == "some.library")
    assert (line["event"], line["level"]) == ("it broke", "error")
    assert line["error"] == "builtins.ValueError"


def test_an_exception_is_told_by_kind_and_place() -> None:
    error = ValueError("4111")

    assert kind_and_place(error) == {"error": "builtins.ValueError", "trace": []}


def test_figures_count_by_route_and_name_nobody(site: Callable[..., Flask]) -> None:
    client = site().test_client()
    for code in ("a-secret-code", "another-one"):
        client.get(f"/api/v1/purses/{code}", headers={"Authorization": "Bearer boss"})
    client.open("/nowhere", method="BREW")

    shown = client.get("/metrics")

    counted = re.search(
        r'repasse_requests_total\{method="GET",route="/api/v1/purses/<code>",status="200"\} (\d+)',
        shown.text,
    )
    assert counted is not None
    assert int(counted[1]) >= 2
    assert "repasse_request_seconds_bucket" in shown.text
    assert "secret-code" not in shown.text
    assert "BREW" not in shown.text


def test_the_process_is_alive(client: Any) -> None:
    assert client.get("/health/live").json == {"status": "live"}


def test_the_portal_is_ready_when_its_tables_are_those_of_this_release(client: Any) -> None:
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json["status"]) == (200, "ready")


def test_older_tables_are_not_ready(client: Any, session: Session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Retry-After"]


def test_a_database_that_is_away_is_not_ready(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> None:
        raise OSError

    monkeypatch.setattr(health, "read", away)

    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200
