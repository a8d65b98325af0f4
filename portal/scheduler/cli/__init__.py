"""`flask scheduler run`: the process that does the timed work."""

import os
import signal
import socket

import click
from flask import current_app
from flask.cli import AppGroup

from portal.scheduler.cli.process import Scheduler

scheduler = AppGroup("scheduler", help="The process that does the timed work.")
commands = (scheduler,)


@scheduler.command("run")
@click.option("--with-parent", is_flag=True, help="End when the process that started it ends.")
def run(with_parent: bool) -> None:
    """Do the timed work, one process at a time; as many as you like may stand by."""
    app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - its documented way
    process = Scheduler(app, name_of_process(), parent=os.getppid() if with_parent else None)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: process.stop())
    process.run()


def name_of_process() -> str:
    """Return the name by which people find this process."""
    return f"{socket.gethostname()[:60]} ({os.getpid()})"
