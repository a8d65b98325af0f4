"""Passwords: hashed with argon2, a few at a time, and never told apart from unknown users."""

import base64
import hashlib
import secrets
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.errors import Invalid, invalid
from portal.i18n import N_

Cost = tuple[int, int, int]
"""Time cost, memory in KiB, lanes."""

MINIMAL_LENGTH = 10
MAXIMAL_LENGTH = 256
_AT_ONCE = 4
_turn = threading.BoundedSemaphore(_AT_ONCE)
"""Each hash takes 64 MiB and a core: a crowd at the door must not take them all."""
_SYLLABLES = [consonant + vowel for consonant in "bcdfglmnprstv" for vowel in "aeio"]


def hash_password(password: str, cost: Cost) -> str:
    """Return the hash to be stored."""
    with _turn:
        return _hasher(cost).hash(password)


def is_right(password: str, stored: str | None, cost: Cost) -> bool:
    """Whether the password is the one stored; without one the same work is done in vain."""
    with _turn:
        try:
            _hasher(cost).verify(stored or _nobody(cost), password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_outdated(stored: str, cost: Cost) -> bool:
    """Whether the hash was made at another cost than the present one."""
    return _hasher(cost).check_needs_rehash(stored)


def check_password(password: str, *, email: str = "", field: str = "password") -> None:
    """Refuse passwords that are too short, too long, or the e-mail itself."""
    if refusal := _weakness(password, email, field):
        raise refusal


def _weakness(password: str, email: str, field: str) -> Invalid | None:
    if len(password) < MINIMAL_LENGTH:
        return invalid(
            field, N_("At least %(length)s characters."), "too_short", length=MINIMAL_LENGTH
        )
    if len(password) > MAXIMAL_LENGTH:
        return invalid(
            field, N_("At most %(length)s characters."), "too_long", length=MAXIMAL_LENGTH
        )
    if len(set(password)) < MINIMAL_LENGTH // 2 or password.lower() in {email, email.split("@")[0]}:
        return invalid(field, N_("Too easy to guess."), "too_weak")
    return None


def make_password() -> str:
    """Return an initial password that can be read out over the phone: 75 bits."""
    words = ["".join(secrets.choice(_SYLLABLES) for _ in range(3)) for _ in range(4)]
    return "-".join([*words, f"{secrets.randbelow(100):02}"])


def make_secret(prefix: str = "") -> str:
    """Return a secret of 256 bits for a session or a token."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Return what of a secret is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


@lru_cache
def _hasher(cost: Cost) -> PasswordHasher:
    time, memory, lanes = cost
    return PasswordHasher(time_cost=time, memory_cost=memory, parallelism=lanes)


@lru_cache
def _nobody(cost: Cost) -> str:
    """A hash of no known password, at the same cost; made up, so that it costs nothing itself."""
    time, memory, lanes = cost
    return f"$argon2id$v=19$m={memory},t={time},p={lanes}${_noise(16)}${_noise(32)}"


def _noise(length: int) -> str:
    return base64.b64encode(secrets.token_bytes(length)).decode("ascii").rstrip("=")
