"""Granting credit, and taking an unused grant back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit import services as audit
from portal.credit.models import Book, EntryKind, LotKind, LotOrigin
from portal.credit.rules.journal import opening
from portal.credit.rules.lots import RANKS, LotState
from portal.credit.services.arrivals import tell_arrival
from portal.credit.services.booking import Leg, Movement, book
from portal.credit.services.expiry import book_expiry
from portal.credit.services.settlement import settle
from portal.credit.services.wallet import Wallet, lock
from portal.db import Sql
from portal.errors import invalid
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, from_minor
from portal.periods import FOREVER
from portal.wire import text_of_moment

_INSERT_LOT = Sql("""
    INSERT INTO lots (account_id, kind, kind_rank, face, paid, remaining, used, expired, gone,
                      moved, expires_on, origin, granted_at, from_lot_id, is_open)
    VALUES (:account, :kind, :rank, :face, :paid, :face, 0, 0, 0, 0, :expires_on, :origin, :at,
            :from_lot, 1)
""")


@dataclass(frozen=True, slots=True)
class Terms:
    """What credit is granted on: `amount` in minor units, `paid` in cents, no last day is None.

    `order_id` is the order whose sale it is.
    """

    amount: int
    paid: int
    kind: LotKind
    expires_on: date | None
    origin: LotOrigin = LotOrigin.GRANT
    order_id: int | None = None


def grant(
    session: Session,
    *,
    account_id: int,
    service_point_id: int | None,
    terms: Terms,
    reason: str | None,
    by: Actor,
    at: datetime,
) -> tuple[int, int]:
    """Give an account a lot, which first pays its debts; return the transaction and the lot."""
    connection = session.connection()
    wallet = lock(connection, account_id, at)
    check_terms(terms, wallet.day)
    book_expiry(connection, wallet)
    lot = make_lot(connection, wallet, terms)
    movement = Movement(wallet, EntryKind.GRANT, [leg_of_new(lot, Book.RECEIVED)])
    movement.next_lot = first_of(wallet, lot)
    deed_id = audit.jot(
        connection,
        by=by,
        action="credit.granted",
        entity=("account", account_id),
        at=wallet.at,
        service_point_id=service_point_id,
        reason=reason,
        before={"balance": wallet.figures.balance},
        after={
            "balance": movement.after.balance,
            "lot": lot.id,
            "amount": from_minor(terms.amount, wallet.scale),
            "paid": from_minor(terms.paid, AMOUNT_SCALE),
            "kind": terms.kind.value,
            "expires_on": terms.expires_on,
            **({"order": terms.order_id} if terms.order_id else {}),
        },
        account_id=account_id,
        first_seq=movement.first_seq,
        entries=1,
    )
    book(connection, movement, deed_id, actor_id=by.user_id, order_id=terms.order_id)
    settle(connection, wallet, service_point_id=service_point_id, by=by)
    tell_arrival(session, service_point_id)
    return deed_id, lot.id


def check_terms(terms: Terms, today: date) -> None:
    """Refuse credit that nobody could use, and money that came in for a gift."""
    if terms.amount <= 0:
        raise invalid("amount", N_("Must be above zero."))
    if terms.kind is LotKind.BONUS and terms.paid:
        raise invalid("paid", N_("Nothing is paid for a bonus."))
    if terms.expires_on and terms.expires_on < today:
        raise invalid("expires_on", N_("This day is over: the credit could never be used."))


def make_lot(
    connection: Connection, wallet: Wallet, terms: Terms, from_lot_id: int | None = None
) -> LotState:
    """Store a new lot; the entry that opens it is the caller's to book."""
    last_day = terms.expires_on or FOREVER
    made = _INSERT_LOT.run(
        connection,
        account=wallet.id,
        kind=terms.kind.value,
        rank=RANKS[terms.kind],
        face=terms.amount,
        paid=terms.paid,
        expires_on=last_day,
        origin=terms.origin.value,
        at=text_of_moment(wallet.at),
        from_lot=from_lot_id,
    )
    return LotState(
        id=int(made.lastrowid),
        kind_rank=RANKS[terms.kind],
        face=terms.amount,
        paid=terms.paid,
        remaining=terms.amount,
        used=0,
        expired=0,
        gone=0,
        moved=0,
        expires_on=last_day,
        was=(terms.amount, 0),
    )


def leg_of_new(lot: LotState, book_: Book) -> Leg:
    """Return the row that opens a lot."""
    opens = opening(lot.kind, lot.expires_on)
    return Leg(book_, lot.face, lot.paid, lot_id=lot.id, opens=opens)


def first_of(wallet: Wallet, *arrived: LotState) -> LotState | None:
    """Return the lot that burns first once others have arrived, None where that is not known."""
    if wallet.current is None and wallet.in_lots > 0:
        return None
    known = [wallet.current] if wallet.current else []
    same = {lot.id: lot for lot in (*known, *arrived) if lot.remaining}
    return min(same.values(), key=LotState.burns, default=None)
