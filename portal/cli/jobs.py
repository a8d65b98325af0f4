"""`flask jobs run NAME`: timed work, done now."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from portal.clock import today
from portal.config import Settings
from portal.errors import PortalError

Job = Callable[[date | None], str]


def offer(app: Flask, jobs: Mapping[str, Job]) -> None:
    """Add a feature's jobs to those that can be run by name."""
    app.extensions.setdefault("jobs", {}).update(jobs)


@click.group("jobs")
def jobs() -> None:
    """Timed work, such as booking credit that has expired."""


@jobs.command("run")
@click.argument("name")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day to work for; today.")
@with_appcontext
def run(name: str, as_of: datetime | None) -> None:
    """Run the job NAME; running it twice does its work once."""
    known: dict[str, Job] = current_app.extensions.get("jobs", {})
    if name not in known:
        raise click.UsageError(f"There is no job {name}. Known: {', '.join(sorted(known))}.")
    day = as_of.date() if as_of else None
    settings: Settings = current_app.config["SETTINGS"]
    if day and day > today() and settings.is_production:
        raise click.UsageError(f"{day} has not come yet.")
    try:
        click.echo(known[name](day))
    except PortalError as refusal:
        raise click.ClickException(refusal.text % refusal.facts) from refusal
