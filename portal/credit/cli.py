"""`flask ledger verify`: proof that the ledger is whole."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, Engine, create_engine, inspect

from portal.config import Settings
from portal.credit.models import Entry
from portal.credit.queries.verification import (
    Check,
    check_accounts,
    check_chain,
    check_deeds,
    check_lots,
    check_triggers,
    further,
)
from portal.extensions import db

Pass = Callable[[Connection], list[Check]]


@click.group("ledger")
def ledger() -> None:
    """The journal of credit."""


@ledger.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def verify(*, as_json: bool) -> None:
    """Check every invariant of the ledger; exit 0 only if all hold."""
    began = time.monotonic()
    engine = _engine()
    if not inspect(engine).has_table(Entry.__tablename__):
        raise click.ClickException("There is no ledger yet: `flask db upgrade` makes its tables.")
    checks = verified(engine)
    seconds = time.monotonic() - began
    click.echo(_json(checks, seconds) if as_json else _report(checks, seconds))
    if not all(check.holds for check in checks):
        raise SystemExit(1)


def _engine() -> Engine:
    """Return the owner's engine where there is one: only an owner sees that triggers are there."""
    settings: Settings = current_app.config["SETTINGS"]
    owner = settings.migration_database_url
    return db.engine if owner in {"", settings.database_url} else create_engine(owner)


def verified(engine: Engine) -> list[Check]:
    """Run all checks, each pass over one unchanging view of the database.

    MariaDB adds up the sums in one thread while another reads the chain of hashes.
    """
    first: tuple[Pass, ...] = (check_chain,)
    second: tuple[Pass, ...] = (check_triggers, check_lots, check_accounts, check_deeds, *further)
    if engine.dialect.name == "sqlite":
        return _look(engine, (*first, *second))
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda passes: _look(engine, passes), (first, second))
        return list(chain.from_iterable(found))


def _look(engine: Engine, passes: tuple[Pass, ...]) -> list[Check]:
    still = engine.connect()
    if engine.dialect.name != "sqlite":
        still = still.execution_options(isolation_level="REPEATABLE READ")
    with still as connection:
        return [check for look in passes for check in look(connection)]


def _report(checks: list[Check], seconds: float) -> str:
    lines = []
    for check in sorted(checks, key=lambda check: int(check.name[1:])):
        verdict = "ok  " if check.holds else "FAIL"
        lines.append(f"{verdict} {check.name:<4} {check.says}: {check.looked_at:,} checked")
        lines += [f"       {fault}" for fault in check.faults]
        if check.failed > len(check.faults):
            lines.append(f"       and {check.failed - len(check.faults):,} more")
    postings = 2 * max((check.looked_at for check in checks if check.name == "I9"), default=0)
    rate = postings / seconds if seconds else 0
    lines.append(f"{postings:,} postings in {seconds:.1f} s ({rate:,.0f} a second)")
    failed = sum(check.failed for check in checks)
    lines.append("The ledger is whole." if not failed else f"{failed:,} faults were found.")
    return "\n".join(lines)


def _json(checks: list[Check], seconds: float) -> str:
    found = [
        {
            "name": check.name,
            "says": check.says,
            "checked": check.looked_at,
            "failed": check.failed,
            "faults": check.faults,
        }
        for check in checks
    ]
    whole = all(check.holds for check in checks)
    return json.dumps({"whole": whole, "seconds": round(seconds, 3), "checks": found})


commands = [ledger]
