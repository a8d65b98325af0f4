"""Who leads, and what was run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.db import database_now
from portal.errors import Forbidden
from portal.scheduler.models import LEADER, JobRun, Lease, RunState
from portal.scheduler.rules.timetable import TIMETABLE, Plan

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


@dataclass(frozen=True, slots=True)
class Line:
    """A job as its line shows it."""

    plan: Plan
    last: JobRun | None
    failures: int
    asked: bool
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Who leads, and how the jobs are."""

    leader: Leader
    lines: list[Line]


def status_of(session: Session, offered: set[str], at: datetime) -> Status:
    """Return who leads, and each job that the portal offers with its last and its next run."""
    last, failed = last_runs(session), failures_lately(session)
    asked, machine_now = wanted_jobs(session), database_now(session.connection())
    lines = [
        Line(
            plan,
            last.get(plan.job),
            failed.get(plan.job, 0),
            plan.job in asked,
            plan.next_after(now=at, machine_now=machine_now),
        )
        for plan in TIMETABLE
        if plan.job in offered
    ]
    return Status(leader(session), lines)


def headquarters_alone(by: Actor) -> None:
    """Refuse people of service points: jobs are about everybody's things."""
    if not by.headquarters:
        raise Forbidden
