"""The scheduler beside the server: it leads, is started again, and ends with the server."""

import os
import re
import signal
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.scheduler.queries import leader
from tests.scheduler.processes import eventually
from tests.servers import PortalProcess

pytestmark = [pytest.mark.xdist_group("fire"), pytest.mark.engines("sqlite")]


def pid_of_leader(session: Session) -> int:
    found = leader(session)
    session.rollback()
    name = re.search(r"\((\d+)\)", found.holder)
    return int(name[1]) if found.leads and name else 0


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_started_again_when_it_dies_and_ends_with_the_server(
    session: Session, engine_url: str, start_portal: Callable[..., PortalProcess]
) -> None:
    portal = start_portal(engine_url, SCHEDULER="1")
    assert eventually(lambda: pid_of_leader(session))
    first = pid_of_leader(session)

    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: pid_of_leader(session) not in {0, first}), portal.log
    second = pid_of_leader(session)
    code = portal.stop()

    assert code == 0
    assert not is_alive(first)
    assert eventually(lambda: not is_alive(second), 5)
    assert pid_of_leader(session) == 0  # given up in order, not left to run out
    assert portal.log.count("Repasse: http://") == 1


def test_it_ends_when_the_server_is_killed(
    session: Session, engine_url: str, start_portal: Callable[..., PortalProcess]
) -> None:
    portal = start_portal(engine_url, SCHEDULER="1")
    assert eventually(lambda: pid_of_leader(session))
    scheduler = pid_of_leader(session)
    assert portal.process is not None

    os.kill(portal.process.pid, signal.SIGKILL)

    assert eventually(lambda: not is_alive(scheduler), 15)
