"""How often someone may fail to sign in (T14)."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.people.models import SignInAttempt
from portal.people.rules.attempts import ACCOUNT_LIMIT
from portal.people.rules.passwords import hash_password
from tests.factories import PASSWORD, make_user
from tests.visitors import MovableClock, PortalClient

WRONG = "uma-senha-errada"


def attempt(
    client: PortalClient, email: str, password: str = WRONG, address: str = "203.0.113.1"
) -> int:
    data = {"email": email, "password": password}
    answer = client.submit("/sign-in", data, environ_overrides={"REMOTE_ADDR": address})
    return int(answer.status_code)


@pytest.mark.engines("sqlite", "mariadb")
def test_guessing_ends_after_ten_tries_over_two_instances(
    make_app: Callable[..., Flask], session: Session
) -> None:
    user = make_user(session)
    session.commit()
    clients = [make_app().test_client(), make_app().test_client()]

    answers = [attempt(clients[number % 2], user.email) for number in range(30)]

    assert answers == [422] * ACCOUNT_LIMIT + [429] * 20
    assert attempt(clients[0], user.email, PASSWORD) == 429


@pytest.mark.engines("mariadb")
def test_tries_at_the_same_instant_find_no_more_room(
    make_app: Callable[..., Flask], session: Session, open_sessions: list[Session]
) -> None:
    user = make_user(session)
    session.commit()
    open_sessions.clear()
    email = user.email
    apps = [make_app(), make_app()]

    def guess(number: int) -> int:
        return attempt(apps[number % 2].test_client(), email)

    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(guess, range(60)))

    assert 0 < answers.count(422) <= ACCOUNT_LIMIT
    assert answers.count(422) + answers.count(429) == 60


def test_an_address_that_tries_many_accounts_is_stopped(app: Flask) -> None:
    answers = [
        attempt(app.test_client(), f"someone{number}@example.com", address="198.51.100.7")
        for number in range(55)
    ]

    assert answers == [422] * 50 + [429] * 5
    assert attempt(app.test_client(), "someone99@example.com", address="198.51.100.8") == 422


def test_a_block_ends_by_itself_and_refused_tries_do_not_prolong_it(
    client: PortalClient, session: Session, clock: MovableClock
) -> None:
    user = make_user(session)
    for _ in range(ACCOUNT_LIMIT):
        attempt(client, user.email)
    for _ in range(5):
        clock.advance(minutes=2)
        assert attempt(client, user.email) == 429

    clock.advance(minutes=6)

    assert attempt(client, user.email, PASSWORD) == 303


def test_a_stranger_cannot_lock_the_owner_out_from_afar(
    app: Flask, session: Session, clock: MovableClock
) -> None:
    user = make_user(session)
    assert attempt(app.test_client(), user.email, PASSWORD, address="192.0.2.10") == 303

    for _ in range(3):
        for _ in range(20):
            attempt(app.test_client(), user.email, address="203.0.113.66")
        assert attempt(app.test_client(), user.email, address="203.0.113.66") == 429
        assert attempt(app.test_client(), user.email, PASSWORD, address="192.0.2.10") == 303
        clock.advance(minutes=16)


def test_whoever_gets_it_right_starts_counting_anew(
    client: PortalClient, app: Flask, session: Session
) -> None:
    user = make_user(session)
    for _ in range(ACCOUNT_LIMIT - 1):
        attempt(client, user.email)

    assert attempt(client, user.email, PASSWORD) == 303
    assert session.scalars(select(SignInAttempt)).all() == []
    assert attempt(app.test_client(), user.email) == 422


def test_a_refusal_for_impatience_says_when_to_come_back(client: PortalClient) -> None:
    for _ in range(ACCOUNT_LIMIT):
        attempt(client, "nobody@example.com")

    data = {"email": "nobody@example.com", "password": WRONG}
    answer = client.submit("/sign-in", data, environ_overrides={"REMOTE_ADDR": "203.0.113.1"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "15 minutos" in answer.text


@pytest.mark.engines("sqlite")
def test_unknown_people_take_as_long_as_known_ones(
    make_app: Callable[..., Flask], session: Session
) -> None:
    """At a cost whose hash outweighs the rest; without it the medians would be far apart."""
    cost = (2, 16384, 1)
    user = make_user(session)
    client = make_app(argon2=cost).test_client()
    user.password_hash = hash_password(PASSWORD, cost)
    session.commit()
    took: dict[str, list[float]] = {user.email: [], "nobody@example.com": []}

    for turn in range(12):
        for email in took:
            started = time.perf_counter()
            attempt(client, email, address=f"198.51.100.{turn}")
            took[email].append(time.perf_counter() - started)
        session.query(SignInAttempt).delete()
        session.commit()

    known, unknown = (statistics.median(times[2:]) for times in took.values())
    assert abs(known - unknown) < 0.4 * max(known, unknown)


def test_an_address_of_ipv6_is_forgiven_by_its_network(
    client: PortalClient, session: Session
) -> None:
    user = make_user(session)
    attempt(client, user.email, address="2001:db8::1")

    assert attempt(client, user.email, PASSWORD, address="2001:db8::2") == 303
    assert session.scalars(select(SignInAttempt)).all() == []
