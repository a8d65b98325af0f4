"""A run over an uploaded file: read, check, and store if that is wanted.

Whoever calls it hands in how a transaction is opened; reading and checking happen outside of any.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import PortalError
from portal.price_imports.errors import ImportBusy, ImportRefused
from portal.price_imports.errors.report import Report
from portal.price_imports.models import ImportState
from portal.price_imports.queries import content_of, import_of, order_of
from portal.price_imports.rules.orders import Deed, Order
from portal.price_imports.services.lists import Lists
from portal.price_imports.services.uploads import finish_check, give_up, look, note_progress, store


@dataclass(frozen=True, slots=True)
class Hands:
    """How a run reads and writes, and what time it is."""

    transact: Callable[..., Any]
    read: Callable[..., Any]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works on."""

    lists: Lists
    number: int
    started_at: datetime
    order: Order
    file_name: str
    content: bytes
    facts: Any


def run_import(hands: Hands, lists: Lists, number: int, by: Actor) -> None:
    """Do what was ordered; a refusal is kept for the page to show."""
    run: Run = hands.read(_load, lists, number, by)
    try:
        checked = _checked(hands, run)
        if run.order.deed == Deed.STORE:
            _store(hands, run, checked, by)
        else:
            report = hands.transact(look, lists, number, checked, by=by)
            hands.transact(finish_check, lists, number, run.started_at, report, at=hands.now())
    except ImportBusy:
        return  # another run took over; this one has stored nothing
    except PortalError as refusal:
        if (note := lists.note_refusal(refusal)) is not None:
            hands.transact(note, by=by, at=hands.now())
        _give_up(hands, run, refusal)


def _store(hands: Hands, run: Run, checked: Any, by: Actor) -> None:
    hands.transact(
        store, run.lists, run.number, run.started_at, checked, facts=run.facts, by=by,
        at=hands.now(),
    )  # fmt: skip


def _give_up(hands: Hands, run: Run, why: PortalError) -> None:
    """Keep why; rows that became wrong since they were checked are listed again."""
    rows = isinstance(why, ImportRefused)
    report = why.report if isinstance(why, ImportRefused) else Report()
    hands.transact(
        give_up, run.lists, run.number, run.started_at, why, report,
        checked=rows or run.order.deed == Deed.STORE, at=hands.now(),
    )  # fmt: skip


def _load(session: Session, lists: Lists, number: int, by: Actor) -> Run:
    found = import_of(session, lists, by, number)
    table = lists.table_of(session, by, found.table_id)
    if found.state != ImportState.RUNNING or found.started_at is None:
        raise ImportBusy
    return Run(
        lists,
        number,
        found.started_at,
        order_of(found),
        found.file_name,
        content_of(session, lists, by, number),
        lists.facts_of(table),
    )


def _checked(hands: Hands, run: Run) -> Any:
    opened = run.lists.open(run.file_name, run.content, run.order.reading)
    total = max(opened.sheet.size, 1)

    def progress(done: int) -> None:
        hands.transact(note_progress, run.lists, run.number, run.started_at, done // 2, total)

    checked = run.lists.check(opened, run.facts, progress)
    progress(2 * total * 7 // 10)
    return checked
