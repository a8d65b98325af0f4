"""Lists of prices from other systems: one request, stored whole or not at all."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import model_validator
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portal.actors import Actor
from portal.clock import now
from portal.errors import Problem
from portal.periods import Period
from portal.price_imports import services
from portal.price_imports.errors import ImportRefused, Rehearsed
from portal.price_imports.errors.report import LISTED_ERRORS, Report, RowError
from portal.price_imports.rules.checking import Checked
from portal.price_imports.rules.settings import Reading
from portal.price_imports.services import Wanted
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.services.guards import REASON_LENGTH
from portal.sheets.figures import COMMA, POINT
from portal.sheets.limits import MAX_BYTES
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, Endpoints, Upload
from portal.web.problems import PROBLEM_JSON, document, explain_problem
from portal.web.shapes import Day, Query, Shape, Text

api = Endpoints("price_imports", __name__)
_ROOM_FOR_FIELDS = 100_000


class ImportIn(Query):
    """What a list is to become. Fields that are sent empty count as not sent."""

    valid_from: Day
    valid_until: Day | None = None
    dry_run: bool = False
    publish: bool = False
    replace: bool = False
    reason: Annotated[str, Text(REASON_LENGTH, 0)] | None = None
    create_products: bool = False
    decimal: Literal["comma", "point"] | None = None
    """The mark before the decimals, where the file does not tell."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, sent: Any) -> Any:
        return {name: text for name, text in sent.items() if text != ""}


class ErrorOut(Shape):
    """What is wrong with a cell; the row as a spreadsheet counts it."""

    row: int
    field: str
    code: str
    message: str


class ImportOut(Shape):
    """What came of a list."""

    rows: int
    created: int
    errors: list[ErrorOut]
    errors_found: int
    edition: int | None = None


@api.post(
    "/price-tables/<int:table_id>/editions/import",
    permission="prices.edit",
    upload=Upload(max_bytes=MAX_BYTES + _ROOM_FOR_FIELDS),
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
    marks = {"comma": COMMA, "point": POINT, None: None}
    opened = services.open_file(name, file.read(), Reading(decimal=marks[body.decimal]))
    checked = services.check_file(opened, percentages=percentages)
    run = _tried if body.dry_run else _stored
    try:
        return run(table_id, checked, _wanted(body, name), percentages=percentages, by=by)
    except ImportRefused as refusal:
        return _refused(refusal, dry_run=body.dry_run)


def _stored(
    table_id: int, checked: Checked, wanted: Wanted, *, percentages: bool, by: Actor
) -> Answer:
    done = transact(
        services.import_prices, table_id, checked, wanted, percentages=percentages, by=by, at=now()
    )
    return Answer(_body(done.report) | {"edition": done.edition.id})


def _tried(
    table_id: int, checked: Checked, wanted: Wanted, *, percentages: bool, by: Actor
) -> Answer:
    try:
        transact(
            services.rehearse, table_id, checked, wanted, percentages=percentages, by=by, at=now()
        )
    except Rehearsed as done:
        report = done.report
    return Answer(_body(report), status=HTTPStatus.OK)


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


def _body(report: Report) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "created": report.created,
        "errors": [_shown(error) for error in report.errors[:LISTED_ERRORS]],
        "errors_found": report.error_count,
    }


def _shown(error: RowError) -> dict[str, Any]:
    problem = Problem(error.field, error.code, error.text, dict(error.facts))
    message = explain_problem(problem)
    return {"row": error.row, "field": error.field, "code": error.code, "message": message}


def _refused(refusal: ImportRefused, *, dry_run: bool) -> Answer:
    body = _body(refusal.report)
    if dry_run:
        return Answer(body, status=HTTPStatus.OK)
    problem = document(refusal, sees_costs=True) | body | {"created": 0}
    return Answer(problem, status=refusal.status, headers={"Content-Type": PROBLEM_JSON})
