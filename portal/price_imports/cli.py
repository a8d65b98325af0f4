"""Lists from the command line: a file for a table, and the run that a page has begun."""

import functools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from flask.cli import AppGroup
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from portal.clock import now
from portal.errors import PortalError
from portal.people.rules.permissions import COMMAND_LINE
from portal.periods import Period
from portal.price_imports.errors import ImportRefused, Rehearsed
from portal.price_imports.errors.report import LISTED_ERRORS, Report
from portal.price_imports.queries import owner_of
from portal.price_imports.rules.settings import Reading
from portal.price_imports.services import ACQUISITION, Wanted
from portal.price_imports.services.lists import Lists, rehearse
from portal.price_imports.services.running import Hands, run_import
from portal.sheets.figures import COMMA, POINT
from portal.transactions import read, transact

P = ParamSpec("P")
T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MARKS = {"comma": COMMA, "point": POINT}


def group_of(lists: Lists, about: str, table: str) -> AppGroup:
    """Return the commands of a kind of list; `about` and `table` are their help."""
    group = AppGroup(lists.command, help=about)

    @group.command("import")
    @click.argument("file", type=_FILE)
    @click.option("--table", "table_id", type=int, required=True, help=table)
    @click.option("--valid-from", type=_DAY, required=True, help="The edition's first day.")
    @click.option("--valid-until", type=_DAY, help="Its last day; without it the edition is open.")
    @click.option("--publish", is_flag=True, help="Put it in force.")
    @click.option("--replace", is_flag=True, help="With --publish: let the others make room.")
    @_creating(lists)
    @click.option("--dry-run", is_flag=True, help="Say what would happen, and store nothing.")
    @click.option("--reason", help="Why days in the past change.")
    @click.option(
        "--decimal", type=click.Choice(["comma", "point"]), help="If the file is unclear."
    )
    @_in_words
    def import_file(**given: Any) -> None:
        """Import an edition from FILE, CSV or XLSX: all rows or none."""
        _import_file(lists, **given)

    @group.command("import-run", hidden=True)
    @click.argument("number", type=int)
    @_in_words
    def import_run(number: int) -> None:
        """Do what a page has ordered for an uploaded file; started by the portal itself."""
        run_import(Hands(transact, read, now), lists, number, read(owner_of, lists, number))

    return group


def _creating(lists: Lists) -> Callable[[Command], Command]:
    """Offer to put products on file, where lists may do that."""
    if not lists.creates_products:
        return lambda command: command
    text = "Put products on file that are missing."
    return click.option("--create-products", is_flag=True, help=text)


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


def _import_file(
    lists: Lists,
    file: Path,
    table_id: int,
    valid_from: datetime,
    valid_until: datetime | None,
    decimal: str | None,
    *,
    dry_run: bool,
    **wanted: Any,
) -> None:
    facts = read(_facts, lists, table_id)
    reading = Reading(decimal=_MARKS[decimal] if decimal else None)
    checked = lists.check(lists.open(file.name, file.read_bytes(), reading), facts)
    period = Period(valid_from.date(), valid_until.date() if valid_until else None)
    order = Wanted(period, file_name=file.name, **wanted)
    how = {"facts": facts, "by": COMMAND_LINE, "at": now()}
    try:
        if dry_run:
            transact(rehearse, lists, table_id, checked, order, **how)
        done = transact(lists.store, table_id, checked, order, **how)
    except Rehearsed as rehearsal:
        click.echo(f"Nothing stored: a dry run. {_summary(lists, rehearsal.report)}")
    except ImportRefused as refusal:
        _list_errors(refusal.report)
        raise
    else:
        state = "published" if order.publish else "drafted"
        summary = _summary(lists, done.report)
        click.echo(f"Edition {done.number} (id {done.edition_id}) {state}. {summary}")


def _facts(session: Session, lists: Lists, table_id: int) -> Any:
    return lists.facts_of(lists.table_of(session, COMMAND_LINE, table_id))


def _summary(lists: Lists, report: Report) -> str:
    created = f", {report.created} new products" if lists.creates_products else ""
    return f"{report.rows} rows{created}."


def _list_errors(report: Report) -> None:
    with force_locale("en"):
        for error in report.errors[:LISTED_ERRORS]:
            said = gettext(error.text) % dict(error.facts)
            click.echo(f"row {error.row}, {error.field}: {error.code}: {said}", err=True)
    if report.error_count > LISTED_ERRORS:
        click.echo(f"... and {report.error_count - LISTED_ERRORS} more.", err=True)


commands = (group_of(ACQUISITION, "Price tables and their editions.", "The price table's number."),)
