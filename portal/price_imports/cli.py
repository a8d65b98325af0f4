"""Prices from the command line: a list for a table, and the run that a page has begun."""

import functools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from flask.cli import AppGroup
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from portal.clock import now
from portal.errors import PortalError
from portal.people.rules.permissions import COMMAND_LINE
from portal.periods import Period
from portal.price_imports import services
from portal.price_imports.errors import ImportRefused, Rehearsed
from portal.price_imports.errors.report import LISTED_ERRORS, Report
from portal.price_imports.queries import owner_of
from portal.price_imports.rules.settings import Reading
from portal.price_imports.services import Wanted
from portal.price_imports.services.running import Hands, run_import
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.tables import takes_percentages
from portal.sheets.figures import COMMA, POINT
from portal.transactions import read, transact

P = ParamSpec("P")
T = TypeVar("T")

prices = AppGroup("prices", help="Price tables and their editions.")
commands = (prices,)
_DAY = click.DateTime(["%Y-%m-%d"])
_MARKS = {"comma": COMMA, "point": POINT}


def _in_words(command: Callable[P, T]) -> Callable[P, T]:
    """Say in a few lines why something was refused, and exit with 1."""

    @functools.wraps(command)
    def said(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except PortalError as error:
            raise click.ClickException(_words(error)) from error

    return said


def _words(error: PortalError) -> str:
    with force_locale("en"):
        said = [gettext(one.text) % one.facts for one in error.problems]
        return "; ".join(said) or gettext(error.text) % error.facts


@prices.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--table", "table_id", type=int, required=True, help="The price table's number.")
@click.option("--valid-from", type=_DAY, required=True, help="The edition's first day.")
@click.option("--valid-until", type=_DAY, help="Its last day; without it the edition is open.")
@click.option("--publish", is_flag=True, help="Put it in force.")
@click.option("--replace", is_flag=True, help="With --publish: let the others make room.")
@click.option("--create-products", is_flag=True, help="Put products on file that are missing.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and store nothing.")
@click.option("--reason", help="Why days in the past change.")
@click.option("--decimal", type=click.Choice(["comma", "point"]), help="If the file is unclear.")
@_in_words
def import_file(
    file: Path,
    table_id: int,
    valid_from: datetime,
    valid_until: datetime | None,
    decimal: str | None,
    *,
    dry_run: bool,
    **wanted: bool | str | None,
) -> None:
    """Import an edition from FILE, CSV or XLSX: all rows or none."""
    percentages = read(_percentages, table_id)
    reading = Reading(decimal=_MARKS[decimal] if decimal else None)
    opened = services.open_file(file.name, file.read_bytes(), reading)
    checked = services.check_file(opened, percentages=percentages)
    period = Period(valid_from.date(), valid_until.date() if valid_until else None)
    order = Wanted(period, file_name=file.name, **wanted)  # type: ignore[arg-type] # click's own types
    deed = services.rehearse if dry_run else services.import_prices
    try:
        done = transact(
            deed, table_id, checked, order, percentages=percentages, by=COMMAND_LINE, at=now()
        )
    except Rehearsed as rehearsal:
        click.echo(f"Nothing stored: a dry run. {_summary(rehearsal.report)}")
    except ImportRefused as refusal:
        _list_errors(refusal.report)
        raise
    else:
        state = "published" if order.publish else "drafted"
        number = done.edition.number
        click.echo(f"Edition {number} (id {done.edition.id}) {state}. {_summary(done.report)}")


@prices.command("import-run", hidden=True)
@click.argument("number", type=int)
@_in_words
def import_run(number: int) -> None:
    """Do what a page has ordered for an uploaded file; started by the portal itself."""
    run_import(Hands(transact, read, now), number, read(owner_of, number))


def _percentages(session: Session, table_id: int) -> bool:
    return takes_percentages(table_of(session, COMMAND_LINE, table_id).calculation)


def _summary(report: Report) -> str:
    return f"{report.rows} rows, {report.created} new products."


def _list_errors(report: Report) -> None:
    with force_locale("en"):
        for error in report.errors[:LISTED_ERRORS]:
            said = gettext(error.text) % dict(error.facts)
            click.echo(f"row {error.row}, {error.field}: {error.code}: {said}", err=True)
    if report.error_count > LISTED_ERRORS:
        click.echo(f"... and {report.error_count - LISTED_ERRORS} more.", err=True)
