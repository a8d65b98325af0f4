"""Expiry: what is left of a lot leaves the account the day after its last (DESIGN 4.7)."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import PORTAL
from portal.audit import services as audit
from portal.credit.models import Book, EntryKind
from portal.credit.rules.lots import LotState
from portal.credit.services.booking import Leg, Movement, book
from portal.credit.services.wallet import Wallet, dead_lots, lock, open_lots
from portal.db import Sql
from portal.money import from_minor
from portal.wire import Carrier

_OWNER = Sql("SELECT service_point_id FROM accounts WHERE id = :account")
_AT_ONCE = 200


def expire(session: Session, *, account_id: int, at: datetime) -> int:
    """Book what is past its day in an account at rest; return how many lots that were.

    At most some hundred at once: a job comes back until nothing is left.
    """
    connection = session.connection()
    wallet = lock(connection, account_id, at)
    return _expire_some(connection, wallet) if _is_due(connection, wallet) else 0


def book_expiry(connection: Carrier, wallet: Wallet) -> None:
    """Book each lot past its day, as a transaction of its own.

    The first lot in burning order tells whether there are any: the common movement, whose first
    lot is known and alive, pays nothing for this.
    """
    while _is_due(connection, wallet):
        _expire_some(connection, wallet)


def _is_due(connection: Carrier, wallet: Wallet) -> bool:
    if wallet.in_lots <= 0:
        return False
    wallet.current = next(open_lots(connection, wallet, chunk=1), None)
    return wallet.current is not None and wallet.current.is_past(wallet.day)


def _expire_some(connection: Carrier, wallet: Wallet) -> int:
    owner = _OWNER.run(connection, account=wallet.id).scalar()
    lots = dead_lots(connection, wallet, _AT_ONCE)
    for lot in lots:
        _expire_lot(connection, wallet, lot, owner)
    return len(lots)


def _expire_lot(connection: Carrier, wallet: Wallet, lot: LotState, owner: int | None) -> None:
    rest, breakage = lot.remaining, lot.deferred
    lot.expired += rest
    lot.remaining = 0
    leg = Leg(Book.BREAKAGE, -rest, -breakage, lot_id=lot.id)
    movement = Movement(wallet, EntryKind.EXPIRY, [leg], [lot])
    deed_id = audit.jot(
        connection,
        by=PORTAL,
        action="credit.expired",
        entity=("account", wallet.id),
        at=wallet.at,
        service_point_id=owner,
        before={"balance": wallet.figures.balance},
        after={
            "balance": movement.after.balance,
            "lot": lot.id,
            "amount": from_minor(rest, wallet.scale),
            "expires_on": lot.expires_on,
        },
        account_id=wallet.id,
        first_seq=movement.first_seq,
        entries=1,
    )
    book(connection, movement, deed_id, actor_id=None)
