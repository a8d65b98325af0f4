"""Leading: one at a time, by the database's own clock, with a fence that only rises."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.scheduler.models import JobRun, Lease, RunState
from portal.scheduler.queries import leader
from portal.scheduler.rules.telling import DIED, Tale, tale_in
from portal.scheduler.services import beat, begin, end, let_go
from portal.scheduler.services.leading import LEASE, lead_still


def fence_of(session: Session, holder: str) -> int | None:
    found = beat(session, holder=holder)
    return found.fence if found else None


def let_the_lease_run_out(session: Session) -> None:
    past = database_now(session.connection()) - timedelta(milliseconds=1)
    session.execute(update(Lease).values(until=past))


def test_the_first_leads_and_the_second_stands_by(session: Session) -> None:
    assert fence_of(session, "one") == 1
    assert fence_of(session, "two") is None
    assert fence_of(session, "one") == 1

    leads = leader(session)
    assert (leads.holder, leads.leads) == ("one", True)


def test_a_beat_lengthens_the_lease(session: Session) -> None:
    beat(session, holder="one")
    soon = database_now(session.connection()) + timedelta(seconds=1)
    session.execute(update(Lease).values(until=soon))

    beat(session, holder="one")

    left = leader(session).until - database_now(session.connection())
    assert LEASE - timedelta(seconds=1) < left <= LEASE


def test_the_fence_rises_with_every_leader_on_both_engines(session: Session) -> None:
    fences = []
    for holder in ("one", "two", "one", "one"):
        fences.append(fence_of(session, holder))
        let_the_lease_run_out(session)

    assert fences == [1, 2, 3, 4]  # who slept through its lease is a new leader too
    assert not leader(session).leads


def test_who_lets_go_is_followed_at_once(session: Session) -> None:
    beat(session, holder="one")
    let_go(session, holder="two")
    still = fence_of(session, "two")
    let_go(session, holder="one")

    assert still is None
    assert fence_of(session, "two") == 2


def test_an_old_leader_begins_nothing(session: Session) -> None:
    beat(session, holder="one")
    let_the_lease_run_out(session)
    asleep = begin(session, job="lapse-orders", slot="1", holder="one", fence=1)
    beat(session, holder="two")
    late = begin(session, job="lapse-orders", slot="1", holder="one", fence=1)
    impostor = begin(session, job="lapse-orders", slot="1", holder="two", fence=1)

    assert (asleep, late, impostor) == (None, None, None)
    assert session.scalars(select(JobRun)).all() == []
    assert not lead_still(session, holder="one", fence=1)
    assert lead_still(session, holder="two", fence=2)


def test_a_new_leader_says_of_what_the_old_one_ran_that_it_ended(session: Session) -> None:
    beat(session, holder="one")
    begun = begin(session, job="lapse-orders", slot="1", holder="one", fence=1)
    assert begun is not None
    let_the_lease_run_out(session)

    beat(session, holder="two")
    end(session, begun.id, Tale("done after all"), fence=1, failed=False)

    run = session.scalars(select(JobRun).execution_options(populate_existing=True)).one()
    tale = tale_in(run.result)
    assert (run.state, run.finished_at) == (RunState.FAILED, None)
    assert tale is not None
    assert tale.text == DIED


@pytest.mark.engines("mariadb")
def test_of_many_who_want_to_lead_at_once_one_does(engine: Engine) -> None:
    gate, led = threading.Barrier(8), []

    def want(name: str) -> None:
        with Session(engine) as own:
            own.connection()
            gate.wait()
            led.append((name, fence_of(own, name)))
            own.commit()

    for _round in range(5):
        with Session(engine) as session:
            let_the_lease_run_out(session)
            session.commit()
        crowd = [threading.Thread(target=want, args=[f"process {n}"]) for n in range(8)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()

    assert Counter(fence for _name, fence in led) == {None: 35, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
