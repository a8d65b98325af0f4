"""Runs: no slot twice, failed ones again after a rest, those of dead processes at once."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.db import database_now
from portal.errors import NotFound
from portal.i18n import Told
from portal.scheduler.errors import AskedAlready
from portal.scheduler.models import JobRun, RunState
from portal.scheduler.queries import failures_lately, last_runs, open_slot, wanted_jobs
from portal.scheduler.rules.telling import Tale, tale_in, tale_of, tale_of_failure, write
from portal.scheduler.rules.timetable import plan_of
from portal.scheduler.services import Begun, ask_for, beat, begin, begin_wanted, end, forget_runs
from tests.factories import make_actor

ME = {"holder": "one", "fence": 1}
JOB = "expire-credits"


@pytest.fixture(autouse=True)
def _leading(session: Session) -> None:
    beat(session, holder="one")


def run(session: Session, slot: str = "1", job: str = JOB) -> Begun | None:
    return begin(session, job=job, slot=slot, holder="one", fence=1)


def ended(session: Session, slot: str = "1", *, failed: bool = False, job: str = JOB) -> int:
    begun = run(session, slot, job)
    assert begun is not None
    end(session, begun.id, Tale("so it was"), fence=1, failed=failed)
    return begun.id


def move_back(session: Session, by: timedelta) -> None:
    then = database_now(session.connection()) - by
    session.execute(update(JobRun).values(started_at=then, finished_at=then))


def test_a_slot_is_run_once(session: Session) -> None:
    ended(session)

    assert run(session) is None
    assert run(session, "2") is not None
    assert run(session, job="lapse-orders") is not None


def test_a_slot_at_work_is_not_begun_again(session: Session) -> None:
    run(session)

    assert run(session) is None


def test_a_failed_slot_rests_and_is_run_again(session: Session) -> None:
    first = ended(session, failed=True)
    at_once = run(session)
    move_back(session, timedelta(minutes=11))
    again = run(session)

    assert at_once is None
    assert again is not None
    assert again.id == first
    assert session.scalars(select(JobRun.state)).all() == [RunState.RUNNING]


def test_the_slot_of_a_dead_process_is_run_again_at_once(session: Session) -> None:
    run(session)
    session.execute(update(JobRun).values(state=RunState.FAILED))

    assert run(session) is not None


def test_a_slot_is_open_until_it_was_run(session: Session, now: datetime) -> None:
    plan = plan_of(JOB)
    assert plan is not None

    before = open_slot(session, plan, at=now)
    ended(session, before or "")
    after = open_slot(session, plan, at=now)

    assert (before, after) == ("2026-12-01", None)


def test_what_somebody_asks_for_is_run_once_and_written_in_the_trail(
    session: Session, now: datetime
) -> None:
    by = make_actor(user_id=None)
    ask_for(session, JOB, by=by, at=now)
    with pytest.raises(AskedAlready):
        ask_for(session, JOB, by=by, at=now)
    asked = wanted_jobs(session), beat(session, holder="one")

    begun = begin_wanted(session, holder="one", fence=1)

    assert asked[0] == {JOB}
    assert asked[1] is not None
    assert asked[1].asked
    assert begun is not None
    assert begun.job == JOB
    assert begin_wanted(session, holder="one", fence=1) is None
    assert wanted_jobs(session) == set()
    deed = session.scalars(select(Deed).where(Deed.action == "job.asked")).one()
    assert (deed.entity_type, deed.entity_id) == ("job", JOB)


def test_only_the_leader_begins_what_was_asked_for(session: Session, now: datetime) -> None:
    ask_for(session, JOB, by=make_actor(user_id=None), at=now)

    assert begin_wanted(session, holder="two", fence=1) is None
    assert begin_wanted(session, holder="one", fence=2) is None


def test_the_last_run_and_the_failures_of_a_day_are_known(session: Session) -> None:
    ended(session, "1", failed=True)
    move_back(session, timedelta(hours=25))
    ended(session, "2", failed=True)
    newest = ended(session, "3")

    assert last_runs(session)[JOB].id == newest
    assert failures_lately(session) == {JOB: 1}


def test_old_runs_are_forgotten_and_failures_later(session: Session) -> None:
    ended(session, "1")
    ended(session, "2", failed=True)
    move_back(session, timedelta(days=3))
    kept = ended(session, "3")

    assert forget_runs(session) == 1
    assert list(session.scalars(select(JobRun.slot).order_by(JobRun.id))) == ["2", "3"]
    move_back(session, timedelta(days=31))
    assert forget_runs(session) == 2
    assert session.scalar(select(func.count(JobRun.id)).where(JobRun.id == kept)) == 0


# What is told


def test_what_a_job_told_can_be_said_in_another_language() -> None:
    told = Told("%(lots)s lots expired", lots=3)

    tale = tale_in(write(tale_of(told)))

    assert told == "3 lots expired"
    assert tale == Tale("%(lots)s lots expired", {"lots": "3"})


def test_a_failure_tells_the_portals_own_words_and_of_others_only_their_kind() -> None:
    own = tale_of_failure(NotFound(number=7))
    other = tale_of_failure(ValueError("ana@cliente.example"))

    assert own == Tale(NotFound.text, {"number": 7})
    assert other == Tale("builtins.ValueError")


@pytest.mark.engines("sqlite")
def test_a_long_tale_loses_its_end() -> None:
    tale = tale_in(write(Tale("ç" * 5000, {"one": "x" * 5000})))

    assert tale == Tale("ç" * 500, {"one": "x" * 500})
