"""Looking deeds up."""

from sqlalchemy import Connection

from portal.db import Sql
from portal.keys import Key, StoredAnswer

REFUSED = "refused"

_ANSWER = Sql(
    "SELECT fingerprint, status, answer, service_point_id, action"
    " FROM deeds WHERE idem_hash = :hash"
)


def find_answer(connection: Connection, key: Key) -> StoredAnswer | None:
    """Return what the key was answered with, if it was used."""
    row = _ANSWER.run(connection, hash=key.hash).first()
    if row is None:
        return None
    fingerprint, status, text, service_point_id, action = row
    same = bytes(fingerprint or b"") == key.fingerprint
    return StoredAnswer(same, status or 0, text or "", service_point_id, action == REFUSED)
