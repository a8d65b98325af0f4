"""So many orders of one document a day, and from one address of the network an hour.

One row per document or address, written under its condition in the transaction of the order: of
any number of orders at one instant no more than the limit find room, and a refused one takes none.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.db import is_duplicate
from portal.storefronts.errors.visitors import TooManyOfAddress, TooManyOfDocument, TooManyOrders
from portal.storefronts.models import ShopLimit

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MOST_REQUESTS = 10


def take_place(
    session: Session,
    *,
    service_point_id: int,
    tax_id: str,
    address: str,
    per_document: int,
    per_address: int,
    secret: str,
    at: datetime,
) -> None:
    """Count an order of a document and an address; TooManyOrders beyond what the shop takes.

    `secret` goes into the hashes, so that nobody who reads the table can try documents out.
    """
    asked = [
        (_hash(secret, "document", service_point_id, tax_id), DAY, per_document, TooManyOfDocument),
        (_hash(secret, "address", service_point_id, address), HOUR, per_address, TooManyOfAddress),
    ]
    for key, window, most, refusal in sorted(asked, key=lambda one: one[0]):
        _take(session, key, window, most, refusal, at)


def take_request(
    session: Session, service_point_id: int, *, address: str, secret: str, at: datetime
) -> None:
    """Count someone who has links sent; TooManyOfAddress beyond ten an hour from one address."""
    key = _hash(secret, "links", service_point_id, address)
    _take(session, key, HOUR, MOST_REQUESTS, TooManyOfAddress, at)


def sweep(session: Session, *, at: datetime) -> int:
    """Forget what lies more than a day back; return how many were forgotten."""
    gone = session.execute(delete(ShopLimit).where(ShopLimit.began_at < at - 2 * DAY))
    return _count(gone)


def _take(
    session: Session,
    key: bytes,
    window: timedelta,
    most: int,
    refusal: type[TooManyOrders],
    at: datetime,
) -> None:
    if _count_one(session, key, window, most, at):
        return
    try:
        with session.begin_nested():
            session.add(ShopLimit(key_hash=key, began_at=at, taken=1))
            session.flush()
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        if not _count_one(session, key, window, most, at):
            raise refusal(window) from None


def _count_one(session: Session, key: bytes, window: timedelta, most: int, at: datetime) -> bool:
    """Count one more while there is room; a window that is over begins anew."""
    row = update(ShopLimit).where(ShopLimit.key_hash == key)
    over = ShopLimit.began_at <= at - window
    anew = session.execute(row.where(over).values(taken=1, began_at=at))
    if _count(anew):
        return True
    more = session.execute(row.where(ShopLimit.taken < most).values(taken=ShopLimit.taken + 1))
    return bool(_count(more))


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def _hash(secret: str, kind: str, service_point_id: int, value: str) -> bytes:
    return hashlib.sha256(f"{secret}\n{kind}\n{service_point_id}\n{value}".encode()).digest()
