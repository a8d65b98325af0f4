"""Reversals: credit goes back where it came from, once, and never more than was taken (4.6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit import services as audit
from portal.credit.errors import (
    AlreadyReversed,
    CancelTheOrder,
    LotInUse,
    NoSuchTransaction,
    NotReversible,
)
from portal.credit.models import Book, EntryKind, LotOrigin
from portal.credit.rules.lots import LotState, grace_until
from portal.credit.services.arrivals import tell_arrival
from portal.credit.services.booking import Leg, Movement, book
from portal.credit.services.expiry import book_expiry
from portal.credit.services.grants import Terms, first_of, leg_of_new, make_lot
from portal.credit.services.settlement import settle
from portal.credit.services.wallet import DebtState, Wallet, lock, lot_of
from portal.db import Sql
from portal.money import from_minor

_DEED = Sql("""
    SELECT d.account_id, d.first_seq, d.entries, a.service_point_id
    FROM deeds d JOIN accounts a ON a.id = d.account_id WHERE d.id = :deed
""")
_DEED_OF_ORDER = Sql("""
    SELECT deed_id FROM entries WHERE order_id = :order_id AND kind = 'debit'
    ORDER BY seq LIMIT 1
""")
_ROWS = Sql("""
    SELECT seq, kind, qty, lot_id, order_id FROM entries
    WHERE account_id = :account AND seq BETWEEN :first AND :last ORDER BY seq
""")
_DEBT = Sql("SELECT id, remaining, order_id FROM debts WHERE deed_id = :deed")
_PAID_BY = Sql("""
    SELECT e.seq, e.qty, e.lot_id FROM debt_payments p
    JOIN entries e ON e.account_id = :account AND e.seq = p.seq WHERE p.debt_id = :debt
