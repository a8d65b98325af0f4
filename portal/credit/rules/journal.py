"""The journal's seal: each row is chained to the one before it in its account (DESIGN 4.9)."""

from datetime import date
from hashlib import sha256

from portal.credit.models import LotKind

FIRST_HASH = bytes(32)
"""What the first row of an account is chained to."""

FORM = (
    "account_id", "seq", "line", "deed_id", "book", "credit_type_id", "qty", "value",
    "lot_id", "debt_id", "kind", "order_id", "reverses_id", "actor_id", "booked_at",
    "balance_after", "floor", "opens",
)  # fmt: skip
"""What is sealed, in this order, parted by bars; nothing stands as 0, in `opens` as empty.

A row is both legs of its posting: the book's is `qty` and `value` with the other sign. Only ids,
amounts, instants and kinds: a name or a free text may have to be forgotten one day.
"""


def seal(previous: bytes, form: str) -> bytes:
    """Return the hash of a row, given the hash of the one before it."""
    return sha256(previous + form.encode("ascii")).digest()


def opening(kind: LotKind, expires_on: date) -> str:
    """Write what a row says about the lot that it opens."""
    return f"{kind} {expires_on.isoformat()}"
