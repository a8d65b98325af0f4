"""How gunicorn serves the portal. PORT, HOST, WORKERS and THREADS come from the environment."""

import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from portal.config import BadSettings, Settings

try:
    Settings.from_environment(os.environ)
except BadSettings as error:
    sys.exit(f"The portal does not start: {error}.")


def _workers() -> int:
    """Return the asked number; one on SQLite, whose writers queue inside one process."""
    on_sqlite = (os.environ.get("DATABASE_URL") or "sqlite:").startswith("sqlite:")
    return int(os.environ.get("WORKERS") or (1 if on_sqlite else 2))


wsgi_app = "wsgi:app"
bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
workers = _workers()
threads = int(os.environ.get("THREADS") or 16)
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
_own_folder = not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _own_folder:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="repasse-metrics-")


def when_ready(server: Any) -> None:
    """Say where the portal is, once it answers."""
    print(f"\nRepasse: http://{server.address[0][0]}:{server.address[0][1]}\n", flush=True)


def post_worker_init(worker: Any) -> None:
    """Leave what lives as long as the worker out of the search for garbage, and search less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def child_exit(server: Any, worker: Any) -> None:
    """Take a dead worker's gauges out of the sums."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove the folder of figures, if it was made here."""
    if _own_folder:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
    sys.stdout.flush()
