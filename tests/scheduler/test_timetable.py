"""The timetable: which stretch of time a run stands for, and when the next begins."""

from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask

from portal.scheduler.rules.timetable import TIMETABLE, Plan, plan_of

EVERY_TEN = Plan("deliver-outbox", "", every=timedelta(seconds=10))
EVERY_MINUTE = Plan("lapse-orders", "", every=timedelta(minutes=1))
NIGHTLY = Plan("expire-credits", "", daily_from=time(0, 5))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("plan", "moment", "slot", "following"),
    [
        (EVERY_TEN, "2026-12-01T12:00:00", "2026-12-01T12:00:00Z", "2026-12-01T12:00:10"),
        (EVERY_TEN, "2026-12-01T12:00:09.999999", "2026-12-01T12:00:00Z", "2026-12-01T12:00:10"),
        (EVERY_TEN, "2026-12-01T12:00:10", "2026-12-01T12:00:10Z", "2026-12-01T12:00:20"),
        (EVERY_MINUTE, "2026-12-31T23:59:59", "2026-12-31T23:59:00Z", "2027-01-01T00:00:00"),
        # Days are those of São Paulo, three hours behind.
        (NIGHTLY, "2026-12-01T02:59:59", "2026-11-30", "2026-12-01T03:05:00"),
        (NIGHTLY, "2026-12-01T03:00:00", None, "2026-12-01T03:05:00"),
        (NIGHTLY, "2026-12-01T03:04:59", None, "2026-12-01T03:05:00"),
        (NIGHTLY, "2026-12-01T03:05:00", "2026-12-01", "2026-12-02T03:05:00"),
        (NIGHTLY, "2027-01-01T02:00:00", "2026-12-31", "2027-01-01T03:05:00"),
    ],
)
def test_a_run_stands_for_a_stretch_of_time(
    plan: Plan, moment: str, slot: str | None, following: str
) -> None:
    told = plan.slot(now=at(moment), machine_now=at(moment))
    next_one = plan.next_after(now=at(moment), machine_now=at(moment))

    assert (told, next_one) == (slot, at(following))


def test_days_are_the_portals_and_short_stretches_the_databases() -> None:
    here, there = at("2026-12-05T12:00:00"), at("2026-12-01T12:00:03")

    assert NIGHTLY.slot(now=here, machine_now=there) == "2026-12-05"
    assert EVERY_TEN.slot(now=here, machine_now=there) == "2026-12-01T12:00:00Z"


def test_each_job_stands_in_the_timetable_once_and_a_slot_fits_its_column() -> None:
    moment = at("2026-12-01T12:00:00")

    assert len({plan.job for plan in TIMETABLE}) == len(TIMETABLE)
    assert all(len(plan.job) <= 40 for plan in TIMETABLE)
    assert all(len(plan.slot(now=moment, machine_now=moment) or "") <= 48 for plan in TIMETABLE)
    assert plan_of("make-coffee") is None


def test_every_job_that_the_portal_offers_has_its_time(app: Flask) -> None:
    assert set(app.extensions["jobs"]) <= {plan.job for plan in TIMETABLE}
