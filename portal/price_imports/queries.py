"""Reading imports: everybody sees their own, and nobody else's."""

import json
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.people.queries.actors import From, actor_of_user
from portal.price_imports.errors import FileGone, NoSuchImport
from portal.price_imports.errors.report import Report
from portal.price_imports.models import ImportState, Upload
from portal.price_imports.rules.effects import Effects, effects_of
from portal.price_imports.rules.orders import Order
from portal.pricing.models import Dated
from portal.pricing.rules.windows import window_of
from portal.sheets.limits import MAX_BYTES

GIVEN_UP_AFTER = timedelta(minutes=10)
"""A run that is not done by then was cut off: it may be begun again."""
RECENT = 5


class Shelf(ABC):
    """Where files of one kind of list are kept, and for which tables."""

    uploads: ClassVar[type[Upload]]

    @abstractmethod
    def table_of(self, session: Session, by: Actor, table_id: int) -> Any:
        """Return a table that the actor sees."""

    @abstractmethod
    def published(self, session: Session, table_id: int) -> Sequence[Dated]:
        """Return a table's published editions."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An import as its page shows it."""

    found: Upload
    table: Any
    order: Order
    cut_off: bool

    @property
    def state(self) -> ImportState:
        """How far it is; a run that was cut off has failed."""
        return ImportState.FAILED if self.cut_off else ImportState(self.found.state)


@dataclass(frozen=True, slots=True)
class Choices:
    """What publishing does, in both ways."""

    plain: Effects
    replacing: Effects


def import_of(session: Session, shelf: Shelf, by: Actor, number: int) -> Upload:
    """Return one of the actor's own imports; NoSuchImport for any other."""
    kept = shelf.uploads
    wanted = select(kept).where(kept.id == number, kept.user_id == by.user_id)
    if by.user_id is None or (found := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchImport(number)
    return found


def seen(session: Session, shelf: Shelf, by: Actor, number: int, at: datetime) -> Seen:
    """Return an import with its table."""
    found = import_of(session, shelf, by, number)
    table = shelf.table_of(session, by, found.table_id)
    return Seen(found, table, order_of(found), is_cut_off(found, at))


def recent(session: Session, shelf: Shelf, by: Actor, table_id: int) -> Sequence[Upload]:
    """Return the actor's latest imports of a table."""
    kept = shelf.uploads
    wanted = select(kept).where(kept.table_id == table_id, kept.user_id == by.user_id)
    return session.scalars(wanted.order_by(kept.id.desc()).limit(RECENT)).all()


def order_of(found: Upload) -> Order:
    """Return what is to be done with the file."""
    return Order.from_json(json.loads(found.options))


def is_cut_off(found: Upload, at: datetime) -> bool:
    """Whether a run should long be done."""
    if found.state != ImportState.RUNNING:
        return False
    return found.started_at is None or at - found.started_at > GIVEN_UP_AFTER


def content_of(session: Session, shelf: Shelf, by: Actor, number: int) -> bytes:
    """Return the file; FileGone once it is stored."""
    found = import_of(session, shelf, by, number)
    if found.content is None:
        raise FileGone
    return zlib.decompressobj().decompress(found.content, MAX_BYTES + 1)


def report_of(session: Session, shelf: Shelf, by: Actor, number: int) -> Report:
    """Return what was found wrong."""
    found = import_of(session, shelf, by, number)
    return Report.from_json(json.loads(found.report or "{}"))


def choices(session: Session, shelf: Shelf, table_id: int, order: Order, today: date) -> Choices:
    """Return what publishing for the order's days does to the other editions."""
    standing = [window_of(one) for one in shelf.published(session, table_id)]
    plain, replacing = (
        effects_of(standing, order.period, today, replacing=how) for how in (False, True)
    )
    return Choices(plain, replacing)


def owner_of(session: Session, shelf: Shelf, number: int) -> Actor:
    """Return whose import it is, with what the profile allows now."""
    found = session.get(shelf.uploads, number)
    if found is None or found.user_id is None:
        raise NoSuchImport(number)
    order = order_of(found)
    origin = From(order.address, order.request_id)
    if (owner := actor_of_user(session, found.user_id, origin=origin)) is None:
        raise NoSuchImport(number)
    return owner
