"""Many clients at once: as processes that start together, or as threads at one gate."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fire.clients import Client
from tests.servers import ROOT

PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was told in the end; `troubles` is what it was told before that."""

    key: str
    status: int
    body: dict[str, Any]
    replayed: bool
    seconds: float
    troubles: tuple[str, ...]
    error: str
    etag: str | None

    @property
    def outcome(self) -> str:
        """The code of a refusal, else the status."""
        return str(self.body.get("code") or self.error or self.status)

    @property
    def number(self) -> int:
        """The number of the order."""
        return int(self.body["number"])


def answer_of(told: dict[str, Any]) -> Answer:
    """Read what a client wrote down."""
    return Answer(
        told["key"], told["status"], told["body"], told["replayed"], told["seconds"],
        tuple(told["troubles"]), told["error"], told.get("etag"),
    )  # fmt: skip


def outcomes(answers: Iterable[Answer]) -> dict[str, int]:
    """Count how requests ended."""
    return dict(Counter(answer.outcome for answer in answers))


def post(path: str, body: Any, key: str) -> dict[str, Any]:
    """A POST to the API."""
    return {"method": "POST", "path": f"/api/v1{path}", "body": body, "key": key}


@dataclass
class Crowd:
    """Client processes; their jobs are dealt out one by one."""

    folder: Path
    address: str
    token: str
    patience: float = 0.0
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, jobs: Sequence[dict[str, Any]], clients: int = 16) -> None:
        """Let all clients begin at the same moment."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in range(clients):
            share = {
                "address": self.address,
                "patience": self.patience,
                "headers": {"Authorization": f"Bearer {self.token}"},
                "jobs": jobs[number::clients],
            }
            listed = self.folder / f"jobs-{number}.json"
            listed.write_text(json.dumps(share), encoding="utf-8")
            self.processes.append(self._start_one(listed, self._file(number)))
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()

    def answers(self) -> list[Answer]:
        """Return what was answered until now."""
        found: list[Answer] = []
        for number in range(len(self.processes)):
            lines = self._file(number).read_text(encoding="utf-8").split("\n")
            found += [answer_of(json.loads(line)) for line in lines[:-1]]
        return found

    def await_answers(self, many: int) -> list[Answer]:
        """Wait until so many answers came; return them."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            found = self.answers()
            if len(found) >= many:
                return found
            assert self.are_working(), "the clients ended early"
            time.sleep(0.02)
        raise AssertionError(f"no {many} answers came: {outcomes(self.answers())}")

    def are_working(self) -> bool:
        """Whether any client still has something to send."""
        return any(process.poll() is None for process in self.processes)

    def finish(self) -> list[Answer]:
        """Wait for all clients; return all answers."""
        for process in self.processes:
            assert process.wait(timeout=PATIENCE_SECONDS) == 0
        return self.answers()

    def stop(self) -> None:
        """End clients that are still there."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _file(self, number: int) -> Path:
        return self.folder / f"answers-{number}.jsonl"

    def _start_one(self, jobs: Path, answers: Path) -> subprocess.Popen[str]:
        answers.touch()
        return subprocess.Popen(
            [sys.executable, "-m", "tests.fire.clients", str(jobs), str(answers)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def at_once(address: str, *asked: tuple[str, dict[str, Any]]) -> list[Answer]:
    """Send requests, each with its token, at the same instant; return their answers in order."""
    gate = threading.Barrier(len(asked))
    answers: list[Answer | None] = [None] * len(asked)

    def run(number: int, token: str, job: dict[str, Any]) -> None:
        client = Client(address)
        headers = {"Authorization": f"Bearer {token}"} | (job.get("headers") or {})
        client.ask({"method": "GET", "path": "/health/live", "key": ""})
        gate.wait(timeout=PATIENCE_SECONDS)
        answers[number] = answer_of(client.ask({**job, "headers": headers}))
        client.close()

    threads = [
        threading.Thread(target=run, args=(number, token, job))
        for number, (token, job) in enumerate(asked)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def ask(address: str, token: str, job: dict[str, Any]) -> Answer:
    """Send one request."""
    return at_once(address, (token, job))[0]
