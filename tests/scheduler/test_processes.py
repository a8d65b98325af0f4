"""Real schedulers: one leads; another takes over when it is killed in the middle of its work."""

import signal
import time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.mail.models import Mail, MailState
from portal.scheduler.models import JobRun, RunState
from portal.scheduler.queries import Leader, leader
from portal.scheduler.rules.telling import DIED, tale_in
from tests.mail.factories import make_mail
from tests.mail.post_office import MailServer, PostOffice
from tests.scheduler.conftest import StartScheduler
from tests.scheduler.processes import eventually

pytestmark = pytest.mark.xdist_group("fire")
TAKEOVER_SECONDS = 20
SLOT_SECONDS, LATE_IN_SLOT = 10, 5
"""So late the other takes over in the next slot: in the same one it runs the very run again."""


def led(session: Session) -> Leader:
    session.rollback()  # on SQLite an open transaction would keep the others from writing
    found = leader(session)
    session.rollback()
    return found


def runs(session: Session, job: str) -> list[JobRun]:
    wanted = select(JobRun).where(JobRun.job == job).order_by(JobRun.id)
    found = list(session.scalars(wanted))
    session.expunge_all()
    session.rollback()  # on SQLite an open transaction would keep the others from writing
    return found


def subjects_in(session: Session, state: MailState) -> list[str]:
    found = list(session.scalars(select(Mail.subject).where(Mail.state == state).order_by(Mail.id)))
    session.rollback()
    return found


def test_another_takes_over_from_a_killed_scheduler_and_goes_on_with_its_work(
    session: Session,
    engine_url: str,
    start_scheduler: StartScheduler,
    mail_server: MailServer,
    office: PostOffice,
) -> None:
    one = start_scheduler(engine_url, MAIL_URL=mail_server.url)
    one.await_word('"leads"')
    two = start_scheduler(engine_url, MAIL_URL=mail_server.url)
    two.await_word('"waits"')
    office.pause = 60.0  # the first is killed with a mail in hand
    for number in (1, 2):
        make_mail(session, number)
    session.commit()
    assert office.reading.wait(timeout=30)
    first = led(session)
    time.sleep(max(0, LATE_IN_SLOT - time.time() % SLOT_SECONDS))

    killed_at = time.monotonic()
    one.end(signal.SIGKILL)
    office.pause = 0.0
    taken_over = eventually(lambda: led(session).holder not in {first.holder, ""})
    spent = time.monotonic() - killed_at
    sent = eventually(lambda: subjects_in(session, MailState.SENT) == ["Pedido 2 confirmado"], 20)
    asked_to_end_at = time.monotonic()
    code = two.end(signal.SIGTERM)

    assert taken_over
    assert spent < TAKEOVER_SECONDS
    assert led(session).fence == first.fence + 1
    assert sent, two.log
    delivering = runs(session, "deliver-outbox")
    died = [run for run in delivering if run.fence == first.fence][-1]
    others = delivering[delivering.index(died) + 1 :]
    tale = tale_in(died.result)
    assert (died.state, tale and tale.text) == (RunState.FAILED, DIED)
    assert others
    assert {run.fence for run in others} == {first.fence + 1}
    assert code == 0
    assert time.monotonic() - asked_to_end_at < 15
    assert not led(session).leads  # it gave the lease up: nobody has to wait for it
    assert "Traceback" not in two.log
