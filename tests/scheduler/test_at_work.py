"""The process at work, in this one: what it runs, what fails, what somebody asks for."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.i18n import Told
from portal.scheduler.cli import process
from portal.scheduler.cli.process import Scheduler
from portal.scheduler.models import JobRun, Lease, RunState
from portal.scheduler.queries import leader
from portal.scheduler.rules.telling import Tale, tale_in
from portal.scheduler.rules.timetable import Plan
from portal.scheduler.services import ask_for
from tests.factories import make_actor
from tests.scheduler.processes import eventually

pytestmark = pytest.mark.engines("sqlite", "mariadb")
PLANS = (
    Plan("quick", "", every=timedelta(seconds=1)),
    Plan("broken", "", every=timedelta(hours=1)),
    Plan("slow", "", every=timedelta(seconds=1)),
)


class Work:
    """Jobs that count themselves."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.slow_may_end = threading.Event()
        self.at_once = 0
        self.most_at_once = 0

    def quick(self, _day: date | None) -> str:
        self.done["quick"] += 1
        return Told("%(number)s done", number=self.done["quick"])

    def broken(self, _day: date | None) -> str:
        self.done["broken"] += 1
        raise ValueError("ana@cliente.example")

    def slow(self, _day: date | None) -> str:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.slow_may_end.wait(30)
        self.at_once -= 1
        self.done["slow"] += 1
        return "slowly"


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def started(
    make_app: Callable[..., Flask], work: Work, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scheduler]:
    """Run a scheduler with these jobs in a thread; it beats ten times as fast."""
    app = make_app()
    app.extensions["jobs"] = {"quick": work.quick, "broken": work.broken, "slow": work.slow}
    monkeypatch.setattr(process, "TIMETABLE", PLANS)
    monkeypatch.setattr(process, "BEAT", timedelta(seconds=0.2))
    scheduler = Scheduler(app, "tests (1)")

    def run() -> None:
        with app.app_context():
            scheduler.run()

    thread = threading.Thread(target=run)
    thread.start()
    yield scheduler
    work.slow_may_end.set()
    scheduler.stop()
    thread.join()


def runs(session: Session, job: str) -> list[JobRun]:
    wanted = select(JobRun).where(JobRun.job == job).order_by(JobRun.id)
    found = list(session.scalars(wanted))
    session.expunge_all()
    session.rollback()  # on SQLite an open transaction would keep the others from writing
    return found


def states(session: Session, job: str) -> set[str]:
    return {run.state for run in runs(session, job)}


@pytest.mark.usefixtures("started")
def test_what_fails_is_told_without_its_text_and_the_others_go_on(
    session: Session, work: Work
) -> None:
    assert eventually(lambda: states(session, "broken") == {RunState.FAILED})
    assert eventually(lambda: work.done["quick"] >= 2)

    (broken,) = runs(session, "broken")
    assert tale_in(broken.result) == Tale("builtins.ValueError")
    first = runs(session, "quick")[0]
    assert tale_in(first.result) == Tale("%(number)s done", {"number": "1"})
    assert (first.state, first.finished_at is not None) == (RunState.DONE, True)


@pytest.mark.usefixtures("started")
def test_a_slow_job_holds_nothing_up_but_itself(session: Session, work: Work) -> None:
    assert eventually(lambda: work.at_once == 1)
    assert eventually(lambda: work.done["quick"] >= 3)

    during = len(runs(session, "slow"))
    work.slow_may_end.set()

    assert eventually(lambda: RunState.DONE in states(session, "slow"))
    assert (during, work.most_at_once) == (1, 1)


@pytest.mark.usefixtures("started")
def test_what_somebody_asks_for_is_run_soon(session: Session, work: Work, now: datetime) -> None:
    assert eventually(lambda: work.done["broken"] == 1)

    ask_for(session, "broken", by=make_actor(user_id=None), at=now)
    session.commit()

    assert eventually(lambda: work.done["broken"] == 2)


def test_who_lost_the_lease_stops_and_leads_again_when_it_may(
    session: Session, started: Scheduler, work: Work
) -> None:
    assert eventually(lambda: work.done["quick"] >= 1)
    soon = database_now(session.connection()) + timedelta(seconds=1.5)
    lease = session.get_one(Lease, "scheduler")
    lease.holder, lease.fence, lease.until = "someone else", lease.fence + 1, soon
    session.commit()

    assert eventually(lambda: started.fence == 0)
    assert eventually(lambda: started.fence == 3)
    done = work.done["quick"]
    assert eventually(lambda: work.done["quick"] > done)


def test_who_ends_waits_for_what_is_at_work_and_gives_the_lease_up(
    session: Session, started: Scheduler, work: Work
) -> None:
    assert eventually(lambda: work.at_once == 1)

    started.stop()
    still = leader(session).leads
    session.rollback()
    work.slow_may_end.set()

    assert still
    assert eventually(lambda: _nobody_leads(session))
    assert work.done["slow"] == 1
    assert states(session, "slow") == {RunState.DONE}


def _nobody_leads(session: Session) -> bool:
    found = leader(session).leads
    session.rollback()
    return not found
