"""What may be granted, which passwords do, when someone has to wait."""

import pytest

from portal.errors import Invalid
from portal.people.rules.attempts import Failures, must_wait, origin_of
from portal.people.rules.emails import checked_email
from portal.people.rules.passwords import (
    check_password,
    hash_password,
    is_outdated,
    is_right,
    make_password,
)
from portal.people.rules.permissions import ALL, CATALOGUE, PERMISSIONS, allowed, covers
from tests import factories
from tests.factories import CHEAP_ARGON2, make_actor


def test_the_catalogue_names_every_permission_once_with_words_for_people() -> None:
    every = [one for group in CATALOGUE for one in group.permissions]

    assert len({one.name for one in every}) == len(every)
    assert ALL == factories.PERMISSIONS
    assert all(one.label and one.text for one in every)


@pytest.mark.parametrize(
    ("own", "handed_on", "headquarters", "fine"),
    [
        ({"orders.view", "users.edit"}, {"orders.view"}, False, True),
        ({"orders.view", "users.edit"}, {"orders.view", "costs.view"}, False, False),
        ({"orders.view"}, set(), False, True),
    ],
)
def test_nobody_hands_on_more_than_he_has(
    own: set[str], handed_on: set[str], headquarters: bool, fine: bool
) -> None:
    assert covers(make_actor(*own), frozenset(handed_on), headquarters) is fine


def test_people_of_service_points_never_hand_on_profiles_of_headquarters() -> None:
    owner = make_actor("orders.view", headquarters=False)

    assert not covers(owner, frozenset(["orders.view"]), headquarters=True)


@pytest.mark.parametrize(
    ("profile", "scopes", "left"),
    [
        ("orders.view orders.place", None, {"orders.view", "orders.place"}),
        ("orders.view orders.place", "orders.view", {"orders.view"}),
        ("orders.view", "orders.view costs.view", {"orders.view"}),
        ("orders.view", "", set()),
    ],
)
def test_scopes_take_away_and_never_add(profile: str, scopes: str | None, left: set[str]) -> None:
    assert allowed(profile, scopes) == left


@pytest.mark.parametrize(
    ("account", "here", "address", "known", "waits"),
    [
        (10, 10, 10, False, False),
        (11, 1, 1, False, True),
        (11, 10, 10, True, False),
        (11, 11, 11, True, True),
        (1, 1, 50, False, False),
        (1, 1, 51, False, True),
        (1, 1, 51, True, True),
    ],
)
def test_ten_failures_of_an_account_and_fifty_of_an_address_are_allowed(
    account: int, here: int, address: int, known: bool, waits: bool
) -> None:
    assert must_wait(Failures(account, here, address, known)) is waits


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unix-socket", "unix-socket"),
    ],
)
def test_addresses_of_one_subscriber_count_together(address: str, counted_as: str) -> None:
    assert origin_of(address) == counted_as


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("curta", "too_short"),
        ("a" * 257, "too_long"),
        ("aaaaaaaaaaaaaa", "too_weak"),
        ("maria.silva@example.com", "too_weak"),
    ],
)
def test_passwords_that_are_easy_to_guess_are_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_password(password, email="maria.silva@example.com")

    assert refusal.value.problems[0].code == code


def test_the_portals_own_passwords_are_good_enough_and_never_the_same() -> None:
    made = {make_password() for _ in range(50)}

    assert len(made) == 50
    for password in made:
        check_password(password, email="ana@example.com")


def test_a_hash_opens_to_its_own_password_alone() -> None:
    stored = hash_password("uma frase comprida", CHEAP_ARGON2)

    assert "frase" not in stored
    assert is_right("uma frase comprida", stored, CHEAP_ARGON2)
    assert not is_right("uma frase curta", stored, CHEAP_ARGON2)
    assert not is_right("uma frase comprida", None, CHEAP_ARGON2)
    assert not is_right("uma frase comprida", "no hash at all", CHEAP_ARGON2)


def test_a_hash_of_another_cost_is_to_be_renewed() -> None:
    stored = hash_password("uma frase comprida", CHEAP_ARGON2)

    assert not is_outdated(stored, CHEAP_ARGON2)
    assert is_outdated(stored, (2, 16, 1))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" Ana@Example.COM ", "ana@example.com"), ("a+b@empresa.com.br", "a+b@empresa.com.br")],
)
def test_an_email_is_stored_trimmed_and_small(typed: str, stored: str) -> None:
    assert checked_email(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "ana", "ana@", "@example.com", "a b@example.com", "ana@-x.com", "ána@x.com",
              "a" * 250 + "@x.com", "ana@x.com\n"[:-1] + "\x00"]
)  # fmt: skip
def test_what_cannot_be_an_email_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        checked_email(typed)


def test_every_permission_of_the_catalogue_has_a_dotted_name() -> None:
    assert all(name.count(".") == 1 and name == name.lower() for name in PERMISSIONS)
