"""Runs of jobs: begun under the lease, ended by whoever began them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit import services as audit
from portal.db import database_now
from portal.scheduler.errors import AskedAlready
from portal.scheduler.models import JobRun, RunState
from portal.scheduler.rules.telling import Tale, write
from portal.scheduler.services.leading import lead_still

REST_AFTER_FAILURE = timedelta(minutes=10)
"""How long a slot rests whose run failed; one whose process died is run again at once."""
KEPT = {RunState.DONE: timedelta(days=2), RunState.FAILED: timedelta(days=30)}
FORGOTTEN_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that was begun."""

    id: int
    job: str
    fence: int


def begin(session: Session, *, job: str, slot: str, holder: str, fence: int) -> Begun | None:
    """Begin a slot's run; None when the lease is gone, or the slot was run or rests."""
    if not lead_still(session, holder=holder, fence=fence):
        return None
    now = database_now(session.connection())
    known = select(JobRun.id).where(JobRun.job == job, JobRun.slot == slot)
    if (run_id := session.scalars(known).one_or_none()) is None:
        run = JobRun(job=job, slot=slot, state=RunState.RUNNING, fence=fence, started_at=now)
        session.add(run)
        session.flush()
        return Begun(run.id, job, fence)
    rested = or_(JobRun.finished_at.is_(None), JobRun.finished_at < now - REST_AFTER_FAILURE)
    again = (JobRun.id == run_id) & (JobRun.state == RunState.FAILED) & rested
    return Begun(run_id, job, fence) if _start(session, again, fence, now) else None


def begin_wanted(session: Session, *, holder: str, fence: int) -> Begun | None:
    """Begin the oldest run that somebody asked for; None when there is none."""
    wanted = select(JobRun.id, JobRun.job).where(JobRun.state == RunState.WANTED)
    asked = session.execute(wanted.order_by(JobRun.id).limit(1)).one_or_none()
    if asked is None or not lead_still(session, holder=holder, fence=fence):
        return None
    now = database_now(session.connection())
    mine = (JobRun.id == asked.id) & (JobRun.state == RunState.WANTED)
    return Begun(asked.id, asked.job, fence) if _start(session, mine, fence, now) else None


def _start(session: Session, which: Any, fence: int, now: datetime) -> bool:
    started = {"state": RunState.RUNNING, "fence": fence, "started_at": now}
    return _written(
        session, update(JobRun).where(which).values(**started, finished_at=None, result=None)
    )


def end(session: Session, run_id: int, tale: Tale, *, fence: int, failed: bool) -> None:
    """Write down what came of a run, unless another leader has buried it meanwhile."""
    now = database_now(session.connection())
    mine = (JobRun.id == run_id) & (JobRun.fence == fence) & (JobRun.state == RunState.RUNNING)
    state = RunState.FAILED if failed else RunState.DONE
    _written(
        session,
        update(JobRun).where(mine).values(state=state, finished_at=now, result=write(tale)),
    )


def ask_for(session: Session, job: str, *, by: Actor, at: datetime) -> None:
    """Ask for a run of a job as soon as may be; asked twice before it began is refused."""
    waiting = select(JobRun.id).where(JobRun.job == job, JobRun.state == RunState.WANTED)
    if session.scalars(waiting.limit(1)).one_or_none() is not None:
        raise AskedAlready
    session.add(
        JobRun(
            job=job,
            slot=f"asked-{secrets.token_hex(8)}",
            state=RunState.WANTED,
            asked_by=by.user_id,
            started_at=database_now(session.connection()),
        )
    )
    audit.record(session, by=by, action="job.asked", entity=("job", job), at=at)


def forget_runs(session: Session) -> int:
    """Delete runs that are old enough, at most a thousand at once; return how many."""
    now = database_now(session.connection())
    old = or_(
        *(
            (JobRun.state == state) & (JobRun.started_at < now - kept)
            for state, kept in KEPT.items()
        )
    )
    ids = session.scalars(select(JobRun.id).where(old).limit(FORGOTTEN_AT_ONCE)).all()
    if ids:
        session.execute(
            delete(JobRun).where(JobRun.id.in_(ids)),
            execution_options={"synchronize_session": False},
        )
    return len(ids)


def _written(session: Session, change: Any) -> bool:
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment] # an UPDATE gives this
        change, execution_options={"synchronize_session": False}
    )
    return result.rowcount == 1
