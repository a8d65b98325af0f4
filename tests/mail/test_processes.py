"""Delivery by real processes: two at once, and one that dies in the middle."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.db import database_now
from portal.mail.models import Mail, MailState
from tests.mail.conftest import Deliver
from tests.mail.factories import make_mail
from tests.mail.post_office import MailServer, PostOffice
from tests.servers import KEPT, ROOT


def start_delivery(engine_url: str, server: MailServer) -> "subprocess.Popen[str]":
    """Start `flask jobs run deliver-outbox` as a process of its own."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own = {"DATABASE_URL": engine_url, "MAIL_URL": server.url, "PORTAL_ENV": "testing"}
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", "deliver-outbox"],
        cwd=ROOT,
        env=kept | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def states(session: Session) -> Counter[str]:
    found = Counter(session.scalars(select(Mail.state)))
    session.rollback()  # on SQLite an open transaction would keep the others from writing
    return found


def test_two_who_deliver_at_once_send_each_mail_once(
    session: Session, engine_url: str, mail_server: MailServer, office: PostOffice
) -> None:
    for number in range(40):
        make_mail(session, number)
    session.commit()
    office.pause = 0.02

    both = [start_delivery(engine_url, mail_server) for _ in range(2)]
    told = [process.communicate(timeout=60) for process in both]

    assert [process.returncode for process in both] == [0, 0], told
    assert sum(int(out.split()[0]) for out, _err in told) == 40, told
    assert Counter(office.subjects()) == {f"Pedido {n} confirmado": 1 for n in range(40)}
    assert states(session) == {MailState.SENT: 40}


@pytest.mark.engines("sqlite", "mariadb")
def test_who_dies_over_a_mail_leaves_it_to_be_sent_once_more_and_the_others_once(
    session: Session,
    engine_url: str,
    mail_server: MailServer,
    office: PostOffice,
    deliver: Deliver,
) -> None:
    for number in range(3):
        make_mail(session, number)
    session.commit()
    office.pause = 30.0  # the server has the letter and has not said so

    dying = start_delivery(engine_url, mail_server)
    arrived = office.reading.wait(timeout=60)
    dying.send_signal(signal.SIGKILL)
    dying.communicate(timeout=60)
    left = states(session)
    office.pause = 0.0
    deliver()
    others = Counter(office.subjects())
    session.execute(
        update(Mail)
        .where(Mail.lease.is_not(None))
        .values(leased_until=database_now(session.connection()) - timedelta(seconds=1))
    )
    deliver()

    assert arrived
    assert left == {MailState.QUEUED: 3}
    assert others == {f"Pedido {n} confirmado": 1 for n in (1, 2)}  # the first is still in hand
    assert office.subjects()[2:] == ["Pedido 0 confirmado"]
    assert states(session) == {MailState.SENT: 3}
    assert list(session.scalars(select(Mail.attempts).order_by(Mail.id))) == [2, 1, 1]


@pytest.mark.engines("sqlite")
def test_a_closed_server_is_said_in_words_and_with_a_code(
    session: Session, engine_url: str, mail_server: MailServer
) -> None:
    make_mail(session)
    session.commit()
    mail_server.close()

    process = start_delivery(engine_url, mail_server)
    _out, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert err.strip().splitlines()[-1].startswith("Error: The mail server takes no mails: ")
    assert "Traceback" not in err
