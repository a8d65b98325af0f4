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
from portal.price_imports.models import ImportState, Upload
from portal.price_imports.queries import GIVEN_UP_AFTER, import_of, order_of
from portal.price_imports.rules.orders import Order
from portal.price_imports.services.importing import Wanted
from portal.price_imports.services.lists import Lists, Stored
from portal.pricing.services.guards import need
from portal.sheets.refusals import FileTooLarge

MAX_PACKED_BYTES = 14_000_000
"""A database takes 16 MB in one statement."""
KEPT_FOR = timedelta(days=30)
"""How long a file that nobody stored is kept."""
_OPEN = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)


def upload(
    session: Session,
    lists: Lists,
    table_id: int,
    *,
    file_name: str,
    content: bytes,
    order: Order,
    by: Actor,
    at: datetime,
) -> Upload:
    """Keep a file until it is stored, packed."""
    lists.table_of(session, by, table_id)
    need(by, lists.permission)
    _forget_old_files(session, lists, at)
    packed = zlib.compress(content, 1)
    if len(packed) > MAX_PACKED_BYTES:
        raise FileTooLarge(limit=MAX_PACKED_BYTES // 1_000_000)
    kept = lists.uploads()
    kept.table_id, kept.user_id = table_id, by.user_id
    kept.file_name, kept.content = file_name[-200:], packed
    kept.options = json.dumps(order.as_json())
    kept.state, kept.created_at = ImportState.UPLOADED, at
    session.add(kept)
    session.flush()
    return kept


def read_anew(session: Session, lists: Lists, number: int, order: Order, *, by: Actor) -> None:
    """Read a file in another manner, or for other days; what was found wrong before is void."""
    import_of(session, lists, by, number)
    values = {
        "options": json.dumps(order.as_json()),
        "state": ImportState.UPLOADED,
        "report": None,
    }
    _move(session, lists, number, values, lists.uploads.state.in_(_OPEN))


def begin(
    session: Session, lists: Lists, number: int, order: Order, *, by: Actor, at: datetime
) -> None:
    """Mark a run as begun; ImportBusy when one is running, unless it was cut off."""
    import_of(session, lists, by, number)
    values = {
        "options": json.dumps(order.as_json()),
        "state": ImportState.RUNNING,
        "started_at": at,
        "finished_at": None,
        "rows_done": 0,
    }
    kept = lists.uploads
    cut_off = (kept.state == ImportState.RUNNING) & (kept.started_at < at - GIVEN_UP_AFTER)
    _move(session, lists, number, values, kept.state.in_(_OPEN) | cut_off)


def note_progress(
    session: Session, lists: Lists, number: int, started_at: datetime, done: int, total: int
) -> None:
    """Note how far a run is; one that was given up notes nothing."""
    values = {"rows_done": min(done, total), "rows_total": total}
    kept = lists.uploads
    write = update(kept).where(kept.id == number, _is_run(lists, started_at))
    session.execute(write.values(values), execution_options={"synchronize_session": False})


def finish_check(
    session: Session,
    lists: Lists,
    number: int,
    started_at: datetime,
    report: Report,
    *,
    at: datetime,
) -> None:
    """Keep what was found wrong."""
    values = {
        "state": ImportState.CHECKED,
        "report": json.dumps(report.as_json()),
        "rows_done": report.rows,
        "rows_total": report.rows,
        "finished_at": at,
    }
    _move(session, lists, number, values, _is_run(lists, started_at))


def look(session: Session, lists: Lists, number: int, checked: Any, *, by: Actor) -> Report:
    """Return what is wrong with a file's list beside what is on file; store nothing."""
    found = import_of(session, lists, by, number)
    return lists.look(session, found.table_id, checked, _wanted(found), by=by)


def store(
    session: Session,
    lists: Lists,
    number: int,
    started_at: datetime,
    checked: Any,
    *,
    facts: Any,
    by: Actor,
    at: datetime,
) -> Stored:
    """Make the file an edition, and let go of it, in one transaction."""
    found = import_of(session, lists, by, number)
    wanted = _wanted(found)
    done = lists.store(session, found.table_id, checked, wanted, facts=facts, by=by, at=at)
    values = {
        "state": ImportState.STORED,
        "edition_id": done.edition_id,
        "content": None,
        "report": json.dumps(done.report.as_json()),
        "rows_done": done.report.rows,
        "rows_total": done.report.rows,
        "finished_at": at,
    }
    _move(session, lists, number, values, _is_run(lists, started_at))
    return done


def give_up(
    session: Session,
    lists: Lists,
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
    _move(session, lists, number, values, _is_run(lists, started_at))


def refusal_of(why: PortalError) -> dict[str, Any]:
    """Return a refusal as it is kept: its text, to be translated when it is shown."""
    problem = why.problems[0] if why.problems else None
    text, facts = (problem.text, problem.facts) if problem else (why.text, why.facts)
    return {"text": text, "facts": {name: str(fact) for name, fact in facts.items()}}


def _wanted(found: Upload) -> Wanted:
    order = order_of(found)
    return Wanted(
        order.period,
        publish=order.publish,
        replace=order.replace,
        reason=order.reason,
        create_products=order.create_products,
        file_name=found.file_name,
    )


def _forget_old_files(session: Session, lists: Lists, at: datetime) -> None:
    kept = lists.uploads
    old = update(kept).where(kept.created_at < at - KEPT_FOR, kept.content.is_not(None))
    session.execute(old.values(content=None), execution_options={"synchronize_session": False})


def _is_run(lists: Lists, started_at: datetime) -> Any:
    kept = lists.uploads
    return (kept.state == ImportState.RUNNING) & (kept.started_at == started_at)


def _move(
    session: Session, lists: Lists, number: int, values: dict[str, Any], allowed: Any
) -> None:
    """Write under a condition and insist on the row: of two who come at once one goes on."""
    write = update(lists.uploads).where(lists.uploads.id == number, allowed).values(values)
    done = session.execute(write, execution_options={"synchronize_session": False})
    if done.rowcount != 1:  # type: ignore[attr-defined] # an UPDATE's result counts its rows
        raise ImportBusy
