"""Reading imports: everybody sees their own, and nobody else's."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.people.models import User
from portal.people.rules.permissions import as_set
from portal.price_imports.errors import FileGone, NoSuchImport
from portal.price_imports.errors.report import Report
from portal.price_imports.models import ImportState, PriceImport
from portal.price_imports.rules.effects import Effects, effects_of
from portal.price_imports.rules.orders import Order
from portal.pricing.models import PriceTable
from portal.pricing.queries.editions import published_editions
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.windows import window_of
from portal.sheets.limits import MAX_BYTES

GIVEN_UP_AFTER = timedelta(minutes=10)
"""A run that is not done by then was cut off: it may be begun again."""
RECENT = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """An import as its page shows it."""

    found: PriceImport
    table: PriceTable
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


def import_of(session: Session, by: Actor, number: int) -> PriceImport:
    """Return one of the actor's own imports; NoSuchImport for any other."""
    wanted = select(PriceImport).where(PriceImport.id == number, PriceImport.user_id == by.user_id)
    if by.user_id is None or (found := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchImport(number)
    return found


def seen(session: Session, by: Actor, number: int, at: datetime) -> Seen:
    """Return an import with its table."""
    found = import_of(session, by, number)
    table = table_of(session, by, found.price_table_id)
    return Seen(found, table, order_of(found), is_cut_off(found, at))


def recent(session: Session, by: Actor, table_id: int) -> Sequence[PriceImport]:
    """Return the actor's latest imports of a table."""
    wanted = select(PriceImport).where(
        PriceImport.price_table_id == table_id, PriceImport.user_id == by.user_id
    )
    return session.scalars(wanted.order_by(PriceImport.id.desc()).limit(RECENT)).all()


def order_of(found: PriceImport) -> Order:
    """Return what is to be done with the file."""
    return Order.from_json(json.loads(found.options))


def is_cut_off(found: PriceImport, at: datetime) -> bool:
    """Whether a run should long be done."""
    if found.state != ImportState.RUNNING:
        return False
    return found.started_at is None or at - found.started_at > GIVEN_UP_AFTER


def content_of(session: Session, by: Actor, number: int) -> bytes:
    """Return the file; FileGone once it is stored."""
    found = import_of(session, by, number)
    if found.content is None:
        raise FileGone
    return zlib.decompressobj().decompress(found.content, MAX_BYTES + 1)


def report_of(session: Session, by: Actor, number: int) -> Report:
    """Return what was found wrong."""
    found = import_of(session, by, number)
    return Report.from_json(json.loads(found.report or "{}"))


def choices(session: Session, table_id: int, order: Order, today: date) -> Choices:
    """Return what publishing for the order's days does to the other editions."""
    standing = [window_of(one) for one in published_editions(session, table_id)]
    plain, replacing = (
        effects_of(standing, order.period, today, replacing=how) for how in (False, True)
    )
    return Choices(plain, replacing)


def owner_of(session: Session, number: int) -> Actor:
    """Return whose import it is, with what the profile allows now."""
    found = session.get(PriceImport, number)
    user = session.get(User, found.user_id) if found is not None else None
    if found is None or user is None or not user.active or not user.profile.headquarters:
        raise NoSuchImport(number)
    order = order_of(found)
    who = Actor(
        user_id=user.id,
        email=user.email,
        name=user.name,
        profile_name=user.profile.name,
        headquarters=True,
        permissions=as_set(user.profile.permissions),
    )
    return replace(who, address=order.address, request_id=order.request_id)
