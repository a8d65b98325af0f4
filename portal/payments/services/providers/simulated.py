"""A payment firm that exists in demos and tests alone, with books of its own.

It does what real ones do: its notifications are signed over the raw bytes and the moment of
sending, may come twice, late and out of order, and it answers when it is asked.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from secrets import token_hex

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.clock import end_of, start_of
from portal.money import AMOUNT_SCALE, text_of
from portal.payments.errors import ChargeNotPending, ForgedNotice
from portal.payments.models import Charge, SimulatedCharge, SimulatedMove
from portal.payments.rules.pix_keys import Recipient
from portal.payments.rules.setup import setup
from portal.payments.services.providers.by_hand import PixStatic
from portal.payments.services.providers.protocol import (
    Arrived,
    Kind,
    Notification,
    Return,
    Returned,
    Standing,
)

NAME = "simulated"
SIGNATURE = "X-Simulated-Signature"
WINDOW = timedelta(minutes=5)
"""How far the moment of sending may be from now: an old notification that was caught is no use."""
NOBODY = Recipient(
    key="00000000-0000-4000-8000-000000000000", holder="SIMULACAO NAO PAGUE", city="SAO PAULO"
)
_SIGNED = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
_NUMBER = re.compile(r"[A-Za-z0-9]{1,64}")
_AMOUNT = re.compile(r"[0-9]{1,13}\.[0-9]{2}")


class Simulated(PixStatic):
    """The portal's side of the simulated firm."""

    name = NAME
    is_firm = True

    def create_charge(self, session: Session, charge: Charge, recipient: Recipient | None) -> None:
        """Register the charge, and write a code that looks like the real one."""
        super().create_charge(session, charge, recipient or NOBODY)
        session.add(SimulatedCharge(txid=charge.txid, amount=charge.amount, open=True))

    def cancel_charge(self, session: Session, txid: str) -> None:
        """Close it: nobody can pay it any more."""
        session.execute(
            update(SimulatedCharge).where(SimulatedCharge.txid == txid).values(open=False)
        )

    def get_charge(self, session: Session, txid: str) -> Standing | None:
        """Answer from the firm's books."""
        found = session.get(SimulatedCharge, txid)
        if found is None:
            return None
        wanted = select(SimulatedMove).where(SimulatedMove.txid == txid).order_by(SimulatedMove.id)
        moves = session.scalars(wanted).all()
        return Standing(
            txid=txid,
            amount=found.amount,
            payments=tuple(
                Arrived(move.end_to_end_id, move.amount, move.at)
                for move in moves
                if move.kind == Kind.PAID
            ),
            refunds=tuple(
                Returned(move.end_to_end_id, move.amount, move.at, move.key)
                for move in moves
                if move.kind == Kind.REFUNDED
            ),
        )

    def refund(self, session: Session, wanted: Return) -> None:
        """Give it back, once for each key."""
        held = update(SimulatedCharge).where(SimulatedCharge.txid == wanted.txid)
        session.execute(held.values(open=False))
        done = select(SimulatedMove.id).where(SimulatedMove.key == wanted.key)
        if session.scalar(done) is None:
            _move(
                session,
                wanted.txid,
                Kind.REFUNDED,
                Arrived(wanted.end_to_end_id, wanted.amount, wanted.at),
                key=wanted.key,
            )

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> Notification:
        """Check the signature over the raw bytes, then read them."""
        signed = _SIGNED.fullmatch(headers.get(SIGNATURE, ""))
        if signed is None:
            raise ForgedNotice
        moment, signature = signed.groups()
        if not hmac.compare_digest(_signature(moment, body), signature):
            raise ForgedNotice
        if abs(at - datetime.fromtimestamp(int(moment), UTC)) > WINDOW:
            raise ForgedNotice
        return _read(body)

    def reconcile(self, session: Session, day: date) -> Sequence[Standing]:
        """Answer from the firm's books."""
        within = SimulatedMove.at.between(start_of(day), end_of(day))
        moved = select(SimulatedMove.txid).where(within).group_by(SimulatedMove.txid)
        oldest_first = session.scalars(moved.order_by(func.min(SimulatedMove.id))).all()
        standings = (self.get_charge(session, txid) for txid in oldest_first)
        return [standing for standing in standings if standing is not None]


def pay(
    session: Session, txid: str, *, at: datetime, amount: Decimal | None = None
) -> SimulatedMove:
    """Pay a charge as a customer does in the bank's app; ChargeNotPending if it cannot be.

    Someone may pay another amount than was asked: that is what tests want to see.
    """
    opened = SimulatedCharge.txid == txid, SimulatedCharge.open.is_(True)
    closed = session.execute(update(SimulatedCharge).where(*opened).values(open=False))
    if closed.rowcount != 1:  # type: ignore[attr-defined] # an UPDATE counts its rows
        raise ChargeNotPending
    asked = session.scalars(select(SimulatedCharge).where(SimulatedCharge.txid == txid)).one()
    paid = Arrived(f"E{token_hex(15)}", asked.amount if amount is None else amount, at)
    return _move(session, txid, Kind.PAID, paid)


def signed(move: SimulatedMove, at: datetime) -> tuple[dict[str, str], bytes]:
    """Return headers and body of the notification of a move, sent at this moment."""
    told = {
        "event_id": move.event_id,
        "kind": move.kind,
        "txid": move.txid,
        "end_to_end_id": move.end_to_end_id,
        "amount": text_of(move.amount, AMOUNT_SCALE),
    }
    body = json.dumps(told).encode("ascii")
    moment = str(int(at.timestamp()))
    headers = {"Content-Type": "application/json"}
    return headers | {SIGNATURE: f"t={moment},v1={_signature(moment, body)}"}, body


def _move(
    session: Session, txid: str, kind: Kind, what: Arrived, key: str | None = None
) -> SimulatedMove:
    move = SimulatedMove(
        event_id=token_hex(16),
        txid=txid,
        kind=kind,
        end_to_end_id=what.end_to_end_id,
        amount=what.amount,
        at=what.at,
        key=key,
    )
    session.add(move)
    session.flush()
    return move


def _signature(moment: str, body: bytes) -> str:
    return hmac.new(setup().secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _read(body: bytes) -> Notification:
    try:
        told = json.loads(body)
        event_id, kind, txid, end_to_end_id, amount = (
            told[name] for name in ("event_id", "kind", "txid", "end_to_end_id", "amount")
        )
        if not (
            _AMOUNT.fullmatch(amount)
            and all(map(_NUMBER.fullmatch, (event_id, txid, end_to_end_id)))
        ):
            raise ForgedNotice
        return Notification(event_id, Kind(kind), txid, end_to_end_id, Decimal(amount))
    except (ValueError, KeyError, TypeError):
        raise ForgedNotice from None
