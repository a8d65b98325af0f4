"""What the tests of payments ask for."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.payments import services as payments
from portal.payments.models import Charge, Refund
from portal.payments.rules import setup
from tests.conftest import SECRET

Told = list[tuple[str, int, str]]
"""What listeners were told: which hook, of which charge, and how it stood then."""


@pytest.fixture(autouse=True)
def _usual_setup() -> Iterator[None]:
    """Be paid by hand or by a payee's own key, unless the test says otherwise."""
    setup.configure(provider="", secret=SECRET)
    yield
    setup.configure(provider="", secret=SECRET)


@pytest.fixture
def simulated(_usual_setup: None) -> None:
    """Be paid through the simulated firm."""
    setup.configure(provider="simulated", secret=SECRET)


@pytest.fixture
def told() -> Iterator[Told]:
    """Listen to both hooks, alone."""
    heard: Told = []
    before = payments.on_paid[:], payments.on_refunded[:]

    def paid(session: Session, charge: Charge, by: Actor, at: datetime) -> None:
        heard.append(("paid", charge.id, charge.status))

    def refunded(session: Session, refund: Refund, by: Actor, at: datetime) -> None:
        heard.append(("refunded", refund.charge_id, refund.charge.status))

    payments.on_paid[:], payments.on_refunded[:] = [paid], [refunded]
    yield heard
    payments.on_paid[:], payments.on_refunded[:] = before
