"""How the project is built, locked and served."""

import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["runtime", "redis", "dev"])
def test_every_requirement_is_locked_with_its_hash(name: str) -> None:
    asked = re.findall(r"^[a-z0-9-]+==\S+", read(f"requirements/{name}.in"), re.MULTILINE)
    locked = read(f"requirements/{name}.txt")

    assert asked
    for pin in asked:
        assert re.search(rf"^{re.escape(pin)} \\\n    --hash=sha256:", locked, re.MULTILINE), pin


@pytest.mark.parametrize("name", ["runtime", "redis", "dev"])
def test_a_lock_names_no_index_and_no_machine(name: str) -> None:
    assert not re.search(
        r"https?://|file:|--index|--find-links| /", read(f"requirements/{name}.txt")
    )


def test_tests_and_portal_share_their_versions() -> None:
    runtime = set(re.findall(r"^\S+==\S+", read("requirements/runtime.txt"), re.MULTILINE))
    dev = set(re.findall(r"^\S+==\S+", read("requirements/dev.txt"), re.MULTILINE))

    assert runtime < dev


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("environment", "workers"),
    [
        ({}, 1),
        ({"DATABASE_URL": ""}, 1),
        ({"DATABASE_URL": "mysql+pymysql://h/d"}, 2),
        ({"DATABASE_URL": "mysql+pymysql://h/d", "WORKERS": "5"}, 5),
        ({"WORKERS": ""}, 1),
    ],
)
def test_gunicorn_serves_sqlite_with_one_worker_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], workers: int
) -> None:
    for name in ("DATABASE_URL", "WORKERS", "PORT", "HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORTAL_ENV", "testing")
    for name, value in {**environment, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)

    conf = runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    assert conf["workers"] == workers
    assert conf["bind"] == "127.0.0.1:8000"
    assert conf["worker_class"] == "gthread"


@pytest.mark.parametrize(
    ("environment", "size"),
    [
        ({}, (2, 16)),
        ({"SERVES": "shop"}, (1, 4)),
        ({"SERVES": "shop", "WORKERS": "2", "THREADS": "3"}, (2, 3)),
    ],
)
def test_a_server_of_the_shops_is_small_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    environment: dict[str, str],
    size: tuple[int, int],
) -> None:
    for name in ("WORKERS", "THREADS", "SERVES"):
        monkeypatch.delenv(name, raising=False)
    here = {"PORTAL_ENV": "testing", "DATABASE_URL": "mysql://h/d"}
    here["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path)
    for name, value in (here | environment).items():
        monkeypatch.setenv(name, value)

    conf = runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    assert (conf["workers"], conf["threads"]) == size


def test_gunicorn_says_in_one_line_why_production_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("PORTAL_ENV", "production")

    with pytest.raises(SystemExit, match="does not start: SECRET_KEY must be set"):
        runpy.run_path(str(ROOT / "gunicorn.conf.py"))


def test_make_alone_lists_the_commands() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for name in ("install", "run", "serve", "test", "lint", "bench", "messages", "format"):
        assert f"make {name} " in shown


def test_what_ci_runs_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "REQUIRE_ALL=1 exec make test" in read(".ci/run")
