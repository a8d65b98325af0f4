"""Whatever happens to an account, day after day, its figures agree (I1 to I5, I9, I12)."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from portal.clock import day_of
from portal.credit.errors import AlreadyReversed, InsufficientCredit, LotInUse, NotReversible
from portal.credit.rules.lots import recognised
from tests.credit.conftest import TellStory
from tests.credit.ledger import faults_of_credit
from tests.credit.stories import Story

FIRST_DAY = date(2026, 3, 1)
AMOUNTS = st.integers(1, 60_000)
ORDERS = count(1)


class Life(RuleBasedStateMachine):
    """A wallet's life: credit comes, is used, comes back, expires; days pass."""

    engine: Engine
    tell_story: TellStory

    def __init__(self) -> None:
        super().__init__()
        self.story: Story = self.tell_story("150.00")
        self.day = FIRST_DAY
        self.story.on(self.day)
        self.debits: dict[int, int] = {}
        self.grants: list[int] = []
        self.sales: dict[int, int] = {}
        self.taken_back: set[int] = set()

    @rule(days=st.integers(1, 40))
    def days_pass(self, days: int) -> None:
        self.day += timedelta(days=days)
        self.story.on(self.day)

    @rule(
        face=AMOUNTS,
        paid=st.integers(0, 60_000),
        bonus=st.booleans(),
        days=st.none() | st.integers(0, 60),
    )
    def grant(self, face: int, paid: int, bonus: bool, days: int | None) -> None:
        until = None if days is None else self.day + timedelta(days=days)
        kind = "bonus" if bonus else "paid"
        self.grants.append(self.story.grant(face, 0 if bonus else paid, kind, until))

    @rule(minor=AMOUNTS)
    def debit(self, minor: int) -> None:
        available = self.available()
        try:
            self.debits[self.story.debit(minor)] = minor
        except InsufficientCredit:
            assert minor > available
        else:
            assert minor <= available

    @precondition(lambda self: self.debits)
    @rule(data=st.data())
    def reverse_debit(self, data: st.DataObject) -> None:
        deed = data.draw(st.sampled_from(sorted(self.debits)))
        before = self.shown_balance()
        try:
            self.story.reverse(deed)
        except AlreadyReversed:
            assert self.debits[deed] == 0
        else:
            assert self.shown_balance() == before + self.debits[deed]
            self.debits[deed] = 0

    @precondition(lambda self: self.grants)
    @rule(data=st.data())
    def reverse_grant(self, data: st.DataObject) -> None:
        deed = data.draw(st.sampled_from(self.grants))
        try:
            self.story.reverse(deed)
        except (LotInUse, AlreadyReversed, NotReversible):
            return

    @rule(minor=AMOUNTS)
    def sell(self, minor: int) -> None:
        order_id = next(ORDERS)
        self.sales[order_id] = minor
        self.story.sell(order_id, minor)

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def take_sale_back(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.sales)))
        before = self.shown_balance()
        try:
            self.story.take_sale_back(order_id)
        except AlreadyReversed:
            assert order_id in self.taken_back
        else:
            assert order_id not in self.taken_back
            assert self.shown_balance() == before - self.sales[order_id]
            self.taken_back.add(order_id)

    @rule()
    def job(self) -> None:
        self.story.expire()
        assert self.story.expire() == 0

    @invariant()
    def credit_and_debt_never_stand_side_by_side(self) -> None:
        today = day_of(self.story.at)
        live = sum(
            lot.remaining
            for lot in self.story.lots()
            if lot.expires_on is None or lot.expires_on >= today
        )
        assert not (live and self.story.account().debt)

    def teardown(self) -> None:
        assert faults_of_credit(self.story.engine) == []
        for lot in self.story.lots():
            parts = [recognised(lot.paid, used, lot.face) for used in (lot.used, lot.face)]
            assert 0 <= parts[0] <= parts[1] == lot.paid

    def shown_balance(self) -> int:
        today = day_of(self.story.at)
        dead = sum(
            lot.remaining
            for lot in self.story.lots()
            if lot.expires_on is not None and lot.expires_on < today
        )
        return self.story.account().balance - dead

    def available(self) -> int:
        return self.shown_balance() - self.story.account().floor


@pytest.fixture
def life(tell_story: TellStory, engine: Engine) -> Iterator[type[Life]]:
    """Return a life on the engine at hand."""

    class LifeHere(Life):
        pass

    LifeHere.engine, LifeHere.tell_story = engine, staticmethod(tell_story)
    return LifeHere


def test_an_account_stays_whole_whatever_happens_to_it(life: type[Life], engine: Engine) -> None:
    examples = 40 if engine.dialect.name == "sqlite" else 15
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
