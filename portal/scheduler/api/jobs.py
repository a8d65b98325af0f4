"""Timed work over HTTP: each job's last and next run."""

from typing import Any, Literal

from flask import current_app

from portal.clock import now
from portal.scheduler.models import JobRun
from portal.scheduler.queries import Line, headquarters_alone, status_of
from portal.scheduler.rules.telling import tale_in
from portal.transactions import read
from portal.web.access import actor
from portal.web.endpoint import Endpoints
from portal.web.paging import page_of_all
from portal.web.shapes import ListQuery, Moment, Shape

api = Endpoints("scheduler", __name__)


class RunOut(Shape):
    """A run; `result` is what the job told, `finished_at` is null where its process died."""

    state: Literal["running", "done", "failed"]
    slot: str
    started_at: Moment
    finished_at: Moment | None
    result: str | None


class JobOut(Shape):
    """A job: its last run, when the next is due, how many failed within a day."""

    name: str
    last_run: RunOut | None
    next_run_at: Moment
    failures_lately: int


class JobsOut(Shape):
    """All jobs; `leader` is the process that does them, null when none does."""

    leader: str | None
    items: list[JobOut]
    next: str | None


@api.get(
    "/jobs",
    permission="operations.view",
    query=ListQuery,
    answer=JobsOut,
    summary="Read the state of timed work",
)
def read_jobs(query: ListQuery) -> dict[str, Any]:
    """Of headquarters alone."""
    headquarters_alone(actor())
    offered = set(current_app.extensions.get("jobs", {}))
    status = read(status_of, offered, now())
    page = page_of_all(status.lines, key=_name, cursor=query.cursor, limit=query.limit)
    return {
        "leader": status.leader.holder if status.leader.leads else None,
        "items": [_shown(line) for line in page.items],
        "next": page.next,
    }


def _name(line: Line) -> tuple[str]:
    return (line.plan.job,)


def _shown(line: Line) -> dict[str, Any]:
    return {
        "name": line.plan.job,
        "last_run": _run(line.last) if line.last else None,
        "next_run_at": line.next_at,
        "failures_lately": line.failures,
    }


def _run(run: JobRun) -> dict[str, Any]:
    tale = tale_in(run.result)
    return {
        "state": run.state,
        "slot": run.slot,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "result": tale.said() if tale else None,
    }
