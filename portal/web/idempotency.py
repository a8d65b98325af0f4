"""Once only: the same key asks for the same deed and gets its first answer (SAFETY, LEDGER-COST).

The key is looked up first and inserted last, and looked up again before any refusal: the twin that
came first may have spent the credit. The database's unique index decides between twins.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any, Literal, Protocol, overload

import orjson
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.db import connection_of
from portal.errors import Conflict, NotFound, PortalError, Refused
from portal.i18n import N_
from portal.keys import AnsweredBefore, Key, Seal, StoredAnswer
from portal.transactions import read, transact_keyed, transact_on_connection
from portal.web import access
from portal.web.answers import Answer, answer_of, json_bytes, plain_body
from portal.web.answers import respond as plain_response
from portal.web.problems import Malformed, document, problem_response
from portal.wire import Carrier

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_SYNTAX = re.compile(r"[\x21-\x7e]{1,64}\Z")
_FORM_SYNTAX = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")

Costly = Callable[[dict[str, Any], Actor], Any]
Deed = Callable[[Session], Any]
SealedDeed = Callable[[Session, "Sealing"], Any]
PlainDeed = Callable[[Carrier, "Sealing"], Any]


class KeyRequired(PortalError):
    """Money moves only under a key."""

    status = 400
    code = "idempotency_key_required"
    text = N_("The header Idempotency-Key is required here.")


class BadKey(Malformed):
    """A key that no client should make."""

    text = N_("An Idempotency-Key has 1 to 64 visible ASCII characters.")


class KeyReused(Refused):
    """The key stands for something else."""

    code = "idempotency_key_reused"
    text = N_("This Idempotency-Key was already used for a different request.")


class FormReused(KeyReused):
    """A form was sent, went through, was changed and is sent again."""

    text = N_("This form was already sent and stored. Check the result before sending it again.")


class Find(Protocol):
    """Looks up what a key was answered with."""

    def __call__(self, connection: Carrier, key: Key) -> StoredAnswer | None:
        """Return it, if the key was used."""


class Keep(Protocol):
    """Stores what a key was answered with, in a row that carries nothing else."""

    def __call__(
        self, connection: Carrier, key: Key, *, by: Actor, path: str, answer: StoredAnswer
    ) -> None:
        """Store it; the unique index refuses a second one."""


@dataclass(frozen=True, slots=True)
class _Store:
    find: Find
    keep: Keep


def keep_with(find: Find, keep: Keep) -> Callable[[Flask], None]:
    """Return what tells an application where answers are kept: with the deeds of the audit."""

    def install(app: Flask) -> None:
        app.extensions["idempotency"] = _Store(find, keep)

    return install


def _store() -> _Store:
    store: _Store | None = current_app.extensions.get("idempotency")
    if store is None:
        raise RuntimeError("idempotency.keep_with was not called for this application")
    return store


# -- keys ---------------------------------------------------------------------------------------


def start(status: int) -> None:
    """Take the request's key; KeyRequired without one. `status` is what success answers."""
    sent = request.headers.get(HEADER)
    if not sent:
        raise KeyRequired
    if not _SYNTAX.match(sent):
        raise BadKey
    g.idempotency_key = sent
    g.answered_once = None
    g.success = status


def request_key() -> Key:
    """Return the key of an API request, with the fingerprint of what is asked."""
    asked = b"\n".join((request.method.encode(), request.path.encode(), _canonical(g.get("json"))))
    return Key(_hash(f"{access.actor().user_id}\n{g.idempotency_key}"), _sha(asked))


def form_key(sent: str) -> Key:
    """Return the key of a page's form, with the fingerprint of what was typed."""
    if not _FORM_SYNTAX.match(sent):
        raise Malformed
    typed = sorted(
        (name, values)
        for name, values in request.form.to_dict(flat=False).items()
        if name not in {"csrf_token", "form_key"}
    )
    asked = b"\n".join((request.method.encode(), request.path.encode(), _canonical(typed)))
    return Key(_hash(f"form\n{access.actor().user_id}\n{sent}"), _sha(asked))


