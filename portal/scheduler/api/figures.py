"""What those who watch the portal ask: is somebody at work, do jobs fail, do mails pile up."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, jsonify
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.clock import now
from portal.db import database_now
from portal.errors import PortalError
from portal.mail.models import MailState
from portal.mail.queries import count_unsent, oldest_waiting
from portal.scheduler.models import JobRun, RunState
from portal.scheduler.queries import failures_lately, last_runs, leader
from portal.transactions import read
from portal.web.access import public
from portal.web.health import not_ready
from portal.web.logs import log_failure

health = Blueprint("scheduler_health", __name__)


@health.get("/health/scheduler")
@public
def at_work() -> Response:
    """Answer 200 while a process does the timed work, else 503."""
    try:
        leads = read(leader).leads
    except (PortalError, SQLAlchemyError, OSError) as error:
        log_failure(error)
        return not_ready("database")
    return jsonify(status="at_work") if leads else not_ready("scheduler")


def figures() -> Iterator[Metric]:
    """Return the figures of mails and jobs."""
    return iter(read(_figures, now()))


def _figures(session: Session, at: datetime) -> list[Metric]:
    leads = GaugeMetricFamily("repasse_scheduler_leads", "Whether somebody does the timed work")
    leads.add_metric([], leader(session).leads)
    return [leads, *_of_jobs(session), *_of_mails(session, at)]


def _of_jobs(session: Session) -> list[Metric]:
    machine_now = database_now(session.connection())
    age = _gauge("repasse_job_last_run_age_seconds", "Time since a job last began", "job")
    failed = _gauge("repasse_job_last_run_failed", "Whether a job's last run failed", "job")
    for job, run in sorted(last_runs(session).items()):
        age.add_metric([job], (machine_now - run.started_at).total_seconds())
        failed.add_metric([job], _is_failed(run))
    failures = _gauge("repasse_job_failures_lately", "Failed runs within a day", "job")
    for job, number in sorted(failures_lately(session).items()):
        failures.add_metric([job], number)
    return [age, failed, failures]


def _is_failed(run: JobRun) -> bool:
    return run.state == RunState.FAILED


def _of_mails(session: Session, at: datetime) -> list[Metric]:
    many = _gauge("repasse_mails_unsent", "Mails not sent, by state", "state")
    counted = count_unsent(session)
    for state in (MailState.QUEUED, MailState.DEAD):
        many.add_metric([state], counted.get(state, 0))
    since = oldest_waiting(session)
    waits = GaugeMetricFamily("repasse_mails_oldest_seconds", "How long the oldest mail waits")
    waits.add_metric([], (at - since).total_seconds() if since else 0)
    return [many, waits]


def _gauge(name: str, text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=[label])
