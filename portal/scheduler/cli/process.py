"""The process: it beats, and while it leads, its timetable is at work."""

import logging
import os
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.clock import now
from portal.errors import PortalError
from portal.scheduler.queries import open_slot
from portal.scheduler.rules.telling import tale_of, tale_of_failure
from portal.scheduler.rules.timetable import TIMETABLE, Plan
from portal.scheduler.services import LEASE, Begun, beat, begin, begin_wanted, end, let_go
from portal.transactions import read, transact
from portal.web.logs import kind_and_place, log

BEAT = timedelta(seconds=2)
GRACE_SECONDS = 10.0
"""How long running jobs may go on after the process was asked to end."""
AWAY = (PortalError, SQLAlchemyError, OSError)
"""What happens while the database is away."""

Job = Callable[[date | None], str]


class Scheduler:
    """Stands by, leads, and runs what is due. `parent` is whose end it shares."""

    def __init__(self, app: Flask, name: str, *, parent: int | None = None) -> None:
        self.app = app
        self.jobs: dict[str, Job] = app.extensions.get("jobs", {})
        self.holder = f"{name} {secrets.token_hex(4)}"
        self.parent = parent
        self.fence = 0
        self.waits = False
        self.good_until = 0.0
        self.answers = True
        self.stopping = threading.Event()
        self.at_work: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self.timetable = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(self.jobs) + 2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def stop(self) -> None:
        """Ask it to end, from a signal's handler too."""
        self.stopping.set()

    def run(self) -> None:
        """Beat until asked to end, or until the parent is gone."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job still at work is no fault
        self._write_timetable()
        self.timetable.start(paused=True)
        while not self.stopping.is_set() and not self._is_orphan():
            self._beat()
            self.stopping.wait(BEAT.total_seconds())
        self._finish()

    def _write_timetable(self) -> None:
        for plan in self._plans():
            every = IntervalTrigger(seconds=int(plan.wakes_every.total_seconds()), timezone=UTC)
            self.timetable.add_job(self._wake, every, args=[plan], id=plan.job)

    def _is_orphan(self) -> bool:
        return self.parent is not None and os.getppid() != self.parent

    # The lease

    def _beat(self) -> None:
        asked_at = time.monotonic()
        try:
            found = transact(beat, holder=self.holder)
        except AWAY as error:
            self._note_silence(error)
            if time.monotonic() > self.good_until:
                self._step_down()
            return
        self.answers = True
        if found is None:
            self._step_down()
            return
        self.good_until = asked_at + LEASE.total_seconds()
        if found.fence != self.fence:
            self._step_up(found.fence)
        if found.asked:
            self.timetable.add_job(self._run_wanted, id="asked", replace_existing=True)

    def _note_silence(self, error: Exception) -> None:
        if self.answers:
            log.error("scheduler", what="the database does not answer", **kind_and_place(error))
        self.answers = False

    def _step_up(self, fence: int) -> None:
        """Lead: what is due while nobody led is due now."""
        self.fence, self.waits = fence, False
        log.info("scheduler", what="leads", holder=self.holder, fence=fence)
        for plan in self._plans():
            first = f"{plan.job} at once"
            self.timetable.add_job(self._wake, args=[plan], id=first, replace_existing=True)
        self.timetable.resume()

    def _step_down(self) -> None:
        if self.fence:
            log.warning("scheduler", what="leads no more", holder=self.holder, fence=self.fence)
            self.timetable.pause()
        elif not self.waits:
            log.info("scheduler", what="waits", holder=self.holder)
        self.fence, self.waits = 0, True

    # The jobs

    def _wake(self, plan: Plan) -> None:
        """Run what is due of a plan; not while its last run is still at work."""
        at_work = self.at_work[plan.job]
        if at_work.acquire(blocking=False):
            try:
                self._try(lambda: self._run_due(plan))
            finally:
                at_work.release()

    def _run_due(self, plan: Plan) -> None:
        slot = read(open_slot, plan, at=now())
        if slot is None:
            return
        begun = transact(begin, job=plan.job, slot=slot, holder=self.holder, fence=self.fence)
        if begun is not None:
            self._work(begun)

    def _run_wanted(self) -> None:
        """Run all that somebody asked for, each when its own run has ended."""
        self._try(self._run_each_wanted)

    def _run_each_wanted(self) -> None:
        while begun := transact(begin_wanted, holder=self.holder, fence=self.fence):
            with self.at_work[begun.job]:
                self._work(begun)

    def _try(self, work: Callable[[], None]) -> None:
        with self.app.app_context():
            try:
                work()
            except AWAY as error:
                log.error("scheduler", what="a run cannot be written down", **kind_and_place(error))

    def _work(self, begun: Begun) -> None:
        started = time.monotonic()
        failed = False
        try:
            tale = tale_of(self.jobs[begun.job](None))
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
            failed, tale = True, tale_of_failure(error)
            log.error("job failed", job=begun.job, run=begun.id, **kind_and_place(error))
        transact(end, begun.id, tale, fence=begun.fence, failed=failed)
        spent = round((time.monotonic() - started) * 1000)
        log.info("job", job=begun.job, run=begun.id, failed=failed, ms=spent)

    def _finish(self) -> None:
        """Let running jobs end, within reason, and give the lease up."""
        self.timetable.pause()
        ends = time.monotonic() + GRACE_SECONDS
        while self._is_at_work() and time.monotonic() < ends:
            time.sleep(0.05)
        try:
            transact(let_go, holder=self.holder)
        except AWAY as error:
            self._note_silence(error)
        log.info("scheduler", what="ends", holder=self.holder)
        if self._is_at_work():
            os._exit(0)  # a job may be cut anywhere: its next run makes up for it
        self.timetable.shutdown()

    def _is_at_work(self) -> bool:
        return any(lock.locked() for lock in list(self.at_work.values()))

    def _plans(self) -> list[Plan]:
        return [plan for plan in TIMETABLE if plan.job in self.jobs]
