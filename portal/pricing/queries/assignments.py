"""Which tables service points use, from when to when."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pricing.models import PriceAssignment, PriceTable
from portal.pricing.rules.assignments import NewAssignment


def assignments_of(session: Session, service_point_id: int) -> Sequence[PriceAssignment]:
    """Return a service point's assignments by their first day."""
    wanted = (
        select(PriceAssignment)
        .where(PriceAssignment.service_point_id == service_point_id)
        .order_by(PriceAssignment.valid_from, PriceAssignment.id)
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).all()


def as_given(assignment: PriceAssignment) -> NewAssignment:
    """Return a stored assignment in the shape in which rules compare them."""
    table: PriceTable | None = assignment.price_table
    return NewAssignment(
        assignment.mode,
        assignment.period,
        assignment.price_table_id,
        table.name if table else "",
        table.issuer_id if table else None,
    )


def begun(assignment: PriceAssignment, today: date) -> bool:
    """Whether an assignment has begun."""
    return assignment.valid_from <= today
