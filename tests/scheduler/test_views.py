"""Timed work on the screen and over HTTP, for people and for those who watch."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.scheduler.models import JobRun
from portal.scheduler.rules.telling import Tale
from portal.scheduler.services import beat, begin, end, let_go
from tests.factories import bearer, make_user, sign_in
from tests.mail.factories import make_mail
from tests.visitors import PortalClient

LOTS = Tale("%(lots)s lots expired in %(accounts)s accounts", {"lots": 3, "accounts": 2})


@pytest.fixture
def watching(client: PortalClient, session: Session) -> PortalClient:
    sign_in(client, make_user(session, "administrator"))
    return client


def ran(session: Session, job: str, tale: Tale = LOTS, *, failed: bool = False) -> None:
    beat(session, holder="vm (1)")
    begun = begin(session, job=job, slot=f"{tale.text[:40]}", holder="vm (1)", fence=1)
    assert begun is not None
    end(session, begun.id, tale, fence=1, failed=failed)


def test_the_page_says_who_leads_what_ran_and_what_comes(
    watching: PortalClient, session: Session
) -> None:
    ran(session, "expire-credits")
    ran(session, "deliver-outbox", Tale("100% broken"), failed=True)

    page = watching.get("/jobs").text

    assert "processo vm (1)" in page
    assert "Lotes vencidos: 3; carteiras: 2" in page
    assert "100% broken" in page
    assert "1 falha no último dia" in page
    assert "todo dia a partir das 00:05" in page
    assert "a cada 10 segundos" in page
    assert "02/12/2026 00:05" in page


def test_the_page_says_so_when_nobody_does_the_work(
    watching: PortalClient, session: Session
) -> None:
    never = watching.get("/jobs").text
    beat(session, holder="vm (1)")
    let_go(session, holder="vm (1)")
    no_more = watching.get("/jobs").text

    assert "Ninguém executa as tarefas agendadas." in never
    assert "flask scheduler run" in never
    assert "vm (1)" in no_more


def test_a_job_is_asked_for_once(watching: PortalClient, session: Session) -> None:
    first = watching.get(watching.submit("/jobs/expire-credits/run").location).text
    again = watching.get(watching.submit("/jobs/expire-credits/run").location).text

    assert "A tarefa começa em instantes." in first
    assert "Esta tarefa já foi pedida" in again
    assert "Pedida" in again
    assert [run.job for run in session.scalars(select(JobRun))] == ["expire-credits"]
    assert watching.submit("/jobs/make-coffee/run").status_code == 404


def test_who_may_only_look_finds_no_button(client: PortalClient, session: Session) -> None:
    sign_in(client, make_user(session, "auditor"))

    page = client.get("/jobs").text

    assert "Executar agora" not in page
    assert client.submit("/jobs/expire-credits/run").status_code == 403


def test_runs_are_listed_narrowed_and_exported(watching: PortalClient, session: Session) -> None:
    ran(session, "expire-credits")
    ran(session, "deliver-outbox", Tale("builtins.ValueError"), failed=True)

    failed = watching.get("/jobs/runs?state=failed").text
    of_job = watching.get("/jobs/runs?job=expire-credits").text
    file = watching.get("/jobs/runs?format=csv").text

    assert "builtins.ValueError" in failed
    assert "3 lotes" not in failed
    assert "Lotes vencidos: 3; carteiras: 2" in of_job
    assert "builtins.ValueError" not in of_job
    assert "expire-credits" in file
    assert "deliver-outbox" in file


def test_another_system_reads_the_state_of_jobs(client: PortalClient, session: Session) -> None:
    headers = bearer(session, make_user(session, "auditor"))
    ran(session, "expire-credits")

    told = client.get("/api/v1/jobs", headers=headers).get_json()

    jobs = {job["name"]: job for job in told["items"]}
    assert told["leader"] == "vm (1)"
    assert jobs["expire-credits"]["last_run"]["state"] == "done"
    assert jobs["expire-credits"]["last_run"]["result"] == "3 lots expired in 2 accounts"
    assert jobs["expire-credits"]["next_run_at"] == "2026-12-02T03:05:00Z"
    assert jobs["deliver-outbox"]["last_run"] is None
    assert told["next"] is None


def test_jobs_are_the_business_of_headquarters(client: PortalClient, session: Session) -> None:
    assert client.get("/jobs").status_code == 303
    assert client.get("/api/v1/jobs").status_code == 401


# For those who watch


def test_health_tells_whether_somebody_does_the_timed_work(
    client: PortalClient, session: Session
) -> None:
    before = client.get("/health/scheduler")
    beat(session, holder="vm (1)")
    during = client.get("/health/scheduler")

    assert (before.status_code, before.get_json()["code"]) == (503, "not_ready")
    assert (during.status_code, during.get_json()) == (200, {"status": "at_work"})


def test_figures_tell_of_jobs_and_mails_and_name_nobody(
    client: PortalClient, session: Session
) -> None:
    ran(session, "expire-credits")
    ran(session, "deliver-outbox", Tale("builtins.ValueError"), failed=True)
    make_mail(session, 1)
    make_mail(session, 2, to="nobody")

    shown = client.get("/metrics").text

    for figure in (
        "repasse_scheduler_leads 1.0",
        'repasse_job_last_run_failed{job="expire-credits"} 0.0',
        'repasse_job_last_run_failed{job="deliver-outbox"} 1.0',
        'repasse_job_failures_lately{job="deliver-outbox"} 1.0',
        'repasse_mails_unsent{state="queued"} 1.0',
        'repasse_mails_unsent{state="dead"} 1.0',
        "repasse_mails_oldest_seconds 0.0",
    ):
        assert figure in shown
    assert re.search(r'repasse_job_last_run_age_seconds\{job="expire-credits"\} \d', shown)
    assert "cliente.example" not in shown


@pytest.mark.engines("sqlite")
def test_figures_of_requests_are_shown_without_a_database(
    make_app: Callable[..., Flask], session: Session
) -> None:
    client = make_app().test_client()
    session.execute(text("ALTER TABLE leases RENAME TO elsewhere"))

    shown = client.get("/metrics")
    health = client.get("/health/scheduler")

    assert shown.status_code == 200
    assert "repasse_requests" in shown.text
    assert "repasse_scheduler_leads" not in shown.text
    assert health.status_code == 503
