"""Timed work about timed work."""

from datetime import date

from portal.i18n import N_, Told
from portal.scheduler.services import forget_runs
from portal.transactions import transact


def clear_job_runs(_as_of: date | None = None) -> str:
    """Forget old runs, some at a time."""
    forgotten = 0
    while some := transact(forget_runs):
        forgotten += some
    return Told(N_("%(runs)s runs forgotten"), runs=forgotten)


jobs = {"clear-job-runs": clear_job_runs}
