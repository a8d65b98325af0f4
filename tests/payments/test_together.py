"""Any two deeds on one charge at the same instant: money counts once and goes back once (T6)."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations_with_replacement
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.errors import PortalError
from portal.payments import services as payments
from portal.payments.models import Charge, ChargeState, Payment, Refund
from portal.payments.services.notices import Heard, settle
from portal.payments.services.providers import provider_named
from portal.payments.services.providers.simulated import pay
from portal.transactions import read, transact
from tests.factories import NOON, make_actor
from tests.payments.conftest import Told
from tests.payments.factories import make_charge

BY = make_actor()
Deed = Callable[[int], Any]


@pytest.fixture
def app(simulated: None, make_app: Callable[..., Flask]) -> Flask:
    return make_app(payments_provider="simulated")


def held(session: Session, number: int) -> Charge:
    return session.get_one(Charge, number)


def confirm(number: int) -> None:
    facts = {"paid_on": NOON.date(), "method": "cash", "by": BY, "at": NOON}
    transact(payments.confirm_charge, number, **facts)  # type: ignore[arg-type] # as the service takes them


def cancel(number: int) -> None:
    transact(lambda s: payments.cancel_charge(s, held(s, number), reason="x", by=BY, at=NOON))


def hear(number: int) -> None:
    """Take what the firm answers now."""
    firm = provider_named("simulated")
    txid = read(lambda session: held(session, number).txid)
    standing = read(firm.get_charge, txid)
    assert standing is not None
    transact(settle, standing, Heard(firm, BY, NOON))


def ask_back(number: int) -> None:
    def deed(session: Session) -> None:
        charge = held(session, number)
        payments.request_refund(session, charge, amount=charge.amount, reason="x", by=BY, at=NOON)

    transact(deed)


def give_back(number: int) -> None:
    refund = select(Refund.id).where(Refund.charge_id == number).order_by(Refund.id).limit(1)
    refund_id = read(lambda session: session.scalar(refund))
    if refund_id is not None:
        transact(payments.confirm_refund, refund_id, by=BY, at=NOON)


DEEDS: dict[str, Deed] = {one.__name__: one for one in (confirm, cancel, hear, ask_back, give_back)}
BEFORE: dict[str, tuple[Deed, ...]] = {
    "pending": (),
    "cancelled": (cancel,),
    "paid": (confirm,),
    "refund_pending": (confirm, ask_back),
}
PAIRS = list(combinations_with_replacement(DEEDS, 2))


def at_once(app: Flask, number: int, names: tuple[str, str]) -> Iterator[str]:
    """Do both at the same instant; yield what was neither done nor refused."""
    gate, broken = threading.Barrier(2), []

    def run(deed: Deed) -> None:
        with app.app_context():
            gate.wait()
            try:
                deed(number)
            except PortalError as refusal:
                if refusal.status >= 500:
                    broken.append(repr(refusal))
            except Exception as error:  # noqa: BLE001 - the test says what broke
                broken.append(repr(error))

    threads = [threading.Thread(target=run, args=(DEEDS[name],)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield from broken


def wrong_with(session: Session, number: int, told: Told) -> Iterator[str]:
    """Name what does not hold of a charge."""
    charge = session.get_one(Charge, number)
    sums = [
        session.scalar(select(func.sum(table.amount)).where(table.charge_id == number)) or 0
        for table in (Payment, Refund)
    ]
    heard = [hook for hook, of, _ in told if of == number]
    numbers = session.scalars(select(Payment.end_to_end_id).where(Payment.charge_id == number))
    if Decimal(sums[1]) > Decimal(sums[0]):
        yield f"more goes back than came: {sums}"
    if heard not in ([], ["paid"], ["paid", "refunded"]):
        yield f"told {heard}"
    if ("paid" in heard) != (charge.paid_on is not None):
        yield f"{charge.status} and told {heard}"
    if ("refunded" in heard) != (charge.state is ChargeState.REFUNDED):
        yield f"{charge.status} and told {heard}"
    if len(found := list(numbers)) != len(set(found)):
        yield f"counted twice: {found}"


@pytest.mark.engines("mariadb", "sqlite")
@pytest.mark.xdist_group("fire")
@pytest.mark.parametrize("state", BEFORE)
def test_of_two_deeds_at_once_each_is_done_or_refused_and_money_counts_once(
    app: Flask, session: Session, told: Told, state: str
) -> None:
    charges = {pair: make_charge(session) for pair in PAIRS}
    for charge in charges.values():
        pay(session, charge.txid, at=NOON)
    numbers = {pair: charge.id for pair, charge in charges.items()}
    session.commit()

    wrong: list[str] = []
    for pair, number in numbers.items():
        with app.app_context():
            for deed in BEFORE[state]:
                deed(number)
        wrong += [f"{pair}: {fault}" for fault in at_once(app, number, pair)]
        with Session(session.get_bind()) as fresh:
            wrong += [f"{pair}: {fault}" for fault in wrong_with(fresh, number, told)]

    assert not wrong, "\n".join(["", *wrong])
