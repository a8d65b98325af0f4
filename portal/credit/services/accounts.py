"""Opening accounts, how far below zero they may go, and credit types."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit import services as audit
from portal.credit.models import Account, CreditType, Floor
from portal.credit.services.arrivals import tell_arrival
from portal.db import Sql
from portal.errors import AlreadyExists
from portal.money import AMOUNT_SCALE, to_minor
from portal.wire import text_of_moment

MONEY = "BRL"
"""The credit type that every service point has an account in, and whose limit a policy sets."""

_CHANGED = """
    SELECT a.id, s.id FROM accounts a JOIN credit_types t ON t.id = a.credit_type_id
    JOIN service_points s ON s.id = a.service_point_id
    LEFT JOIN credit_policies p ON p.id = s.credit_policy_id
    WHERE t.code = :money AND a.floor <> -COALESCE(p.money, 0) AND s.id IN ({points})
    ORDER BY a.id
"""
_SET_FLOORS = """
    UPDATE accounts SET version = version + 1, floor = -COALESCE((
        SELECT p.money FROM service_points s JOIN credit_policies p ON p.id = s.credit_policy_id
        WHERE s.id = accounts.service_point_id), 0)
    WHERE id IN ({accounts})
"""
_FORGET_SAME_INSTANT = "DELETE FROM account_floors WHERE since = :at AND account_id IN ({accounts})"
_REMEMBER_FLOORS = """
    INSERT INTO account_floors (account_id, since, floor)
    SELECT id, :at, floor FROM accounts WHERE id IN ({accounts})
"""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewType:
    """What a credit type is made of; `unit_value` is in money."""

    code: str
    name: str
    scale: int
    unit_value: Decimal


def open_account(
    session: Session,
    *,
    service_point_id: int,
    at: datetime,
    overdraft: Decimal = Decimal(0),
    credit_type: CreditType | None = None,
) -> Account:
    """Open a service point's account, by default the one in money; return it if it is there.

    `overdraft` is what its policy lets it go below zero.
    """
    kind = credit_type or _money(session)
    account = _account(session, service_point_id, kind)
    if account is not None:
        return account
    try:
        with session.begin_nested():
            return _open(session, service_point_id, kind, overdraft, at)
    except IntegrityError:
        account = _account(session, service_point_id, kind)
        if account is None:
            raise
        return account


def refresh_floors(session: Session, service_point_ids: Sequence[int], *, at: datetime) -> int:
    """Bring accounts in money to what their policies say now; return how many changed.

    Called when a policy's limit changes, or when a service point gets another policy.
    """
    connection = session.connection()
    changed: list[tuple[int, int]] = []
    for start in range(0, len(service_point_ids), _AT_ONCE):
        points = _listed(service_point_ids[start : start + _AT_ONCE])
        found = Sql(_CHANGED.format(points=points)).run(connection, money=MONEY)
        changed += [(account, point) for account, point in found]
    for start in range(0, len(changed), _AT_ONCE):
        _set_floors(connection, [row[0] for row in changed[start : start + _AT_ONCE]], at)
    for _, point in changed:
        tell_arrival(session, point)
    return len(changed)


def create_type(session: Session, new: NewType, *, by: Actor, at: datetime) -> CreditType:
    """Add a credit type."""
    if session.scalar(select(CreditType.id).where(CreditType.code == new.code)):
        raise AlreadyExists(what=new.code)
    made = CreditType(code=new.code, name=new.name, scale=new.scale, unit_value=new.unit_value)
    session.add(made)
    session.flush()
    facts = {"name": new.name, "scale": new.scale, "unit_value": new.unit_value}
    audit.record(
        session,
        by=by,
        action="credit_type.created",
        entity=("credit_type", new.code),
        at=at,
        after=facts,
    )
    return made


def _money(session: Session) -> CreditType:
    return session.scalars(select(CreditType).where(CreditType.code == MONEY)).one()


def _account(session: Session, service_point_id: int, kind: CreditType) -> Account | None:
    wanted = select(Account).where(
        Account.service_point_id == service_point_id, Account.credit_type_id == kind.id
    )
    return session.scalars(wanted).one_or_none()


def _open(
    session: Session, service_point_id: int, kind: CreditType, overdraft: Decimal, at: datetime
) -> Account:
    floor = -to_minor(overdraft, AMOUNT_SCALE) if kind.code == MONEY else 0
    account = Account(
        service_point_id=service_point_id, credit_type_id=kind.id, scale=kind.scale, floor=floor
    )
    session.add(account)
    session.flush()
    session.add(Floor(account_id=account.id, since=at, floor=floor))
    session.flush()
    return account


def _set_floors(connection: Connection, changed: Sequence[int], at: datetime) -> None:
    accounts, since = _listed(changed), text_of_moment(at)
    Sql(_SET_FLOORS.format(accounts=accounts)).run(connection)
    Sql(_FORGET_SAME_INSTANT.format(accounts=accounts)).run(connection, at=since)
    Sql(_REMEMBER_FLOORS.format(accounts=accounts)).run(connection, at=since)


def _listed(numbers: Iterable[int]) -> str:
    """Write ids for an IN: they are integers from the database, never what someone typed."""
    return ", ".join(str(int(number)) for number in numbers)
