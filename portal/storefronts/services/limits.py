"""So many orders of one document a day, and from one address of the network an hour.

One row per document or address, written under its condition in the transaction of the order: of
any number of orders at one instant no more than the limit find room, and a refused one takes none.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from portal.db import Sql
from portal.storefronts.errors.visitors import TooManyOfAddress, TooManyOfDocument, TooManyOrders
from portal.storefronts.models import ShopLimit

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MOST_REQUESTS = 10
_MORE = Sql("""
    UPDATE shop_limits SET taken = CASE WHEN began_at <= :over THEN 1 ELSE taken + 1 END,
      began_at = CASE WHEN began_at <= :over THEN :at ELSE began_at END
    WHERE key_hash = :key AND (began_at <= :over OR taken < :most)
""")
"""One more while there is room; a window that is over begins anew. MariaDB assigns in order."""
_ROW = "INTO shop_limits (key_hash, began_at, taken) VALUES (:key, :at, 1)"
_BEGIN = {"sqlite": Sql(f"INSERT OR IGNORE {_ROW}"), "mariadb": Sql(f"INSERT IGNORE {_ROW}")}


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
    """Count one more; who comes first finds no row and writes it, unless another was quicker."""
    connection = session.connection()
    begin = _BEGIN["sqlite" if connection.dialect.name == "sqlite" else "mariadb"]

    def more() -> bool:
        over = at - window
        return bool(_MORE.run(connection, key=key, over=over, most=most, at=at).rowcount)

    if not (more() or begin.run(connection, key=key, at=at).rowcount or more()):
        raise refusal(window)


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def _hash(secret: str, kind: str, service_point_id: int, value: str) -> bytes:
    return hashlib.sha256(f"{secret}\n{kind}\n{service_point_id}\n{value}".encode()).digest()
