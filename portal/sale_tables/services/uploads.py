"""A file of sale prices is kept until it is stored, read in another manner, or grows old."""

import json
import zlib
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.periods import Period
from portal.price_imports.errors import ImportBusy
from portal.price_imports.rules.settings import Reading
from portal.price_imports.services.uploads import KEPT_FOR, MAX_PACKED_BYTES
from portal.pricing.rules.windows import check_period
from portal.pricing.services.guards import need
from portal.sale_tables.models import SaleImport
from portal.sale_tables.queries.imports import import_of
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules.sheet import CheckedSheet
from portal.sale_tables.services.importing import Imported, WantedSales, import_sales
from portal.sheets.refusals import FileTooLarge


def keep_file(
    session: Session,
    table_id: int,
    *,
    file_name: str,
    content: bytes,
    reading: Reading,
    period: Period,
    by: Actor,
    at: datetime,
) -> SaleImport:
    """Keep a file until it is stored, packed."""
    need(by, "sale_prices.edit")
    table = table_of(session, by, table_id)
    days = check_period(period)
    old = delete(SaleImport).where(SaleImport.created_at < at - KEPT_FOR)
    session.execute(old, execution_options={"synchronize_session": False})
    packed = zlib.compress(content, 1)
    if len(packed) > MAX_PACKED_BYTES:
        raise FileTooLarge(limit=MAX_PACKED_BYTES // 1_000_000)
    kept = SaleImport(
        sale_table_id=table.id,
        user_id=by.user_id,
        file_name=file_name[-200:],
        content=packed,
        reading=json.dumps(reading.as_json()),
        valid_from=days.start,
        valid_until=days.end,
        created_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def read_file_anew(
    session: Session, number: int, reading: Reading, period: Period, *, by: Actor
) -> None:
    """Read a file in another manner, or for other days."""
    found = import_of(session, by, number)
    days = check_period(period)
    found.reading = json.dumps(reading.as_json())
    found.valid_from, found.valid_until = days.start, days.end
    session.flush()


def store_file(
    session: Session,
    number: int,
    checked: CheckedSheet,
    wanted: WantedSales,
    *,
    by: Actor,
    at: datetime,
) -> Imported:
    """Make a file an edition, and let go of it, in one transaction."""
    table_id = import_of(session, by, number).sale_table_id
    gone = session.execute(
        delete(SaleImport).where(SaleImport.id == number),
        execution_options={"synchronize_session": False},
    )
    if gone.rowcount != 1:  # type: ignore[attr-defined] # a DELETE's result counts its rows
        raise ImportBusy  # somebody else stored it a moment before
    return import_sales(session, table_id, checked, wanted, by=by, at=at)
