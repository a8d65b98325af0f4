"""Who leads, and what was run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.scheduler.models import LEADER, JobRun, Lease, RunState
from portal.scheduler.rules.timetable import Plan

LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads, since when; or who led last."""

    holder: str
    fence: int
    since: datetime
    until: datetime
    leads: bool


def leader(session: Session) -> Leader:
    """Return who leads, or led last."""
    lease = session.get_one(Lease, LEADER)
    alive = lease.until > database_now(session.connection())
    return Leader(lease.holder, lease.fence, lease.taken_at, lease.until, alive)


def open_slot(session: Session, plan: Plan, *, at: datetime) -> str | None:
    """Return the slot of this moment, unless it was run or is being run."""
    slot = plan.slot(now=at, machine_now=database_now(session.connection()))
    known = select(JobRun.state).where(JobRun.job == plan.job, JobRun.slot == slot)
    over = session.scalars(known).one_or_none() in {RunState.DONE, RunState.RUNNING}
    return None if over else slot


def last_runs(session: Session) -> dict[str, JobRun]:
    """Return the newest run of each job that began."""
    newest = select(func.max(JobRun.id)).where(JobRun.state != RunState.WANTED).group_by(JobRun.job)
    return {run.job: run for run in session.scalars(select(JobRun).where(JobRun.id.in_(newest)))}


def wanted_jobs(session: Session) -> set[str]:
    """Return the jobs that somebody asked for and that have not begun."""
    return set(session.scalars(select(JobRun.job).where(JobRun.state == RunState.WANTED)))


def failures_lately(session: Session) -> dict[str, int]:
    """Count the failed runs of the last day, by job."""
    since = database_now(session.connection()) - LATELY
    counted = (
        select(JobRun.job, func.count())
        .where(JobRun.state == RunState.FAILED, JobRun.started_at > since)
        .group_by(JobRun.job)
    )
    return dict(session.execute(counted).tuples().all())
