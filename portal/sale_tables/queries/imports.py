"""Reading files of sale prices that wait to be stored: everybody sees their own."""

import json
import zlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.price_imports.errors import NoSuchImport
from portal.price_imports.rules.settings import Reading
from portal.sale_tables.models import SaleImport, SaleTable
from portal.sale_tables.queries.tables import table_of
from portal.sheets.limits import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file with its table, and how it is read."""

    found: SaleImport
    table: SaleTable
    reading: Reading
    content: bytes


def import_of(session: Session, by: Actor, number: int) -> SaleImport:
    """Return one of the actor's own imports; NoSuchImport for any other."""
    wanted = select(SaleImport).where(SaleImport.id == number, SaleImport.user_id == by.user_id)
    if by.user_id is None or (found := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchImport(number)
    return found


def waiting(session: Session, by: Actor, number: int) -> Waiting:
    """Return a file that waits, with all that its page shows of it."""
    found = import_of(session, by, number)
    content = zlib.decompressobj().decompress(found.content, MAX_BYTES + 1)
    table = table_of(session, by, found.sale_table_id)
    return Waiting(found, table, Reading.from_json(json.loads(found.reading)), content)