def _canonical(body: Any) -> bytes:
    try:
        return orjson.dumps(body, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(body, default=str, sort_keys=True).encode()


def _hash(text: str) -> bytes:
    return _sha(text.encode())


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# -- answers as they are stored: on the first line the ETag and the place of the row's own number,
# then the body --------------------------------------------------------------------------------


def pack(answer: Answer) -> str:
    """Write an answer as it is stored, with all its figures."""
    etag = "" if answer.etag is None else str(answer.etag)
    return f"{etag}\t{'.'.join(answer.own_number)}\n{json_bytes(answer.body).decode()}"


def unpack(stored: StoredAnswer) -> Answer:
    """Read a stored answer."""
    head, _, text = stored.text.partition("\n")
    etag, _, place = head.partition("\t")
    body = orjson.loads(text)
    if place:
        *way, last = place.split(".")
        reduce(getitem, way, body)[last] = stored.deed_id
    return Answer(body, stored.status, etag or None, service_point_id=stored.service_point_id)


@dataclass(slots=True)
class Sealing:
    """Handed to a deed that stores the answer in its own row: `seal(shown)` makes the Seal.

    `shown(result)` returns the Answer, or its body, with all figures; the endpoint's `costly`
    takes out what the reader may not see.
    """

    key: Key
    status: int
    answer: Answer | None = None

    def __call__(self, shown: Callable[[Any], Any]) -> Seal:
        """Return what the service hands to `record` or `jot`."""

        def write(result: Any) -> tuple[int, str]:
            self.answer = answer = answer_of(shown(result))
            return answer.status or self.status, pack(answer)

        return Seal(self.key, write)


# -- endpoints -----------------------------------------------------------------------------------


@overload
def answer_once(deed: Deed) -> Answer: ...
@overload
def answer_once(deed: SealedDeed, *, seals: Literal[True]) -> Answer: ...
@overload
def answer_once(deed: PlainDeed, *, seals: Literal[True], finds: Literal[True]) -> Answer: ...
def answer_once(deed: Callable[..., Any], *, seals: bool = False, finds: bool = False) -> Answer:
    """Do a keyed endpoint's deed once, and answer; a repeated request gets the first answer.

    The deed gets the session, with `seals=True` also a Sealing, and returns the Answer or its body.
    It shows everything; who may not see costs gets less (`costly` of the endpoint). With
    `finds=True` it gets the connection alone, looks the key up itself, first of all, and raises
    AnsweredBefore.
    """
    key = request_key()
    asked = _Asked(deed, g.success, seals=seals, finds=finds)
    g.answered_once = outcome = _once(key, asked, store_refusals=True)
    return outcome.answer


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be done once, and how it deals with its key."""

    deed: Callable[..., Any]
    status: int
    seals: bool
    finds: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, whether it is the first one's, and the problem if it was a refusal."""

    answer: Answer
    replayed: bool = False
    refusal: StoredAnswer | None = None


def _once(key: Key, asked: _Asked, *, store_refusals: bool) -> Outcome:
    try:
        if asked.finds:
            return transact_on_connection(_attempt, key, asked)
        return transact_keyed(_attempt, key, asked)
    except AnsweredBefore as before:
        return _outcome_of(before.stored)
    except IntegrityError:
        if (found := _replay(key)) is not None:
            return found
        raise
    except KeyReused:
        raise
    except PortalError as refusal:
        if store_refusals and isinstance(refusal, Conflict | Refused):
            return _store_refusal(key, refusal)
        if (found := _replay(key)) is not None:
            return found
        raise


def _attempt(given: Session | Carrier, key: Key, asked: _Asked) -> Outcome:
    found = None if asked.finds else _look_up(given, key)
    if found is not None:
        return found
    if not asked.seals:
        answer = answer_of(asked.deed(given))
        seal(given, key, answer, asked.status)
        return Outcome(answer)
    sealing = Sealing(key, asked.status)
    answer = answer_of(asked.deed(given, sealing))
    if sealing.answer is None:
        seal(given, key, answer, asked.status)
    return Outcome(sealing.answer or answer)


def _replay(key: Key) -> Outcome | None:
    return read(_look_up, key)


def _look_up(given: Session | Carrier, key: Key) -> Outcome | None:
    stored = _store().find(connection_of(given), key)
    return None if stored is None else _outcome_of(stored)


def _outcome_of(stored: StoredAnswer) -> Outcome:
    if not stored.same:
        raise KeyReused
    point = stored.service_point_id
    if point is not None and not access.actor().sees(point):
        raise NotFound
    if stored.refused:
        return Outcome(Answer(None, stored.status), replayed=True, refusal=stored)
    return Outcome(unpack(stored), replayed=True)


def seal(given: Session | Carrier, key: Key, answer: Answer, status: int) -> None:
    """Store an answer under its key, in the deed's own transaction."""
    stored = StoredAnswer(
        same=True,
        status=answer.status or status,
        text=pack(answer),
        service_point_id=answer.service_point_id,
        refused=False,
    )
    _keep(given, key, stored)


def _keep(given: Session | Carrier, key: Key, stored: StoredAnswer) -> None:
    _store().keep(connection_of(given), key, by=access.actor(), path=request.path, answer=stored)


# -- refusals ------------------------------------------------------------------------------------


def refuse(refusal: PortalError) -> Response:
    """Answer a keyed request whose shape is refused: a refusal is an answer too."""
    g.answered_once = outcome = _store_refusal(request_key(), refusal)
    return respond(outcome.answer, refusal.status, None)


def _store_refusal(key: Key, refusal: PortalError) -> Outcome:
    full, plain = (document(refusal, sees_costs=sees) for sees in (True, False))
    text = "\n".join(orjson.dumps(one, default=str).decode() for one in (full, plain))
    try:
        return transact_keyed(_attempt_refusal, key, refusal.status, text)
    except IntegrityError:
        if (found := _replay(key)) is not None:
            return found
        raise


def _attempt_refusal(session: Session, key: Key, status: int, text: str) -> Outcome:
    found = _look_up(session, key)
    if found is not None:
        return found
    stored = StoredAnswer(same=True, status=status, text=text, service_point_id=None, refused=True)
    _keep(session, key, stored)
    return Outcome(Answer(None, status), refusal=stored)


def respond(answer: Answer, status: int, costly: Costly | None) -> Response:
    """Make the response of a keyed endpoint, less what the reader may not see."""
    outcome: Outcome | None = g.answered_once
    if outcome is None:
        raise RuntimeError("a keyed endpoint answers through answer_once")
    if outcome.refusal is not None:
        full, plain = outcome.refusal.text.split("\n", 1)
        shown = full if access.actor().sees_costs else plain
        response = problem_response(shown.encode(), outcome.refusal.status)
    else:
        if costly is not None:
            body = costly(plain_body(answer.body), access.actor())
            answer = Answer(body, answer.status, answer.etag, answer.headers)
        response = plain_response(answer, status)
    if outcome.replayed:
        response.headers[REPLAYED] = "true"
    return response


# -- pages ---------------------------------------------------------------------------------------


@overload
def do_once(form_key_sent: str | None, deed: Callable[[Session], str]) -> str: ...
@overload
def do_once(
    form_key_sent: str | None,
    deed: Callable[[Session, Sealing], Any],
    *,
    seals: Literal[True],
) -> str: ...
def do_once(form_key_sent: str | None, deed: Callable[..., Any], *, seals: bool = False) -> str:
    """Do what a page's form asks once; return the address to go on to.

    The deed returns that address; a second click gets the first one's. Refusals are raised, not
    stored: the form comes back to be corrected, under the same key.
    """
    key = form_key(form_key_sent or "")
    try:
        asked = _Asked(deed, 303, seals=seals)
        outcome = _once(key, asked, store_refusals=False)
    except KeyReused:
        g.form_key_spent = True
        raise FormReused from None
    return str(outcome.answer.body)
