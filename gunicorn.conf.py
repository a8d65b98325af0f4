"""How gunicorn serves the portal.

PORT, HOST, WORKERS, THREADS, SERVES and SCHEDULER come from the environment. A server of the shops
alone (SERVES=shop) is small and gives way: visitors may be slow, the back office may not.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from portal import memory
from portal.config import ROOT, SHOP, BadSettings, Settings

try:
    _shop = Settings.from_environment(os.environ).serves == SHOP
except BadSettings as error:
    sys.exit(f"The portal does not start: {error}.")


def _workers() -> int:
    """Return the asked number; one on SQLite, whose writers queue inside one process."""
    on_sqlite = (os.environ.get("DATABASE_URL") or "sqlite:").startswith("sqlite:")
    return int(os.environ.get("WORKERS") or (1 if on_sqlite or _shop else 2))


wsgi_app = "wsgi:app"
bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
workers = _workers()
threads = int(os.environ.get("THREADS") or (4 if _shop else 16))  # so many ask the database at once
worker_connections = 1000
backlog = 512

timeout = 120  # without a sign of life from the worker itself, not of one request
graceful_timeout = 30  # what is running may finish before the process goes
keepalive = 30  # seconds; other systems send order after order on one connection

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
# Forwarded headers are judged by the application (TRUSTED_PROXIES), not here.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

accesslog = None  # the portal logs each request itself, as JSON with its request id
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeats only, in memory

# Each worker keeps its figures in a file of this folder; /metrics adds them up. The library looks
# for the folder once, when it is imported: so that happens later.
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
_own_folder = not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _own_folder:
    os.environ[FIGURES] = tempfile.mkdtemp(prefix="repasse-metrics-")


class Beside:
    """The scheduler beside the server: started again should it die, ended with the server.

    It looks after its parent, so it also ends when the server is killed. No worker is forked while
    it starts: one would keep the pipe open on which Popen waits for its start, for ever.
    """

    command = (sys.executable, "-m", "flask", "--app", "wsgi", "scheduler", "run", "--with-parent")

    def __init__(self) -> None:
        self.ending = threading.Event()
        self.starting = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        lock = self.starting
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
        threading.Thread(target=self._keep, daemon=True).start()

    def end(self) -> None:
        self.ending.set()
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def _keep(self) -> None:
        own = {name: text for name, text in os.environ.items() if name != FIGURES}
        while not self.ending.is_set():
            with self.starting:
                self.process = subprocess.Popen(self.command, cwd=ROOT, env=own)  # noqa: S603 - fixed words
            self.process.wait()
            self.ending.wait(3)


_wanted = os.environ.get("SCHEDULER") not in {None, "", "0"} and not _shop
_scheduler = Beside() if _wanted else None


def when_ready(server: Any) -> None:
    """Say where the portal is, once it answers, and let the timed work begin."""
    if _scheduler is not None:
        _scheduler.start()
    print(f"\nRepasse: http://{server.address[0][0]}:{server.address[0][1]}\n", flush=True)


def post_fork(server: Any, worker: Any) -> None:
    """Let workers of the shops give way; but not to a standstill, for they too hold locks."""
    if _shop:
        os.nice(10)


def post_worker_init(worker: Any) -> None:
    """Let the application settle, now that all of it is there."""
    memory.settle()


def child_exit(server: Any, worker: Any) -> None:
    """Take a dead worker's gauges out of the sums."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """End the scheduler, and remove the folder of figures, if they were made here."""
    if _scheduler is not None:
        _scheduler.end()
    if _own_folder:
        shutil.rmtree(os.environ[FIGURES], ignore_errors=True)
    sys.stdout.flush()
