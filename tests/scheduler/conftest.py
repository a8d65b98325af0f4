"""What tests of timed work ask for."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mail.conftest import mail_server, office, open_server
from tests.scheduler.processes import SchedulerProcess

__all__ = ["mail_server", "office", "open_server"]

StartScheduler = Callable[..., SchedulerProcess]


@pytest.fixture
def start_scheduler(tmp_path: Path) -> Iterator[StartScheduler]:
    """Start schedulers: `start_scheduler(database_url, MAIL_URL=...)`."""
    with contextlib.ExitStack() as stack:

        def start(database_url: str, **environment: str) -> SchedulerProcess:
            process = SchedulerProcess(tmp_path, database_url, **environment)
            stack.callback(process.end, signal.SIGKILL)
            return process

        yield start
