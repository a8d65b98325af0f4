"""The blueprint of the pages of imports, and what begins a run."""

import os
import subprocess
import sys
import threading
from datetime import datetime

from flask import Blueprint, Flask, current_app

from portal.clock import now
from portal.config import ROOT, Settings
from portal.price_imports.errors import ImportBusy, ImportCutOff
from portal.price_imports.queries import Seen, seen
from portal.price_imports.rules.orders import Order
from portal.price_imports.services.running import Hands, run_import
from portal.price_imports.services.uploads import begin, give_up
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.logs import log_failure

bp = Blueprint("price_imports", __name__)
AT_ONCE_BYTES = 200_000
"""Files up to this size are done while the page waits; larger ones by a process of their own."""


def run(number: int, order: Order, size: int) -> None:
    """Begin what was ordered for an uploaded file; a small one is done when this returns."""
    by, at = actor(), now()
    transact(begin, number, order, by=by, at=at)
    if size <= AT_ONCE_BYTES:
        run_import(Hands(transact, read, now), number, by)
        return
    process = start(number, current_app.config["SETTINGS"])
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as Flask documents
    threading.Thread(target=_await, args=(app, process, number, at), daemon=True).start()


def start(number: int, settings: Settings) -> "subprocess.Popen[bytes]":
    """Start the process that does a run; it outlives this one."""
    return subprocess.Popen(  # noqa: S603 - our own command under our own interpreter
        [sys.executable, "-m", "flask", "--app", "wsgi", "prices", "import-run", str(number)],
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
    app: Flask, process: "subprocess.Popen[bytes]", number: int, started_at: datetime
) -> None:
    """Say at once that a run broke off, if we are still there to see it."""
    if process.wait() == 0:
        return
    with app.app_context():
        try:
            transact(give_up, number, started_at, ImportCutOff(), checked=False, at=now())
        except ImportBusy:
            return  # it had come to its end after all
        except Exception as error:  # noqa: BLE001 - a thread's last words belong in the log
            log_failure(error)


def own(number: int) -> Seen:
    """Return one of the actor's own imports."""
    return read(seen, actor(), number, now())
