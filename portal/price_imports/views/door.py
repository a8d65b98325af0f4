"""What the pages of imports share, and what begins a run."""

import os
import subprocess
import sys
import threading
from datetime import datetime

from flask import Flask, current_app

from portal.clock import now
from portal.config import ROOT, Settings
from portal.price_imports.errors import ImportBusy, ImportCutOff
from portal.price_imports.errors.report import Report
from portal.price_imports.forms.pages import Pages
from portal.price_imports.queries import Seen, content_of, report_of, seen
from portal.price_imports.rules.orders import Order
from portal.price_imports.services.lists import Lists
from portal.price_imports.services.running import Hands, run_import
from portal.price_imports.services.uploads import begin, give_up
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.logs import log_failure

AT_ONCE_BYTES = 200_000
"""Files up to this size are done while the page waits; larger ones by a process of their own."""


def run(lists: Lists, number: int, order: Order, size: int) -> None:
    """Begin what was ordered for an uploaded file; a small one is done when this returns."""
    by, at = actor(), now()
    transact(begin, lists, number, order, by=by, at=at)
    if size <= AT_ONCE_BYTES:
        run_import(Hands(transact, read, now), lists, number, by)
        return
    process = start(lists, number, current_app.config["SETTINGS"])
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as Flask documents
    given = (app, process, lists, number, at)
    threading.Thread(target=_await, args=given, daemon=True).start()


def start(lists: Lists, number: int, settings: Settings) -> "subprocess.Popen[bytes]":
    """Start the process that does a run; it outlives this one."""
    command = [lists.command, "import-run", str(number)]
    return subprocess.Popen(  # noqa: S603 - our own command under our own interpreter
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment_of(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment in which a process has these settings."""
    given = {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PORTAL_ENV": settings.env,
        "PORTAL_TIMEZONE": settings.timezone,
        "PORTAL_NOW": settings.now or "",
    }
    return {**os.environ, **given}


def _await(
    app: Flask, process: "subprocess.Popen[bytes]", lists: Lists, number: int, started_at: datetime
) -> None:
    """Say at once that a run broke off, if we are still there to see it."""
    if process.wait() == 0:
        return
    why = ImportCutOff()
    with app.app_context():
        try:
            transact(give_up, lists, number, started_at, why, checked=False, at=now())
        except ImportBusy:
            return  # it had come to its end after all
        except Exception as error:  # noqa: BLE001 - a thread's last words belong in the log
            log_failure(error)


def own(pages: Pages, number: int) -> Seen:
    """Return one of the actor's own imports."""
    return read(seen, pages.lists, actor(), number, now())


def file_of(pages: Pages, number: int) -> bytes:
    """Return the file of one of the actor's own imports."""
    return read(content_of, pages.lists, actor(), number)


def found_in(pages: Pages, number: int) -> Report:
    """Return what was found in the file of one of the actor's own imports."""
    return read(report_of, pages.lists, actor(), number)
