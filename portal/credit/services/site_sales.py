"""A shop's sale whose money headquarters takes in, as the service point's credit (DESIGN 7.3).

It comes in the transaction that places the order, before the debit, and is taken back when the
order is cancelled: the money has then gone back to the buyer.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit import services as audit
from portal.credit.models import Book, EntryKind, LotKind, LotOrigin
from portal.credit.rules.lots import LotState, burn
from portal.credit.services.booking import Leg, Movement, book, legs_of_uses
from portal.credit.services.expiry import book_expiry
from portal.credit.services.grants import Terms, grant
from portal.credit.services.reversals import known_lot, mark_reversed
from portal.credit.services.wallet import Wallet, lock, open_lots
from portal.db import Sql
from portal.money import from_minor

_SALE = Sql("""
    SELECT e.account_id, e.deed_id, e.lot_id, e.qty, a.service_point_id
    FROM entries e JOIN accounts a ON a.id = e.account_id
    WHERE e.order_id = :order_id AND e.kind = 'grant'
""")


def credit_sale(
    session: Session,
    *,
    account_id: int,
    service_point_id: int,
    order_id: int,
    amount: int,
    by: Actor,
    at: datetime,
) -> tuple[int, int]:
    """Credit what a shop's buyer paid to headquarters (cents); return transaction and lot.

    A paid lot without a last day. Like all credit that arrives, it pays the oldest debt first.
    """
    terms = Terms(amount, amount, LotKind.PAID, None, LotOrigin.SITE_SALE, order_id)
    return grant(
        session,
        account_id=account_id,
        service_point_id=service_point_id,
        terms=terms,
        reason=None,
        by=by,
        at=at,
    )


def take_sale_back(session: Session, *, order_id: int, by: Actor, at: datetime) -> int | None:
    """Take back what a cancelled order's sale had brought; return the transaction, if any.

    From the sale's own lot first, then from others in burning order; what is missing becomes debt,
    however far below zero that is. What was paid for it falls out of what headquarters received:
    it is nobody's revenue. The order's debit is reversed before. Raises AlreadyReversed.
    """
    connection = session.connection()
    found = _SALE.run(connection, order_id=order_id).first()
    if found is None:
        return None
    account_id, sale_id, lot_id, amount, owner = found
    wallet = lock(connection, account_id, at)
    book_expiry(connection, wallet)
    movement = _plan(connection, wallet, lot_id, amount)
    movement.reverses_id = sale_id
    deed_id = audit.jot(
        connection,
        by=by,
        action="credit.sale_taken_back",
        entity=("account", wallet.id),
        at=wallet.at,
        service_point_id=owner,
        before={"balance": wallet.figures.balance},
        after={
            "balance": movement.after.balance,
            "reverses": sale_id,
            "amount": from_minor(movement.change, wallet.scale),
            "order": order_id,
        },
        account_id=wallet.id,
        first_seq=movement.first_seq,
        entries=movement.entries,
    )
    mark_reversed(connection, sale_id, deed_id)
    book(connection, movement, deed_id, actor_id=by.user_id, order_id=order_id)
    return deed_id


def _plan(connection: Connection, wallet: Wallet, lot_id: int, amount: int) -> Movement:
    own = known_lot(connection, wallet, lot_id)
    others = (lot for lot in open_lots(connection, wallet) if lot.id != own.id)
    uses, missing = burn(chain(_open(own), others), amount, LotState.hand_back)
    movement = Movement(wallet, EntryKind.REVERSAL, legs_of_uses(Book.RECEIVED, uses), owed=missing)
    movement.lots = [use.lot for use in uses]
    if missing:
        movement.legs.append(Leg(Book.DEBT, -missing))
    if wallet.current is not None and wallet.current.remaining:
        movement.next_lot = wallet.current
    return movement


def _open(lot: LotState) -> Iterator[LotState]:
    if lot.remaining:
        yield lot
