"""Real servers and those who load them: gunicorn as it serves the portal, and wrk."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks import world

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("BENCH_PORT", "8197"))


def need_wrk() -> None:
    """Leave with a word if wrk is missing."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing: apt-get install wrk")


@contextmanager
def served(application: str, port: int = PORT, **environment: str) -> Iterator[None]:
    """Serve an application by two workers until one is done with it."""
    settings = {"PORTAL_ENV": "testing", "SECRET_KEY": world.SECRET, "WORKERS": "2", "THREADS": "8"}
    command = [str(ROOT / ".venv/bin/gunicorn"), "-c", "gunicorn.conf.py", application]
    server = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | settings | environment | {"PORT": str(port)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(port: int) -> None:
    """Wait until the server answers, whatever it says."""
    for _ in range(100):
        try:
            urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).close()
        except HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the server did not start")


def wrk(
    script: str, clients: int, seconds: int, port: int = PORT, *, nice: int = 0, **environment: str
) -> subprocess.Popen[str]:
    """Let so many clients send what a script says; `result_of` waits for what came of it."""
    return subprocess.Popen(
        ["nice", f"-n{nice}", "wrk", "-t1", f"-c{clients}", f"-d{seconds}s",
         "-s", f"benchmarks/{script}.lua", f"http://127.0.0.1:{port}"],
        cwd=ROOT, env=os.environ | environment, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip


def result_of(running: subprocess.Popen[str]) -> tuple[float, float, float]:
    """Return requests a second, and the median's and the slowest hundredth's milliseconds."""
    said, _ = running.communicate()
    result = next((line for line in said.splitlines() if line.startswith("RESULT")), "")
    if not result:
        raise SystemExit(f"wrk failed: {said}")
    rate, median, slowest, errors = result.split()[1:]
    if int(errors):
        raise SystemExit(f"requests were refused: {said}")
    return float(rate), float(median) / 1000, float(slowest) / 1000
