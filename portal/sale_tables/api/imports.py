"""Lists of sale prices from other systems: one request, stored whole or not at all."""

from werkzeug.datastructures import FileStorage

from portal.actors import Actor
from portal.clock import now
from portal.periods import Period
from portal.price_imports.errors import ImportRefused, Rehearsed
from portal.price_imports.forms.answers import (
    ROOM_FOR_FIELDS,
    ImportOut,
    ListIn,
    refused_answer,
    stored_answer,
    tried_answer,
)
from portal.price_imports.services import Wanted
from portal.price_imports.services.lists import rehearse
from portal.sale_tables import services
from portal.sale_tables.api.door import api
from portal.sale_tables.forms.guarding import transact
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules.sheet import CheckedSheet
from portal.sale_tables.services.lists import SALE_LISTS
from portal.sheets.limits import MAX_BYTES
from portal.transactions import read
from portal.web.access import actor
from portal.web.endpoint import Answer, Upload


@api.post(
    "/sale-tables/<int:table_id>/editions/import",
    permission="sale_prices.edit",
    upload=Upload(max_bytes=MAX_BYTES + ROOM_FOR_FIELDS),
    body=ListIn,
    answer=ImportOut,
    status=201,
    errors=(404, 409, 429),
    also=(200,),
    summary="Import a sale edition from a CSV or XLSX file",
)
def import_sale_edition(table_id: int, body: ListIn, file: FileStorage) -> Answer:
    """All rows or none. With `dry_run` nothing is stored and the answer is 200, errors or not.

    Otherwise any error is 422 with the same members. At most 1,000 errors are listed,
    `errors_found` counts them all. Products are never created: `created` is 0.
    """
    by = actor()
    read(table_of, by, table_id)
    name = file.filename or ""
    checked = services.check_sales(services.open_sales(name, file.read(), body.reading))
    wanted = Wanted(
        Period(body.valid_from, body.valid_until),
        publish=body.publish,
        replace=body.replace,
        reason=body.reason,
        file_name=name[:200],
    )
    run = _tried if body.dry_run else _stored
    try:
        return run(table_id, checked, wanted, by)
    except ImportRefused as refusal:
        return refused_answer(refusal, dry_run=body.dry_run)


def _stored(table_id: int, checked: CheckedSheet, wanted: Wanted, by: Actor) -> Answer:
    done = transact(services.import_sales, table_id, checked, wanted, by=by, at=now())
    return stored_answer(done.report, done.edition.id)


def _tried(table_id: int, checked: CheckedSheet, wanted: Wanted, by: Actor) -> Answer:
    try:
        transact(rehearse, SALE_LISTS, table_id, checked, wanted, facts=None, by=by, at=now())
    except Rehearsed as done:
        report = done.report
    return tried_answer(report)
