"""Lists of prices from other systems: one request, stored whole or not at all."""

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portal.actors import Actor
from portal.clock import now
from portal.periods import Period
from portal.price_imports import services
from portal.price_imports.errors import ImportRefused, Rehearsed
from portal.price_imports.forms.answers import (
    ROOM_FOR_FIELDS,
    ImportOut,
    ListIn,
    refused_answer,
    stored_answer,
    tried_answer,
)
from portal.price_imports.rules.checking import Checked
from portal.price_imports.services import Wanted
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.tables import takes_percentages
from portal.sheets.limits import MAX_BYTES
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, Endpoints, Upload

api = Endpoints("price_imports", __name__)


class ImportIn(ListIn):
    """What a list of acquisition prices is to become."""

    create_products: bool = False


@api.post(
    "/price-tables/<int:table_id>/editions/import",
    permission="prices.edit",
    upload=Upload(max_bytes=MAX_BYTES + ROOM_FOR_FIELDS),
    body=ImportIn,
    answer=ImportOut,
    status=201,
    errors=(404, 409),
    also=(200,),
    summary="Import an edition from a CSV or XLSX file",
)
def import_edition(table_id: int, body: ImportIn, file: FileStorage) -> Answer:
    """All rows or none. With `dry_run` nothing is stored and the answer is 200, errors or not.

    Otherwise any error is 422 with the same members. At most 1,000 errors are listed,
    `errors_found` counts them all; `created` is the number of new products.
    """
    by = actor()
    percentages = read(_percentages, by, table_id)
    name = file.filename or ""
    opened = services.open_file(name, file.read(), body.reading)
    checked = services.check_file(opened, percentages=percentages)
    run = _tried if body.dry_run else _stored
    try:
        return run(table_id, checked, _wanted(body, name), percentages=percentages, by=by)
    except ImportRefused as refusal:
        return refused_answer(refusal, dry_run=body.dry_run)


def _stored(
    table_id: int, checked: Checked, wanted: Wanted, *, percentages: bool, by: Actor
) -> Answer:
    done = transact(
        services.import_prices, table_id, checked, wanted, percentages=percentages, by=by, at=now()
    )
    return stored_answer(done.report, done.edition.id)


def _tried(
    table_id: int, checked: Checked, wanted: Wanted, *, percentages: bool, by: Actor
) -> Answer:
    try:
        transact(
            services.rehearse,
            services.ACQUISITION,
            table_id,
            checked,
            wanted,
            facts=percentages,
            by=by,
            at=now(),
        )
    except Rehearsed as done:
        report = done.report
    return tried_answer(report)


def _percentages(session: Session, by: Actor, table_id: int) -> bool:
    return takes_percentages(table_of(session, by, table_id).calculation)


def _wanted(body: ImportIn, file_name: str) -> Wanted:
    return Wanted(
        Period(body.valid_from, body.valid_until),
        publish=body.publish,
        replace=body.replace,
        reason=body.reason,
        create_products=body.create_products,
        file_name=file_name[:200],
    )
