"""A client as a process of its own: it sends what its file lists, over one HTTP connection.

Knows nothing of the portal. `python -m tests.fire.clients JOBS ANSWERS` says "ready", waits for a
line, then works; every answer is a line of JSON in ANSWERS, written before the next request.
"""

import http.client
import json
import sys
import time
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.05
PASSING = frozenset({502, 503})
"""What a client answers by asking again with the same key."""


class Client:
    """One connection, opened again when it broke; repeats with the same key where it may."""

    def __init__(self, address: str, *, timeout: float = 60.0, patience: float = 0.0) -> None:
        target = urlsplit(address)
        self.host, self.port = target.hostname or "", target.port or 80
        self.timeout, self.patience = timeout, patience
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Send a request; return what came back, with what went wrong on the way.

        Without patience the first thing that comes back is the answer, status 0 where none came.
        """
        began = time.monotonic()
        troubles: list[str] = []
        while True:
            asked = time.monotonic()
            answer = self._once(job)
            seconds = time.monotonic() - asked
            last = time.monotonic() - began > self.patience
            if last or not (answer["status"] == 0 or answer["status"] in PASSING):
                return answer | {"key": job["key"], "seconds": seconds, "troubles": troubles}
            troubles.append(answer["error"] or str(answer["status"]))
            time.sleep(PAUSE_SECONDS)

    def _once(self, job: dict[str, Any]) -> dict[str, Any]:
        headers = dict(job.get("headers") or {})
        body = json.dumps(job["body"]) if job.get("body") is not None else None
        if body is not None:
            headers["Content-Type"] = "application/json"
        if job["key"]:
            headers["Idempotency-Key"] = job["key"]
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    self.host, self.port, timeout=self.timeout
                )
            self.connection.request(job["method"], job["path"], body, headers)
            came = self.connection.getresponse()
            text = came.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return {"status": 0, "body": {}, "replayed": False, "error": type(error).__name__}
        told = json.loads(text) if "json" in (came.getheader("Content-Type") or "") else {}
        replayed = came.getheader("Idempotent-Replayed") == "true"
        etag = came.getheader("ETag")
        return {
            "status": came.status, "body": told, "replayed": replayed, "error": "", "etag": etag,
        }  # fmt: skip

    def close(self) -> None:
        """Part with the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def work(jobs: dict[str, Any], answers: TextIO) -> None:
    """Do all that a client is given."""
    client = Client(jobs["address"], patience=jobs["patience"])
    for job in jobs["jobs"]:
        answer = client.ask({**job, "headers": jobs["headers"]})
        print(json.dumps(answer), file=answers, flush=True)
    client.close()


def main() -> None:
    """Read the jobs, wait for the others, work."""
    jobs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with Path(sys.argv[2]).open("w", encoding="utf-8") as answers:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        work(jobs, answers)


if __name__ == "__main__":
    main()
