"""What systems send beside a list of prices, and what they are told of it."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import model_validator

from portal.errors import Problem
from portal.price_imports.errors import ImportRefused
from portal.price_imports.errors.report import LISTED_ERRORS, Report, RowError
from portal.price_imports.rules.settings import Reading
from portal.pricing.services.guards import REASON_LENGTH
from portal.sheets.figures import COMMA, POINT
from portal.web.answers import Answer
from portal.web.problems import PROBLEM_JSON, document, explain_problem
from portal.web.shapes import Day, Query, Shape, Text

ROOM_FOR_FIELDS = 100_000
"""Bytes beside the file."""
_MARKS = {"comma": COMMA, "point": POINT, None: None}


class ListIn(Query):
    """What a list is to become. Fields that are sent empty count as not sent."""

    valid_from: Day
    valid_until: Day | None = None
    dry_run: bool = False
    publish: bool = False
    replace: bool = False
    reason: Annotated[str, Text(REASON_LENGTH, 0)] | None = None
    decimal: Literal["comma", "point"] | None = None
    """The mark before the decimals, where the file does not tell."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, sent: Any) -> Any:
        return {name: text for name, text in sent.items() if text != ""}

    @property
    def reading(self) -> Reading:
        """How the file is read, as far as it was told."""
        return Reading(decimal=_MARKS[self.decimal])


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


def stored_answer(report: Report, edition_id: int) -> Answer:
    """Answer that a list is stored."""
    return Answer(_body(report) | {"edition": edition_id})


def tried_answer(report: Report) -> Answer:
    """Answer that a list would be stored."""
    return Answer(_body(report), status=HTTPStatus.OK)


def refused_answer(refusal: ImportRefused, *, dry_run: bool) -> Answer:
    """Answer with all that is wrong; for a trial that is what was asked."""
    body = _body(refusal.report)
    if dry_run:
        return Answer(body, status=HTTPStatus.OK)
    problem = document(refusal, sees_costs=True) | body | {"created": 0}
    return Answer(problem, status=refusal.status, headers={"Content-Type": PROBLEM_JSON})


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
