"""Live credit and debt never stand side by side: what arrives pays the oldest debt (DESIGN 4.3)."""

from sqlalchemy import Connection

from portal.actors import Actor
from portal.audit import services as audit
from portal.credit.models import Book, EntryKind
from portal.credit.rules.lots import LotState
from portal.credit.services.booking import Leg, Movement, book
from portal.credit.services.wallet import DebtState, Wallet, open_debts, open_lots
from portal.money import from_minor


def settle(
    connection: Connection, wallet: Wallet, *, service_point_id: int | None, by: Actor
) -> int | None:
    """Pay debt out of open lots, both in their order; return the transaction, if there is one.

    A pair of rows for each piece, out of the lot and into the debt: the balance stays. It counts
    as use of the lot, so it recognises revenue; only what a cancelled sale left owing does not.
    """
    if not wallet.debt or wallet.in_lots <= 0:
        return None
    movement = _plan(connection, wallet)
    paid = from_minor(sum(leg.qty for leg in movement.legs if leg.lot_id is None), wallet.scale)
    deed_id = audit.jot(
        connection,
        by=by,
        action="credit.settled",
        entity=("account", wallet.id),
        at=wallet.at,
        service_point_id=service_point_id,
        before={"debt": from_minor(wallet.debt, wallet.scale)},
        after={"debt": from_minor(wallet.debt, wallet.scale) - paid, "amount": paid},
        account_id=wallet.id,
        first_seq=movement.first_seq,
        entries=movement.entries,
    )
    book(connection, movement, deed_id, actor_id=by.user_id)
    return deed_id


def _plan(connection: Connection, wallet: Wallet) -> Movement:
    movement = Movement(wallet, EntryKind.SETTLEMENT)
    lots = open_lots(connection, wallet)
    lot = None
    for debt in open_debts(connection, wallet):
        movement.debts.append(debt)
        while debt.remaining:
            if lot is None or not lot.remaining:
                lot = next(lots, None)
                if lot is None:
                    return movement
                movement.lots.append(lot)
            part = min(lot.remaining, debt.remaining)
            debt.remaining -= part
            movement.legs += (
                _paid_by(lot, part, debt),
                Leg(Book.DEBT, part, 0, None, debt.id, debt.order_id),
            )
    movement.next_lot = lot if lot is not None and lot.remaining else None
    return movement


def _paid_by(lot: LotState, part: int, debt: DebtState) -> Leg:
    """Return the row that takes credit out of a lot for a debt.

    The money of a sale that was cancelled has gone back to its buyer: it is no revenue.
    """
    if debt.taken_back:
        book_, value = Book.RECEIVED, lot.hand_back(part)
    else:
        book_, value = Book.CONSUMED, lot.use(part)
    return Leg(book_, -part, -value, lot.id, debt.id, debt.order_id)
