"""The portal as real processes: gunicorn with workers, which tests may kill."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.databases import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


class PortalProcess:
    """gunicorn serving one database on a port of its own, with what it wrote to its log."""

    def __init__(self, folder: Path, database_url: str, **environment: str) -> None:
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}"
        self.log_file = folder / f"portal-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "DATABASE_URL": database_url,
            "PORTAL_ENV": "testing",
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": "a-secret-that-only-the-tests-know",
            "TMPDIR": str(folder),  # what a killed server leaves behind goes with the test's folder
            **environment,
        }

    @property
    def log(self) -> str:
        """Return all that it has written so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def start(self) -> "PortalProcess":
        """Start it, as often as one likes, and wait until every worker's door is open."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._await_answer(self.process)
        return self

    def kill(self) -> None:
        """End it and its workers at once, as `kill -9` does."""
        if self.process is not None:
            self._signal_all(signal.SIGKILL)
            self.process.wait(timeout=PATIENCE_SECONDS)
            self.process = None

    def stop(self) -> int:
        """Ask it to finish what is running and go; returns its exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        self._signal_all(signal.SIGKILL)
        self.process = None
        return code

    def _await_answer(self, process: "subprocess.Popen[bytes]") -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            if process.poll() is not None:
                raise RuntimeError(f"the portal ended: {self.log[-3000:]}")
            try:
                self._ask()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise RuntimeError(f"the portal does not answer: {self.log[-3000:]}")

    def _ask(self) -> None:
        request = f"GET /health/live HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        with socket.create_connection((HOST, self.port), timeout=PATIENCE_SECONDS) as asked:
            asked.sendall(request.encode("ascii"))
            if not asked.recv(64):
                raise ConnectionResetError

    def _signal_all(self, how: signal.Signals) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, how)
            except ProcessLookupError:
                return
