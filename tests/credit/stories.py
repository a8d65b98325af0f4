"""Telling a story of one account through the real services, and reading what stands after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.clock import start_of
from portal.credit import services as credit
from portal.credit.models import Account, EntryKind, Lot, LotKind
from portal.credit.rules.lots import recognised
from portal.money import from_minor, to_minor
from tests.factories import make_actor

CENTS = 2
MORNING = timedelta(hours=9)


def cents(amount: str | Decimal) -> int:
    """Return an amount as the ledger counts it."""
    return to_minor(Decimal(amount), CENTS)


def amount(minor: int) -> Decimal:
    """Return what the ledger counts as an amount."""
    return from_minor(int(minor), CENTS)


class Story:
    """One account's days; each deed is a transaction of its own, a minute after the last."""

    def __init__(self, engine: Engine, account_id: int, service_point_id: int) -> None:
        self.engine = engine
        self.account_id = account_id
        self.point_id = service_point_id
        self.by = make_actor(user_id=7)
        self.at = datetime(2020, 1, 1, tzinfo=UTC)
        self.debits: dict[str, int] = {}

    def on(self, day: date) -> None:
        """Go on to a day; time never stands still."""
        self.at = max(self.at + timedelta(minutes=1), start_of(day) + MORNING)

    @contextmanager
    def deed(self) -> Iterator[Session]:
        """Do something in one transaction."""
        with Session(self.engine) as session:
            yield session
            session.commit()

    def grant(
        self,
        face: int,
        paid: int = 0,
        kind: str = "paid",
        expires_on: date | None = None,
    ) -> int:
        """Grant a lot; return its transaction."""
        terms = credit.Terms(face, paid, LotKind(kind), expires_on)
        with self.deed() as session:
            deed_id, _ = credit.grant(
                session, account_id=self.account_id, service_point_id=self.point_id,
                terms=terms, reason="story", by=self.by, at=self.at,
            )  # fmt: skip
        return deed_id

    def debit(self, minor: int) -> int:
        """Debit by hand; return the transaction."""
        with self.deed() as session:
            deed_id, _ = credit.debit(
                session, account_id=self.account_id, service_point_id=self.point_id,
                amount=minor, reference=credit.Reference("manual", "story"), by=self.by, at=self.at,
            )  # fmt: skip
        return deed_id

    def reverse(self, deed_id: int, grace_days: int = 30) -> int:
        """Reverse a transaction; return the reversal's."""
        with self.deed() as session:
            made, _ = credit.reverse(
                session, deed_id=deed_id, reason="story", by=self.by, at=self.at,
                grace_days=grace_days,
            )  # fmt: skip
        return made

    def sell(self, order_id: int, minor: int) -> int:
        """Let headquarters take in the money of a shop's sale; return the transaction."""
        with self.deed() as session:
            deed_id, _ = credit.credit_sale(
                session, account_id=self.account_id, service_point_id=self.point_id,
                order_id=order_id, amount=minor, by=self.by, at=self.at,
            )  # fmt: skip
        return deed_id

    def take_sale_back(self, order_id: int) -> int | None:
        """Cancel that sale; return the transaction."""
        with self.deed() as session:
            return credit.take_sale_back(session, order_id=order_id, by=self.by, at=self.at)

    def expire(self) -> int:
        """Run the job on this account; return how many lots it booked."""
        with self.deed() as session:
            return credit.expire(session, account_id=self.account_id, at=self.at)

    def account(self) -> Account:
        """Return the account as it is stored."""
        with Session(self.engine) as session:
            return session.get_one(Account, self.account_id)

    def lots(self) -> list[Lot]:
        """Return its lots, the oldest first."""
        with Session(self.engine) as session:
            wanted = select(Lot).where(Lot.account_id == self.account_id).order_by(Lot.id)
            return list(session.scalars(wanted))


def shown_lot(lot: Lot, number: int, today: date) -> dict[str, Any]:
    """Write a lot as the worked cases do: past its day nothing remains."""
    past = lot.expires_on is not None and lot.expires_on < today
    return {
        "id": number,
        "kind": lot.kind,
        "remaining": str(amount(0 if past else lot.remaining)),
        "paid": str(amount(lot.paid)),
        "recognised": str(amount(recognised(lot.paid, lot.used, lot.face))),
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "origin": lot.origin,
    }


KINDS = EntryKind
