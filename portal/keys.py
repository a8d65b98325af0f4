"""Idempotency keys, and what makes the row of a deed the record of a key's answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: SHA-256 of user and key, and of what was asked with it."""

    hash: bytes
    fingerprint: bytes


class SealFacts(TypedDict):
    """The columns of a deed row that make it the record of a key."""

    idem_hash: bytes
    fingerprint: bytes
    status: int
    answer: str


@dataclass(frozen=True, slots=True)
class Seal:
    """Lets a service that writes its own deed row store key and answer in it.

    It hands `**seal.facts(result)` to `record` or `jot`. `write` turns the result into the status
    and the text of the stored answer.
    """

    key: Key
    write: Callable[[Any], tuple[int, str]]

    def facts(self, result: Any) -> SealFacts:
        """Return the columns, with the answer to what came about."""
        status, answer = self.write(result)
        return {
            "idem_hash": self.key.hash,
            "fingerprint": self.key.fingerprint,
            "status": status,
            "answer": answer,
        }


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a key was answered with; `same` is false when something else was asked with it.

    `deed_id` is the number of the row that keeps it.
    """

    same: bool
    status: int
    text: str
    service_point_id: int | None
    refused: bool
    deed_id: int = 0


class AnsweredBefore(Exception):
    """Raised by a deed that looks its key up itself, beside what it reads first anyway."""

    def __init__(self, stored: StoredAnswer) -> None:
        super().__init__()
        self.stored = stored
