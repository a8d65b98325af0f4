"""Which price tables a service point uses."""

from typing import Any, cast

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.partners.queries import service_point_of
from portal.periods import Period
from portal.pricing import services
from portal.pricing.api.door import api
from portal.pricing.api.shapes import (
    AssignmentIn,
    AssignmentOut,
    AssignmentsIn,
    AssignmentsOut,
    Kind,
)
from portal.pricing.models import PriceAssignment
from portal.pricing.queries.assignments import assignments_of
from portal.pricing.rules.assignments import NewAssignment
from portal.pricing.services import Given
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, expected_version


@api.get(
    "/service-points/<code>/price-assignments",
    permission="prices.view",
    answer=AssignmentsOut,
    summary="Read which price tables a service point uses",
)
def read_assignments(code: str) -> Any:
    """Past, present and future ones, by their first day."""
    return _answer(read(_given, actor(), code))


@api.put(
    "/service-points/<code>/price-assignments",
    permission="assignments.edit",
    body=AssignmentsIn,
    answer=AssignmentsOut,
    errors=(409, 412),
    summary="Say which price tables a service point uses",
)
def replace_assignments(code: str, body: AssignmentsIn) -> Any:
    """All of them at once. On one day either own tables or general ones, one per issuer and one
    without; what has begun stays as it was before today, unless permission and `reason` allow it.
    """
    return _answer(
        transact(
            services.set_assignments,
            code,
            [_assignment(item) for item in body.items],
            by=actor(),
            at=now(),
            reason=body.reason,
            version=expected_version(),
        )
    )


def _given(session: Session, by: Actor, code: str) -> Given:
    point = service_point_of(session, by, code)
    return Given(point, assignments_of(session, point.id))


def _assignment(sent: AssignmentIn) -> NewAssignment:
    return NewAssignment(sent.mode, Period(sent.valid_from, sent.valid_until), sent.price_table)


def _answer(given: Given) -> Answer:
    body = AssignmentsOut(
        service_point=given.point.code, items=[_shown(one) for one in given.assignments]
    )
    return Answer(body, etag=given.point.version)


def _shown(assignment: PriceAssignment) -> AssignmentOut:
    return AssignmentOut(
        id=assignment.id,
        mode=cast(Kind, assignment.mode),
        price_table=assignment.price_table_id,
        valid_from=assignment.valid_from,
        valid_until=assignment.valid_until,
    )
