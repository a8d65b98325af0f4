"""Once only: the same key asks for the same deed and gets its first answer."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import transactions
from portal.audit.models import Deed
from portal.catalogue.models import Issuer
from portal.web import access, idempotency
from tests.web import site as feature

both = pytest.mark.engines("sqlite", "mariadb")
PATHS = ("/api/v1/coins", "/api/v1/sealed-coins")


@pytest.fixture
def purse(session: Session) -> None:
    """Give a purse with two coins."""
    session.add(Issuer(code="purse", name="purse", version=2))
    session.flush()


@pytest.fixture
def api(site: Callable[..., Flask], purse: None) -> Any:
    client = site().test_client()

    def post(path: str, key: str | None, body: Any, who: str = "boss") -> Any:
        headers = {"Authorization": f"Bearer {who}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return client.post(path, json=body, headers=headers)

    return post


def coins(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(Issuer.name == "coin")) or 0


@both
@pytest.mark.parametrize("path", PATHS)
def test_a_repeated_request_gets_the_first_answer(path: str, api: Any, session: Session) -> None:
    first = api(path, "k", {"purse": "purse"})
    again = api(path, "k", {"purse": "purse"})

    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert first.headers["ETag"] == again.headers["ETag"] == '"3"'
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert coins(session) == 1


def test_a_sealed_deed_needs_no_row_beside_its_own(api: Any, session: Session) -> None:
    api("/api/v1/sealed-coins", "k", {"purse": "purse"})

    session.rollback()
    assert session.scalars(select(Deed.action)).all() == ["coin.taken"]


def test_the_order_of_fields_does_not_matter_but_their_values_do(
    api: Any, session: Session
) -> None:
    api("/api/v1/coins", "k", {"purse": "purse", "note": "a"})

    same = api("/api/v1/coins", "k", {"note": "a", "purse": "purse"})
    other = api("/api/v1/coins", "k", {"purse": "purse", "note": "b"})
    elsewhere = api("/api/v1/sealed-coins", "k", {"purse": "purse", "note": "a"})

    assert same.status_code == 201
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert (elsewhere.status_code, elsewhere.json["code"]) == (422, "idempotency_key_reused")
    assert coins(session) == 1


def test_keys_are_per_user(api: Any, session: Session) -> None:
    api("/api/v1/coins", "k", {"purse": "purse"})
    other = api("/api/v1/coins", "k", {"purse": "purse"}, who="other")

    assert "Idempotent-Replayed" not in other.headers
    assert coins(session) == 2


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_nothing_happens(key: str | None, api: Any, session: Session) -> None:
    answer = api("/api/v1/coins", key, {"purse": "purse"})

    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_required")
    assert coins(session) == 0


@pytest.mark.parametrize("key", ["x" * 65, "a b", "é", "a\tb"])
def test_a_key_is_of_visible_ascii(key: str, api: Any, session: Session) -> None:
    answer = api("/api/v1/coins", key, {"purse": "purse"})

    assert answer.status_code == 400
    assert coins(session) == 0


@both
def test_refusals_are_answers_too(api: Any, session: Session) -> None:
    refused = [api("/api/v1/coins", "k", {"purse": "locked"}) for _ in range(2)]
    malformed = [api("/api/v1/coins", "m", {"purse": 1}) for _ in range(2)]
    corrected = api("/api/v1/coins", "m", {"purse": "purse"})

    assert [one.status_code for one in refused] == [409, 409]
    assert refused[0].data == refused[1].data
    assert refused[1].headers["Idempotent-Replayed"] == "true"
    assert refused[1].content_type == "application/problem+json"
    assert [one.json["code"] for one in malformed] == ["invalid", "invalid"]
    assert malformed[1].headers["Idempotent-Replayed"] == "true"
    assert corrected.json["code"] == "idempotency_key_reused"
    assert coins(session) == 0


@both
def test_a_refusal_stays_refused_under_its_key_alone(api: Any, session: Session) -> None:
    session.execute(text("UPDATE issuers SET version = 0"))
    api("/api/v1/coins", "k", {"purse": "purse"})
    session.execute(text("UPDATE issuers SET version = 1 WHERE code = 'purse'"))

    again = api("/api/v1/coins", "k", {"purse": "purse"})
    anew = api("/api/v1/coins", "k2", {"purse": "purse"})

    assert (again.status_code, again.json["code"]) == (422, "no_coin")
    assert anew.status_code == 201


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [("stranger", {"purse": "purse"}, 401), ("nobody", {"purse": "purse"}, 403)],
)
def test_who_is_not_let_in_leaves_the_key_unused(
    who: str, body: Any, status: int, api: Any, session: Session
) -> None:
    assert api("/api/v1/coins", "k", body, who=who).status_code == status

    session.rollback()
    assert session.scalar(select(func.count(Deed.id))) == 0


def test_not_found_and_unreadable_leave_the_key_unused(api: Any, session: Session) -> None:
    missing = api("/api/v1/coins", "k", {"purse": "nowhere"})
    unreadable = api("/api/v1/coins", "k", [1])

    fine = api("/api/v1/coins", "k2", {"purse": "purse"})

    assert missing.status_code == 404
    assert unreadable.status_code == 422
    assert fine.status_code == 201


def test_a_fault_leaves_the_key_unused(
    api: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(feature, "take", fails)
        broken = api("/api/v1/coins", "k", {"purse": "purse"})
    fine = api("/api/v1/coins", "k", {"purse": "purse"})

    assert broken.status_code == 500
    assert fine.status_code == 201


@pytest.mark.parametrize("path", PATHS)
def test_a_replay_shows_what_the_reader_may_see_now(
    path: str, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = api(path, "k", {"purse": "purse"})
    blind = feature.PEOPLE["seller"]
    monkeypatch.setitem(
        feature.PEOPLE, "boss", feature.person(1, blind.permissions, *blind.service_points)
    )

    again = api(path, "k", {"purse": "purse"})

    assert first.json["cost"] == "7.13"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == {"coin": first.json["coin"], "left": 1}


def test_a_replayed_refusal_hides_figures_too(
    api: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.execute(text("UPDATE issuers SET version = 0"))
    first = api("/api/v1/coins", "k", {"purse": "purse"})
    monkeypatch.setitem(
        feature.PEOPLE, "boss", feature.person(1, feature.PEOPLE["seller"].permissions)
    )

    again = api("/api/v1/coins", "k", {"purse": "purse"})

    assert first.json["missing"] == "7.13"
    assert "7,13" in first.json["detail"]
    assert "missing" not in again.json
    assert "7" not in again.json["detail"]
    assert again.json["purse"] == "purse"


def test_a_replay_is_not_found_by_who_no_longer_sees_the_service_point(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = api("/api/v1/coins", "k", {"purse": "purse"}, who="north")
    moved = feature.person(2, feature.ALL, feature.SOUTH)
    monkeypatch.setitem(feature.PEOPLE, "north", moved)

    again = api("/api/v1/coins", "k", {"purse": "purse"}, who="north")

    assert first.status_code == 201
    assert again.status_code == 404


def test_a_key_without_a_body_works(api: Any) -> None:
    assert api("/api/v1/empty-coins", "k", {}).status_code == 200
    assert api("/api/v1/empty-coins", "k", {}).headers["Idempotent-Replayed"] == "true"


def test_a_keyed_endpoint_that_forgets_its_key_is_a_fault(site: Callable[..., Flask]) -> None:
    with site().test_request_context(
        "/api/v1/coins", headers={"Idempotency-Key": "k", "Authorization": "Bearer boss"}
    ):
        idempotency.start(201)

        with pytest.raises(RuntimeError, match="answer_once"):
            idempotency.respond(idempotency.Answer({}), 201, None)


def at_once(app: Flask, path: str, keys: list[str], body: Any) -> list[Any]:
    """Send one request per key, all at the same instant, each from a thread of its own."""
    app.config["OPEN_SESSIONS"] = []  # the test's own session is none for many threads
    gate = threading.Barrier(len(keys))
    answers: list[Any] = [None] * len(keys)

    def send(at: int) -> None:
        client = app.test_client()
        gate.wait()
        answers[at] = client.post(
            path,
            json=body,
            headers={"Authorization": "Bearer boss", "Idempotency-Key": keys[at]},
        )

    threads = [threading.Thread(target=send, args=(at,)) for at in range(len(keys))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@both
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coins_there", [1, 100])
def test_fifty_at_once_have_one_effect_and_one_answer(
    path: str, coins_there: int, site: Callable[..., Flask], session: Session
) -> None:
    session.add(Issuer(code="purse", name="purse", version=coins_there))
    session.commit()

    answers = at_once(site(), path, ["same"] * 50, {"purse": "purse"})

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert coins(session) == 1
    left = select(Issuer.version).where(Issuer.code == "purse")
    assert session.scalar(left) == coins_there - 1


@both
def test_who_comes_too_late_is_refused_once_and_for_all(
    site: Callable[..., Flask], session: Session
) -> None:
    session.add(Issuer(code="purse", name="purse", version=3))
    session.commit()
    app = site()
    keys = [f"key-{at % 10}" for at in range(30)]

    answers = at_once(app, "/api/v1/coins", keys, {"purse": "purse"})
    again = at_once(app, "/api/v1/coins", keys, {"purse": "purse"})

    for at, (first, second) in enumerate(zip(answers, again, strict=True)):
        assert first.data == second.data, keys[at]
    by_key = {key: answer.status_code for key, answer in zip(keys, answers, strict=True)}
    assert sorted(by_key.values()) == [201] * 3 + [422] * 7
    assert coins(session) == 3


@pytest.mark.engines("mariadb")
def test_who_waits_too_long_for_the_first_is_told_to_come_back(
    site: Callable[..., Flask],
    session: Session,
    engine_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session.add(Issuer(code="purse", name="purse", version=1))
    session.commit()
    patient = transactions.engine_options(engine_url)
    hasty = {"connect_args": {"init_command": "SET SESSION innodb_lock_wait_timeout = 1"}}
    monkeypatch.setattr(transactions, "engine_options", lambda _url: patient | hasty)
    monkeypatch.setattr(transactions, "PATIENCE_SECONDS", 0.5)
    client = site().test_client()
    headers = {"Authorization": "Bearer boss", "Idempotency-Key": "k"}
    session.execute(text("UPDATE issuers SET name = 'held' WHERE code = 'purse'"))
    client.application.config["OPEN_SESSIONS"] = []

    waited = client.post("/api/v1/coins", json={"purse": "purse"}, headers=headers)
    session.rollback()
    again = client.post("/api/v1/coins", json={"purse": "purse"}, headers=headers)

    assert (waited.status_code, waited.json["code"]) == (503, "busy")
    assert int(waited.headers["Retry-After"]) >= 1
    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again.headers


class TestPages:
    """A page's form carries a hidden key; the second click goes where the first went."""

    @pytest.fixture
    def page(self, site: Callable[..., Flask], purse: None) -> Any:
        app = site()
        access.load_with(lambda: feature.PEOPLE["seller"], lambda _token: None)(app)
        return app.test_client()

    def fresh_key(self, page: Any) -> str:
        html = page.get("/coin").text
        return str(html.split('value="')[1].split('"')[0])

    def test_the_second_click_goes_where_the_first_went(self, page: Any, session: Session) -> None:
        key = self.fresh_key(page)

        first = page.submit("/coin", {"purse": "purse", "form_key": key})
        second = page.submit("/coin", {"purse": "purse", "form_key": key})

        assert first.status_code == second.status_code == 303
        assert first.location == second.location
        assert coins(session) == 1

    def test_a_refused_form_may_be_corrected_and_sent_again(
        self, page: Any, session: Session
    ) -> None:
        key = self.fresh_key(page)

        refused = page.submit("/coin", {"purse": "locked2", "form_key": key})
        sent = page.submit("/coin", {"purse": "purse", "form_key": key})

        assert refused.status_code == 404
        assert sent.status_code == 303

    def test_a_form_changed_after_it_went_through_comes_back_with_a_new_key(
        self, page: Any, session: Session
    ) -> None:
        key = self.fresh_key(page)
        page.submit("/coin", {"purse": "purse", "form_key": key})

        changed = page.submit("/coin", {"purse": "other", "form_key": key})

        assert changed.status_code == 422
        assert key not in changed.text
        assert coins(session) == 1

    def test_each_form_has_a_key_of_its_own(self, page: Any) -> None:
        assert self.fresh_key(page) != self.fresh_key(page)

    def test_a_key_that_no_page_made_is_malformed(self, page: Any) -> None:
        assert page.submit("/coin", {"purse": "purse", "form_key": "x"}).status_code == 400
