"""Becoming and staying the one that does the timed work.

Each step is one guarded UPDATE of one row, with the database's own time: nothing else holds on a
cluster. What is read a moment before it is written only shortens a lease.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.scheduler.models import LEADER, JobRun, Lease, RunState
from portal.scheduler.rules.telling import DIED, Tale, write

LEASE = timedelta(seconds=8)
"""How long a leader may be silent before another takes over."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a beat found: the fence of whoever leads now, and whether somebody asked for a run."""

    fence: int
    asked: bool


def beat(session: Session, *, holder: str) -> Beat | None:
    """Keep the lease, or take it from a leader that fell silent; None while another leads."""
    now = database_now(session.connection())
    mine = (Lease.holder == holder) & (Lease.until > now)
    kept = _write(session, mine, {"beats": Lease.beats + 1, "until": now + LEASE})
    if not kept:
        # `fence` is read by nothing but itself: MariaDB assigns from left to right.
        taken = {"fence": Lease.fence + 1, "holder": holder, "taken_at": now, "until": now + LEASE}
        if not _write(session, Lease.until <= now, taken):
            return None
    fence = session.get_one(Lease, LEADER, populate_existing=True).fence
    if not kept:
        _bury(session, fence)
    wanted = select(JobRun.id).where(JobRun.state == RunState.WANTED).limit(1)
    return Beat(fence, session.scalars(wanted).one_or_none() is not None)


def _bury(session: Session, fence: int) -> None:
    """Say of what older leaders left running that it ended."""
    left = (JobRun.state == RunState.RUNNING) & (JobRun.fence < fence)
    session.execute(
        update(JobRun).where(left).values(state=RunState.FAILED, result=write(Tale(DIED))),
        execution_options={"synchronize_session": False},
    )


def lead_still(session: Session, *, holder: str, fence: int) -> bool:
    """Insist in this transaction that the lease holds; whoever wants it waits for its end."""
    now = database_now(session.connection())
    mine = (Lease.holder == holder) & (Lease.fence == fence) & (Lease.until > now)
    return _write(session, mine, {"beats": Lease.beats + 1})


def let_go(session: Session, *, holder: str) -> None:
    """Give the lease up, so that another may take it at once."""
    now = database_now(session.connection())
    _write(session, (Lease.holder == holder) & (Lease.until > now), {"until": now})


def _write(session: Session, when: ColumnElement[bool], values: dict[str, Any]) -> bool:
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment] # an UPDATE gives this
        update(Lease).where(Lease.name == LEADER, when).values(values),
        execution_options={"synchronize_session": False},
    )
    return result.rowcount == 1
