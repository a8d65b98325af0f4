"""The run as a whole: finds MariaDB once for all workers, and says what was not tested."""

import contextlib
import gc
import os
import time
from typing import Any

import pytest

from scripts.messages import compile_stale
from tests.databases import mariadb_for_the_suite

SUITE_SECONDS = 15 * 60
MARIADB_PORT = "REPASSE_TEST_MARIADB_PORT"
NO_MARIADB = "MariaDB is neither installed nor on 127.0.0.1:3306 (apt-get install mariadb-server)"
NO_CHROMIUM = "Chromium is not installed (apt-get install chromium)"
NO_REAL_LIST = "the real price list is not here (set REAL_PRICE_LIST to anvisa-precos.csv)"
ALLOWED_SKIPS = (NO_REAL_LIST,)
"""Accepted under REQUIRE_ALL=1: the real list is no part of the project, a clone may lack it."""

STARTED = pytest.StashKey[float]()
COMPLAINTS = pytest.StashKey[list[str]]()


def is_worker(config: pytest.Config) -> bool:
    """Whether this process only runs the share that another hands out."""
    return hasattr(config, "workerinput")


def is_required() -> bool:
    """Whether a run that leaves something out counts as failed."""
    return os.environ.get("REQUIRE_ALL") == "1"


def pytest_configure(config: pytest.Config) -> None:
    """Compile translations and find MariaDB, before workers start."""
    if is_worker(config):
        return
    config.stash[STARTED] = time.monotonic()
    compile_stale()
    if config.option.collectonly:
        return
    stack = contextlib.ExitStack()
    config.add_cleanup(stack.close)
    server = stack.enter_context(mariadb_for_the_suite())
    os.environ[MARIADB_PORT] = str(server.port) if server else ""


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what stays till the end: thousands of tests, all modules."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under REQUIRE_ALL=1, fail a run that skipped something or took too long."""
    config = session.config
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if is_worker(config) or reporter is None:
        return
    skipped = [reason_of(report) for report in reporter.stats.get("skipped", [])]
    complaints = complaints_about(skipped, time.monotonic() - config.stash[STARTED])
    config.stash[COMPLAINTS] = complaints
    if complaints and is_required() and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def complaints_about(skipped: list[str], took: float) -> list[str]:
    """Say what keeps a run from being a whole one."""
    refused = [reason for reason in skipped if not any(ok in reason for ok in ALLOWED_SKIPS)]
    said = [f"{refused.count(reason)} skipped: {reason}" for reason in dict.fromkeys(refused)]
    if took > SUITE_SECONDS:
        said.append(f"the suite took {took / 60:.1f} minutes; at most {SUITE_SECONDS // 60} are ok")
    return said


def reason_of(report: Any) -> str:
    """Return why a test was skipped."""
    longrepr = report.longrepr
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which MariaDB was used, and what was not tested."""
    port = os.environ.get(MARIADB_PORT)
    terminalreporter.write_line(f"MariaDB: 127.0.0.1:{port}" if port else NO_MARIADB)
    verdict = "REQUIRE_ALL=1 refuses" if is_required() else "NOT TESTED"
    for complaint in config.stash.get(COMPLAINTS, []):
        terminalreporter.write_line(f"{verdict}: {complaint}", red=True)
