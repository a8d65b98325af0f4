"""A file that was uploaded: kept, read anew, run, and what came of it."""

import json
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import PortalError
from portal.price_imports.errors import ImportBusy
from portal.price_imports.errors.report import Report
from portal.price_imports.models import ImportState, PriceImport
from portal.price_imports.queries import GIVEN_UP_AFTER, import_of
from portal.price_imports.rules.checking import Checked
from portal.price_imports.rules.orders import Order
from portal.price_imports.services.importing import Outcome, Wanted, import_prices
from portal.pricing.queries.tables import table_of
from portal.pricing.services.guards import need
from portal.sheets.refusals import FileTooLarge

MAX_PACKED_BYTES = 14_000_000
"""A database takes 16 MB in one statement."""
KEPT_FOR = timedelta(days=30)
"""How long a file that nobody stored is kept."""
_OPEN = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)


def upload(
    session: Session,
    table_id: int,
    *,
    file_name: str,
    content: bytes,
    order: Order,
    by: Actor,
    at: datetime,
) -> PriceImport:
    """Keep a file until it is stored, packed."""
    table = table_of(session, by, table_id)
    need(by, "prices.edit")
    _forget_old_files(session, at)
    packed = zlib.compress(content, 1)
    if len(packed) > MAX_PACKED_BYTES:
        raise FileTooLarge(limit=MAX_PACKED_BYTES // 1_000_000)
    kept = PriceImport(
        price_table_id=table.id,
        user_id=by.user_id,
        file_name=file_name[-200:],
        content=packed,
        options=json.dumps(order.as_json()),
        state=ImportState.UPLOADED,
        created_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def read_anew(session: Session, number: int, order: Order, *, by: Actor) -> None:
    """Read a file in another manner, or for other days; what was found wrong before is void."""
    import_of(session, by, number)
    values = {
        "options": json.dumps(order.as_json()),
        "state": ImportState.UPLOADED,
        "report": None,
    }
    _move(session, number, values, PriceImport.state.in_(_OPEN))


def begin(session: Session, number: int, order: Order, *, by: Actor, at: datetime) -> None:
    """Mark a run as begun; ImportBusy when one is running, unless it was cut off."""
    import_of(session, by, number)
    values = {
        "options": json.dumps(order.as_json()),
        "state": ImportState.RUNNING,
        "started_at": at,
        "finished_at": None,
        "rows_done": 0,
    }
    cut_off = (PriceImport.state == ImportState.RUNNING) & (
        PriceImport.started_at < at - GIVEN_UP_AFTER
    )
    _move(session, number, values, PriceImport.state.in_(_OPEN) | cut_off)


def note_progress(
    session: Session, number: int, started_at: datetime, done: int, total: int
) -> None:
    """Note how far a run is; one that was given up notes nothing."""
    values = {"rows_done": min(done, total), "rows_total": total}
    write = update(PriceImport).where(PriceImport.id == number, _is_run(started_at))
    session.execute(write.values(values), execution_options={"synchronize_session": False})


def finish_check(
    session: Session, number: int, started_at: datetime, report: Report, *, at: datetime
) -> None:
    """Keep what was found wrong."""
    values = {
        "state": ImportState.CHECKED,
        "report": json.dumps(report.as_json()),
        "rows_done": report.rows,
        "rows_total": report.rows,
        "finished_at": at,
    }
    _move(session, number, values, _is_run(started_at))


def store(
    session: Session,
    number: int,
    started_at: datetime,
    checked: Checked,
    *,
    percentages: bool,
    by: Actor,
    at: datetime,
) -> Outcome:
    """Make the file an edition, and let go of it, in one transaction."""
    found = import_of(session, by, number)
    order = Order.from_json(json.loads(found.options))
    wanted = Wanted(
        order.period,
        publish=order.publish,
        replace=order.replace,
        reason=order.reason,
        create_products=order.create_products,
        file_name=found.file_name,
    )
    table_id = found.price_table_id
    done = import_prices(session, table_id, checked, wanted, percentages=percentages, by=by, at=at)
    values = {
        "state": ImportState.STORED,
        "edition_id": done.edition.id,
        "content": None,
        "report": json.dumps(done.report.as_json()),
        "rows_done": done.report.rows,
        "rows_total": done.report.rows,
        "finished_at": at,
    }
    _move(session, number, values, _is_run(started_at))
    return done


def give_up(
    session: Session,
    number: int,
    started_at: datetime,
    why: PortalError,
    report: Report | None = None,
    *,
    checked: bool,
    at: datetime,
) -> None:
    """Keep why a run came to nothing; what was checked before may be stored in another manner."""
    kept = replace(report or Report(), refusal=refusal_of(why)).as_json()
    values = {
        "state": ImportState.CHECKED if checked else ImportState.FAILED,
        "report": json.dumps(kept),
        "finished_at": at,
    }
    _move(session, number, values, _is_run(started_at))


def refusal_of(why: PortalError) -> dict[str, Any]:
    """Return a refusal as it is kept: its text, to be translated when it is shown."""
    problem = why.problems[0] if why.problems else None
    text, facts = (problem.text, problem.facts) if problem else (why.text, why.facts)
    return {"text": text, "facts": {name: str(fact) for name, fact in facts.items()}}


def _forget_old_files(session: Session, at: datetime) -> None:
    old = update(PriceImport).where(
        PriceImport.created_at < at - KEPT_FOR, PriceImport.content.is_not(None)
    )
    session.execute(old.values(content=None), execution_options={"synchronize_session": False})


def _is_run(started_at: datetime) -> Any:
    return (PriceImport.state == ImportState.RUNNING) & (PriceImport.started_at == started_at)


def _move(session: Session, number: int, values: dict[str, Any], allowed: Any) -> None:
    """Write under a condition and insist on the row: of two who come at once one goes on."""
    write = update(PriceImport).where(PriceImport.id == number, allowed).values(values)
    done = session.execute(write, execution_options={"synchronize_session": False})
    if done.rowcount != 1:  # type: ignore[attr-defined] # an UPDATE's result counts its rows
        raise ImportBusy
