"""How many requests a minute a token may send."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from limits.errors import StorageError

from portal.web import limits


def ask(client: Any, who: str) -> Any:
    return client.get("/api/v1/who", headers={"Authorization": f"Bearer {who}"})


def test_without_a_limit_nothing_is_counted(site: Callable[..., Flask]) -> None:
    client = site(rate_limit=None).test_client()

    assert {ask(client, "boss").status_code for _ in range(20)} == {200}


def test_a_token_that_asks_too_often_waits(site: Callable[..., Flask]) -> None:
    client = site(rate_limit=3).test_client()

    statuses = [ask(client, "boss").status_code for _ in range(4)]
    refused = ask(client, "boss")

    assert statuses == [200, 200, 200, 429]
    assert refused.json["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61


def test_each_token_has_its_own_share(site: Callable[..., Flask]) -> None:
    client = site(rate_limit=3).test_client()
    for _ in range(4):
        ask(client, "boss")

    assert ask(client, "other").status_code == 200


def test_guessing_tokens_is_counted_by_address(site: Callable[..., Flask]) -> None:
    client = site(rate_limit=3).test_client()

    statuses = [ask(client, f"guess-{at}").status_code for at in range(5)]

    assert statuses == [401, 401, 401, 429, 429]
    assert ask(client, "boss").status_code == 200


def test_pages_and_public_doors_are_not_counted(site: Callable[..., Flask]) -> None:
    client = site(rate_limit=1).test_client()

    assert {client.get("/api/v1/open").status_code for _ in range(5)} == {200}
    assert {client.get("/open-page").status_code for _ in range(5)} == {200}


def test_a_shared_store_that_is_away_does_not_stop_the_portal(
    site: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        asked = 0

        def hit(self, *_args: object) -> bool:
            Away.asked += 1
            raise StorageError(ConnectionError())

    app = site(rate_limit=2)
    app.extensions["rate_limit"].shared = Away()
    client = app.test_client()

    statuses = [ask(client, "boss").status_code for _ in range(4)]
    asked_at_first = Away.asked
    monkeypatch.setattr(limits, "PAUSE_SECONDS", 0)
    app.extensions["rate_limit"].away_until = 0
    ask(client, "boss")

    assert statuses == [200, 200, 429, 429]
    assert (asked_at_first, Away.asked) == (1, 2)
