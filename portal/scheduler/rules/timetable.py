"""Which job runs when.

A slot is the stretch of time that one run stands for; none is run twice. Jobs do "everything due
before now", so a slot that nobody ran is made up for by the next one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from portal.clock import local, start_of
from portal.i18n import N_


@dataclass(frozen=True, slots=True)
class Plan:
    """A job's name, what it does, and when: every so often, or daily from a time of day on."""

    job: str
    label: str
    every: timedelta | None = None
    daily_from: time | None = None

    @property
    def wakes_every(self) -> timedelta:
        """How often to look whether a slot has begun that was not run."""
        return self.every or timedelta(minutes=1)

    def slot(self, *, now: datetime, machine_now: datetime) -> str | None:
        """Return the slot of this moment; None before a daily job's time of day.

        Days are the portal's, shorter stretches those of the database's own clock.
        """
        if self.every is not None:
            seconds = int(self.every.total_seconds())
            begun = int(machine_now.timestamp()) // seconds * seconds
            return datetime.fromtimestamp(begun, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        here = local(now)
        if self.daily_from is not None and here.time() < self.daily_from:
            return None
        return here.date().isoformat()

    def next_after(self, *, now: datetime, machine_now: datetime) -> datetime:
        """Return when the next slot begins."""
        if self.every is not None:
            seconds = int(self.every.total_seconds())
            begun = int(machine_now.timestamp()) // seconds * seconds
            return datetime.fromtimestamp(begun + seconds, UTC)
        begins = self.daily_from or time()
        offset = timedelta(hours=begins.hour, minutes=begins.minute)
        today = local(now).date()
        first = start_of(today) + offset
        return first if now < first else start_of(today + timedelta(days=1)) + offset


TIMETABLE = (
    Plan("deliver-outbox", N_("Send mails"), every=timedelta(seconds=10)),
    Plan("place-waiting", N_("Place orders that wait for credit"), every=timedelta(minutes=1)),
    Plan("lapse-orders", N_("Let unpaid orders lapse"), every=timedelta(minutes=1)),
    Plan("send-refunds", N_("Send refunds to the provider"), every=timedelta(minutes=1)),
    Plan("reconcile-payments", N_("Ask payment firms for news"), every=timedelta(minutes=10)),
    Plan("expire-credits", N_("Book credit that has expired"), daily_from=time(0, 5)),
    Plan("forget-shop-limits", N_("Forget how often who ordered"), daily_from=time(3, 15)),
    Plan("clear-job-runs", N_("Forget old runs of jobs"), daily_from=time(3, 30)),
)
"""The one table of what runs when; a job that the portal does not offer is left out."""


def plan_of(job: str) -> Plan | None:
    """Return when a job runs; None where it only runs when asked for."""
    return next((plan for plan in TIMETABLE if plan.job == job), None)
