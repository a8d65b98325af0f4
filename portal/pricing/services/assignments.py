"""Which tables a service point uses, from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.catalogue.services import touch_offers
from portal.clock import day_of
from portal.errors import Invalid, Problem
from portal.i18n import N_
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.periods import FOREVER, Period
from portal.pricing.errors import HeadquartersOnly
from portal.pricing.models import PriceAssignment, TableKind
from portal.pricing.queries.assignments import as_given, assignments_of
from portal.pricing.queries.tables import tables_by_id
from portal.pricing.rules.assignments import NewAssignment, check_assignments, rewrites_past
from portal.pricing.services.guards import allow_past, check_version, hold, need, told


@dataclass(frozen=True, slots=True)
class Given:
    """What a change of assignments left: the service point and what it uses."""

    point: ServicePoint
    assignments: Sequence[PriceAssignment]


def set_assignments(
    session: Session,
    code: str,
    items: Sequence[NewAssignment],
    *,
    by: Actor,
    at: datetime,
    reason: str | None = None,
    version: int | None = None,
) -> Given:
    """Let a service point use these tables on these days, and no others.

    What has begun stays as it was before today, unless who asks may change the past and says why.
    """
    point = _locked(session, by, code, version)
    wanted = _named(session, items)
    check_assignments(wanted)
    stored = assignments_of(session, point.id)
    before = [as_given(assignment) for assignment in stored]
    if rewrites_past(before, wanted, day_of(at)):
        allow_past(by, "assignments.change_past", reason)
    _store(session, point, stored, wanted, by=by, at=at)
    record(
        session,
        by=by,
        action="assignments.changed",
        entity=("service_point", point.id),
        at=at,
        service_point_id=point.id,
        before={"items": [item.facts for item in before]},
        after={"items": [item.facts for item in wanted]},
        reason=told(reason),
    )
    touch_offers(session)
    return Given(point, assignments_of(session, point.id))


def _locked(session: Session, by: Actor, code: str, version: int | None) -> ServicePoint:
    """Return the service point, whose assignments nobody else changes until the end."""
    point = service_point_of(session, by, code)
    if not by.headquarters:
        raise HeadquartersOnly
    need(by, "assignments.edit")
    hold(session, ServicePoint, point.id)
    session.refresh(point)
    check_version(point.version - 1, version)
    return point


def _named(session: Session, items: Sequence[NewAssignment]) -> list[NewAssignment]:
    """Return the items with the facts of their tables; Invalid names those without one."""
    tables = tables_by_id(session, [item.price_table_id for item in items])
    found: list[NewAssignment] = []
    problems: list[Problem] = []
    for at, item in enumerate(items):
        table = tables.get(item.price_table_id or 0)
        if item.price_table_id is not None and (table is None or table.kind != TableKind.GENERAL):
            text = N_("Choose a general price table.")
            problems.append(Problem(f"items[{at}].price_table", "invalid", text))
        elif table is not None:
            item = replace(item, table_name=table.name, issuer_id=table.issuer_id)
        found.append(replace(item, period=_days(item.period)))
    if problems:
        raise Invalid(problems=tuple(problems))
    return found


def _days(period: Period) -> Period:
    return Period(period.start, None if period.end == FOREVER else period.end)


def _store(
    session: Session,
    point: ServicePoint,
    stored: Sequence[PriceAssignment],
    wanted: Sequence[NewAssignment],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Keep the rows that stay, move ends, add and remove the others."""
    left = {_key(as_given(row)): row for row in stored}
    for item in wanted:
        row = left.pop(_key(item), None)
        if row is None:
            session.add(_new(point, item, by, at))
        elif row.valid_until != item.period.end:
            row.valid_until = item.period.end
    for row in left.values():
        session.delete(row)
    session.flush()


def _new(point: ServicePoint, item: NewAssignment, by: Actor, at: datetime) -> PriceAssignment:
    return PriceAssignment(
        service_point_id=point.id,
        mode=item.mode,
        price_table_id=item.price_table_id,
        valid_from=item.period.start,
        valid_until=item.period.end,
        created_at=at,
        created_by=by.user_id,
    )


def _key(item: NewAssignment) -> tuple[str, int | None, date]:
    return *item.subject, item.period.start
