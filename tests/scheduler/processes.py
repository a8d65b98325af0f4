"""Schedulers as real processes, which tests may kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.servers import KEPT, ROOT

PATIENCE_SECONDS = 60


class SchedulerProcess:
    """`flask scheduler run` on one database, with what it wrote to its log."""

    def __init__(self, folder: Path, database_url: str, **environment: str) -> None:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        own = {"DATABASE_URL": database_url, "PORTAL_ENV": "testing", "PYTHONUNBUFFERED": "1"}
        self.log_file = folder / f"scheduler-{time.monotonic_ns()}.log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "scheduler", "run"],
                cwd=ROOT,
                env=kept | own | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def await_word(self, word: str) -> None:
        assert eventually(lambda: word in self.log or self.process.poll() is not None), self.log
        assert word in self.log, self.log

    def end(self, how: signal.Signals) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE_SECONDS)


def eventually(holds: Callable[[], object], patience: float = PATIENCE_SECONDS) -> bool:
    """Wait until it holds; False when it never did."""
    ends = time.monotonic() + patience
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True