""")
_MARK = Sql("INSERT INTO reversals (deed_id, reversed_by) VALUES (:deed, :by)")
_MARKED = Sql("SELECT reversed_by FROM reversals WHERE deed_id = :deed")


@dataclass(frozen=True, slots=True)
class _Taken:
    """One use of a lot, by a debit or by credit that paid its debt."""

    seq: int
    lot_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class _Original:
    """The transaction that is to be reversed."""

    deed_id: int
    kind: EntryKind
    rows: list[Any]
    order_id: int | None
    service_point_id: int | None


def reverse(
    session: Session,
    *,
    deed_id: int,
    reason: str,
    by: Actor,
    at: datetime,
    grace_days: int | None = None,
) -> tuple[int, Movement]:
    """Reverse a debit that no order owns, or an unused grant; return transaction and movement."""
    connection = session.connection()
    wallet, original = _lock_original(connection, deed_id, at)
    if original.order_id and original.kind in {EntryKind.DEBIT, EntryKind.GRANT}:
        raise CancelTheOrder(number=original.order_id)

    def write_deed(movement: Movement) -> int:
        return audit.jot(
            connection,
            by=by,
            action="credit.reversed",
            entity=("account", wallet.id),
            at=wallet.at,
            service_point_id=original.service_point_id,
            reason=reason,
            before={"balance": wallet.figures.balance},
            after={
                "balance": movement.after.balance,
                "reverses": deed_id,
                "amount": from_minor(movement.change, wallet.scale),
            },
            account_id=wallet.id,
            first_seq=movement.first_seq,
            entries=movement.entries,
        )

    done = _reverse(connection, wallet, original, by, grace_days, write_deed)
    tell_arrival(session, original.service_point_id)
    return done


def reverse_order(
    session: Session,
    *,
    order_id: int,
    by: Actor,
    at: datetime,
    write_deed: Callable[[Movement], int],
    grace_days: int | None = None,
) -> tuple[int, Movement] | None:
    """Reverse an order's debit; None if it had none.

    `write_deed` stores the deed of the cancellation, with the movement's `account_id`,
    `first_seq` and `entries`, and returns its number.
    """
    connection = session.connection()
    deed_id = _DEED_OF_ORDER.run(connection, order_id=order_id).scalar()
    if deed_id is None:
        return None
    wallet, original = _lock_original(connection, deed_id, at)
    done = _reverse(connection, wallet, original, by, grace_days, write_deed)
    tell_arrival(session, original.service_point_id)
    return done


def _lock_original(connection: Connection, deed_id: int, at: datetime) -> tuple[Wallet, _Original]:
    found = _DEED.run(connection, deed=deed_id).first()
    if found is None:
        raise NoSuchTransaction
    account_id, first, entries, owner = found
    wallet = lock(connection, account_id, at)
    book_expiry(connection, wallet)
    rows = list(_ROWS.run(connection, account=account_id, first=first, last=first + entries - 1))
    original = _Original(deed_id, EntryKind(rows[0][1]), rows, rows[0][4], owner)
    return wallet, original


def _reverse(
    connection: Connection,
    wallet: Wallet,
    original: _Original,
    by: Actor,
    grace_days: int | None,
    write_deed: Callable[[Movement], int],
) -> tuple[int, Movement]:
    if _MARKED.run(connection, deed=original.deed_id).first():
        raise AlreadyReversed
    if original.kind is EntryKind.DEBIT:
        movement = _plan_debit(connection, wallet, original, grace_days)
    elif original.kind is EntryKind.GRANT:
        movement = _plan_grant(connection, wallet, original)
    else:
        raise NotReversible
    deed_id = write_deed(movement)
    mark_reversed(connection, original.deed_id, deed_id)
    book(connection, movement, deed_id, actor_id=by.user_id, order_id=original.order_id)
    settle(connection, wallet, service_point_id=original.service_point_id, by=by)
    return deed_id, movement


def mark_reversed(connection: Connection, reversed_id: int, deed_id: int) -> None:
    """Note that a transaction was reversed; AlreadyReversed if it was before."""
    try:
        _MARK.run(connection, deed=reversed_id, by=deed_id)
    except IntegrityError as error:
        raise AlreadyReversed from error


def _plan_debit(
    connection: Connection, wallet: Wallet, original: _Original, grace_days: int | None
) -> Movement:
    """Cancel what is still debt, put the rest back, last use first; dead lots get a stand-in."""
    movement = Movement(wallet, EntryKind.REVERSAL, reverses_id=original.deed_id)
    taken = [_Taken(row[0], row[3], -row[2]) for row in original.rows if row[3] is not None]
    for number, remaining, order_id in _DEBT.run(connection, deed=original.deed_id).fetchall():
        _cancel_debt(movement, DebtState(number, remaining, order_id, remaining))
        paid = _PAID_BY.run(connection, account=wallet.id, debt=number)
        taken += [_Taken(seq, lot_id, -qty) for seq, qty, lot_id in paid]
    lots: dict[int, LotState] = {}
    arrived: list[LotState] = []
    for use in sorted(taken, key=lambda use: -use.seq):
        if use.lot_id not in lots:
            lots[use.lot_id] = known_lot(connection, wallet, use.lot_id)
        arrived.append(_put_back(connection, movement, lots[use.lot_id], use.amount, grace_days))
    movement.lots = list(lots.values())
    movement.next_lot = first_of(wallet, *arrived)
    return movement


def known_lot(connection: Connection, wallet: Wallet, lot_id: int) -> LotState:
    """Return a lot of a locked account, the one that the lock brought if it is that one."""
    if wallet.current is not None and wallet.current.id == lot_id:
        return wallet.current
    return lot_of(connection, wallet, lot_id)


def _cancel_debt(movement: Movement, debt: DebtState) -> None:
    if debt.remaining:
        movement.legs.append(Leg(Book.DEBT, debt.remaining, debt_id=debt.id))
        debt.remaining = 0
        movement.debts.append(debt)


def _put_back(
    connection: Connection, movement: Movement, lot: LotState, amount: int, grace_days: int | None
) -> LotState:
    wallet = movement.wallet
    if not lot.is_past(wallet.day):
        value = lot.give_back(amount)
        movement.legs.append(Leg(Book.CONSUMED, amount, value, lot_id=lot.id))
        return lot
    share = lot.move_on(amount)
    until = grace_until(wallet.day, grace_days)
    terms = Terms(amount, share, lot.kind, until, LotOrigin.REVERSAL)
    stand_in = make_lot(connection, wallet, terms, from_lot_id=lot.id)
    movement.legs.append(leg_of_new(stand_in, Book.CONSUMED))
    return stand_in


def _plan_grant(connection: Connection, wallet: Wallet, original: _Original) -> Movement:
    """Take a lot back as it was given, if nothing of it has been used or has expired."""
    lot = known_lot(connection, wallet, original.rows[0][3])
    if lot.is_past(wallet.day) and not lot.used:
        raise NotReversible
    if lot.remaining < lot.face:
        raise LotInUse
    movement = Movement(wallet, EntryKind.REVERSAL, reverses_id=original.deed_id)
    movement.legs.append(Leg(Book.RECEIVED, -lot.face, -lot.paid, lot_id=lot.id))
    lot.take_back()
    movement.lots = [lot]
    is_first = wallet.current is not None and wallet.current.id == lot.id
    movement.next_lot = None if is_first else wallet.current
    return movement
