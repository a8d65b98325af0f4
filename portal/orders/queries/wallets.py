"""What orders show of the account: as it stands now, and what an order took from it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import day_of
from portal.credit.models import Account, Book, EntryKind
from portal.credit.models import Entry as EntryRow
from portal.db import Sql
from portal.money import from_minor
from portal.orders.rules.answers import Debit

_NOW = Sql("""
    SELECT a.balance, a.held, a.floor, a.scale,
           (SELECT SUM(l.remaining) FROM lots l
            WHERE l.account_id = a.id AND l.is_open = 1 AND l.expires_on < :day)
    FROM accounts a WHERE a.id = :account
""")


@dataclass(frozen=True, slots=True)
class WalletNow:
    """The account's figures, less lots past their day that no one has booked yet."""

    balance: Decimal
    available: Decimal


def wallet_now(session: Session, account_id: int, *, at: datetime) -> WalletNow | None:
    """Return how the account stands; nothing is locked."""
    row = _NOW.run(session.connection(), account=account_id, day=day_of(at)).first()
    if row is None:
        return None
    balance, held, floor, scale, past = row
    live = balance - int(past or 0)
    return WalletNow(from_minor(live, scale), from_minor(live - held - floor, scale))


def debit_of(session: Session, order_id: int) -> Debit | None:
    """Return what the order took from the account, and its reversal if there was one."""
    wanted = (
        select(EntryRow, Account.scale)
        .join(Account, Account.id == EntryRow.account_id)
        .where(EntryRow.order_id == order_id)
        .order_by(EntryRow.seq)
    )
    rows = session.execute(wanted).tuples().all()
    taken = [row for row, _ in rows if row.kind == EntryKind.DEBIT]
    if not taken:
        return None
    scale, last = rows[0][1], taken[-1]
    back = (row.deed_id for row, _ in rows if row.kind == EntryKind.REVERSAL)
    owed = sum(-row.qty for row in taken if row.book == Book.DEBT)
    return Debit(
        transaction=last.deed_id,
        debited=from_minor(-sum(row.qty for row in taken), scale),
        balance=from_minor(last.balance_after, scale),
        available=from_minor(last.balance_after - last.floor, scale),
        debt=from_minor(owed, scale),
        lots=[(row.lot_id, from_minor(-row.qty, scale)) for row in taken if row.lot_id],
        reversal=next(back, None),
    )
