"""Timed work on the screen: who does it, what ran, what comes next, and running it now."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from portal.clock import now
from portal.errors import Conflict
from portal.i18n import N_
from portal.scheduler.errors import NoSuchJob
from portal.scheduler.models import JobRun, RunState
from portal.scheduler.queries import headquarters_alone, status_of
from portal.scheduler.rules.telling import tale_in
from portal.scheduler.rules.timetable import TIMETABLE, Plan
from portal.scheduler.services import ask_for
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.lists import Column, Listing, choice_filter
from portal.web.problems import explain

bp = Blueprint("scheduler", __name__)

STATES = {
    RunState.WANTED.value: N_("Asked for"),
    RunState.RUNNING.value: N_("At work"),
    RunState.DONE.value: N_("Completed"),
    RunState.FAILED.value: N_("Failed"),
}
LOOKS = {"wanted": "next", "running": "next", "done": "ok", "failed": "bad"}
JOBS = {plan.job: plan.label for plan in TIMETABLE}


def offered_jobs() -> set[str]:
    """Return the names of the jobs that this portal can run."""
    return set(current_app.extensions.get("jobs", {}))


def said_result(run: JobRun) -> str:
    """Return what a run told, in the reader's language."""
    tale = tale_in(run.result)
    return tale.said(gettext) if tale else ""


def said_rhythm(plan: Plan) -> str:
    """Say how often a job runs."""
    if plan.every is None:
        return gettext("daily from %(time)s", time=f"{plan.daily_from:%H:%M}")
    seconds = int(plan.every.total_seconds())
    if seconds == 60:
        return gettext("every minute")
    if seconds % 60:
        return gettext("every %(seconds)s seconds", seconds=seconds)
    return gettext("every %(minutes)s minutes", minutes=seconds // 60)


RUNS = Listing(
    title=N_("Runs of jobs"),
    key=JobRun.id,
    sort="-started",
    columns=(
        Column("started", N_("Begun"), lambda run: run.started_at, sort=JobRun.id),
        Column("finished", N_("Ended"), lambda run: run.finished_at),
        Column("job", N_("Job"), lambda run: run.job, sort=JobRun.job),
        Column("slot", N_("Slot"), lambda run: run.slot),
        Column("state", N_("State"), lambda run: gettext(STATES[run.state])),
        Column("result", N_("Result"), said_result),
    ),
    filters=(
        choice_filter("job", N_("Job"), JOBS, lambda wanted, job: wanted.where(JobRun.job == job)),
        choice_filter(
            "state",
            N_("State"),
            STATES,
            lambda wanted, state: wanted.where(JobRun.state == state),
        ),
    ),
)


@bp.get("/jobs")
@requires("operations.view")
def index() -> ResponseReturnValue:
    """Show who does the timed work, and each job's last and next run."""
    headquarters_alone(actor())
    return render_template(
        "scheduler/index.html",
        status=read(status_of, offered_jobs(), now()),
        states=STATES,
        **_words(),
    )


@bp.get("/jobs/runs")
@requires("operations.view")
def runs() -> ResponseReturnValue:
    """List runs, the newest first."""
    headquarters_alone(actor())
    view = RUNS.view(select(JobRun), actor())
    if file := view.file():
        return file
    return render_template(
        "scheduler/runs.html",
        view=view,
        jobs=[(job, gettext(label)) for job, label in JOBS.items()],
        states={key: gettext(word) for key, word in STATES.items()},
        labels={job: gettext(label) for job, label in JOBS.items()},
        **_words(),
    )


@bp.post("/jobs/<job>/run")
@requires("operations.retry")
def run_now(job: str) -> ResponseReturnValue:
    """Ask for a run as soon as may be."""
    headquarters_alone(actor())
    if job not in offered_jobs():
        raise NoSuchJob(job)
    try:
        transact(ask_for, job, by=actor(), at=now())
    except Conflict as conflict:
        flash(explain(conflict), "error")
    else:
        flash(gettext("The job begins in a moment."), "success")
    return redirect(url_for(".index"), 303)


def _words() -> dict[str, Any]:
    return {"looks": LOOKS, "said_result": said_result, "said_rhythm": said_rhythm}
