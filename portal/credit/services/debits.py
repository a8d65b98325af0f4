"""Taking credit: under the account's lock, all or nothing, with its reference (DESIGN 4.4)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit import services as audit
from portal.credit.errors import InsufficientCredit
from portal.credit.models import Book, EntryKind
from portal.credit.rules.lots import burn
from portal.credit.services.booking import Leg, Movement, book, legs_of_uses
from portal.credit.services.expiry import book_expiry
from portal.credit.services.wallet import Wallet, lock, open_lots
from portal.money import from_minor
from portal.wire import Carrier


@dataclass(frozen=True, slots=True)
class Reference:
    """What a debit without an order is for: who reports it, its number there, and words."""

    source: str
    number: str = ""
    description: str = ""


def lock_and_plan(connection: Carrier, account_id: int, amount: int, at: datetime) -> Movement:
    """Lock the account and say what a debit of `amount` (minor units) takes from where.

    Then write the deed that carries the movement's `account_id`, `first_seq` and `entries`, and
    `book` it. Raises InsufficientCredit.
    """
    return plan_debit(connection, lock(connection, account_id, at), amount)


def plan_debit(connection: Carrier, wallet: Wallet, amount: int) -> Movement:
    """Say what a debit takes out of which lots of a locked account; the rest becomes debt.

    What is past its day is booked first.
    """
    if amount <= 0:
        raise ValueError("a debit takes something")
    book_expiry(connection, wallet)
    if amount > wallet.available:
        scale = wallet.scale
        missing = from_minor(amount - wallet.available, scale)
        raise InsufficientCredit(missing, from_minor(wallet.available, scale))
    lots = open_lots(connection, wallet)
    uses, owed = burn(lots, amount)
    movement = Movement(wallet, EntryKind.DEBIT, legs_of_uses(Book.CONSUMED, uses), owed=owed)
    movement.lots = [use.lot for use in uses]
    if owed:
        movement.legs.append(Leg(Book.DEBT, -owed))
    if uses and uses[-1].lot.remaining:
        movement.next_lot = uses[-1].lot
    return movement


def debit(
    session: Session,
    *,
    account_id: int,
    service_point_id: int | None,
    amount: int,
    reference: Reference,
    by: Actor,
    at: datetime,
) -> tuple[int, Movement]:
    """Take credit by hand or for another system; return the transaction and the movement."""
    connection = session.connection()
    movement = lock_and_plan(connection, account_id, amount, at)
    deed_id = audit.jot(
        connection,
        by=by,
        action="credit.debited",
        entity=("account", account_id),
        at=movement.wallet.at,
        service_point_id=service_point_id,
        before={"balance": movement.wallet.figures.balance},
        after={
            "balance": movement.after.balance,
            "amount": from_minor(amount, movement.wallet.scale),
            "source": reference.source,
            "reference": reference.number,
            "description": reference.description,
        },
        account_id=account_id,
        first_seq=movement.first_seq,
        entries=movement.entries,
    )
    book(connection, movement, deed_id, actor_id=by.user_id)
    return deed_id, movement
