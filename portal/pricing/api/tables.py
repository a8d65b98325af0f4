"""Price tables."""

from typing import Any, cast

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.errors import NoSuchIssuer
from portal.catalogue.queries import issuer_of
from portal.clock import now
from portal.errors import invalid
from portal.i18n import N_
from portal.partners.errors import NoSuchServicePoint
from portal.partners.queries import service_point_of
from portal.pricing import services
from portal.pricing.api.door import api
from portal.pricing.api.shapes import (
    CalculationIn,
    CalculationOut,
    How,
    Kind,
    TableIn,
    TableList,
    TableOut,
    TablePatch,
    TableQuery,
)
from portal.pricing.models import Calculation, PriceTable
from portal.pricing.queries.tables import listed_tables, table_of
from portal.pricing.rules.tables import HowCalculated
from portal.pricing.services import NewTable, TableChanges
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, expected_version
from portal.web.paging import page_of


@api.get(
    "/price-tables",
    permission="prices.view",
    query=TableQuery,
    answer=TableList,
    summary="List price tables",
)
def list_tables(query: TableQuery) -> Any:
    """`q` looks for words in the name; `issuer` and `service_point` are codes."""
    wanted = listed_tables(
        actor(),
        search=query.q,
        kind=query.kind or "",
        service_point=query.service_point or "",
        issuer=query.issuer or "",
    )
    page = read(page_of, wanted, order=(PriceTable.id,), cursor=query.cursor, limit=query.limit)
    return TableList(items=[shown(table) for table in page.items], next=page.next)


@api.post(
    "/price-tables",
    permission="prices.edit",
    body=TableIn,
    answer=TableOut,
    status=201,
    errors=(409,),
    summary="Put a price table on file",
)
def create_table(body: TableIn) -> Any:
    """A second own table of a service point and issuer is 409 `already_exists`."""
    return _table(transact(_create, body, actor()))


@api.get(
    "/price-tables/<int:table_id>",
    permission="prices.view",
    answer=TableOut,
    summary="Read a price table",
)
def read_table(table_id: int) -> Any:
    """Another service point's own table is 404."""
    return _table(read(table_of, actor(), table_id))


@api.patch(
    "/price-tables/<int:table_id>",
    permission="prices.edit",
    body=TablePatch,
    answer=TableOut,
    errors=(409, 412),
    summary="Change a price table",
)
def change_table(table_id: int, body: TablePatch) -> Any:
    """Another calculation of days in the past needs permission and a `reason`."""
    changes: TableChanges = {}
    if "name" in body.model_fields_set:
        changes["name"] = body.name
    if "calculation" in body.model_fields_set:
        changes["calculation"] = _how(body.calculation)
    changed = transact(
        services.change_table,
        table_id,
        changes,
        by=actor(),
        at=now(),
        reason=body.reason,
        version=expected_version(),
    )
    return _table(changed)


def shown(table: PriceTable) -> TableOut:
    """Return a price table as the API writes it."""
    return TableOut(
        id=table.id,
        name=table.name,
        kind=cast(Kind, table.kind),
        service_point=table.service_point.code if table.service_point else None,
        issuer=table.issuer.code if table.issuer else None,
        calculation=_calculation(table),
        created_at=table.created_at,
    )


def _create(session: Session, body: TableIn, by: Actor) -> PriceTable:
    facts = NewTable(
        name=body.name,
        kind=body.kind,
        service_point_id=_point_id(session, by, body.service_point),
        issuer_id=_issuer_id(session, body.issuer),
        calculation=_how(body.calculation),
    )
    table = services.create_table(session, facts, by=by, at=now())
    session.refresh(table)
    return table


def _point_id(session: Session, by: Actor, code: str | None) -> int | None:
    if code is None:
        return None
    try:
        return service_point_of(session, by, code).id
    except NoSuchServicePoint:
        text = N_("There is no service point with this code.")
        raise invalid("service_point", text, "unknown_service_point") from None


def _issuer_id(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    try:
        return issuer_of(session, code).id
    except NoSuchIssuer:
        text = N_("There is no issuer with this code.")
        raise invalid("issuer", text, "unknown_issuer") from None


def _how(sent: CalculationIn) -> HowCalculated:
    return HowCalculated(
        sent.type, sent.base_table, sent.percent, sent.rounding_step, sent.rounding_ending
    )


def _calculation(table: PriceTable) -> CalculationOut:
    kind = cast(How, table.calculation)
    if table.calculation != Calculation.ADJUSTED:
        return CalculationOut(type=kind)
    given: dict[str, Any] = {
        "base_table": table.base_table_id,
        "percent": table.percent,
        "rounding_step": table.rounding_step,
        "rounding_ending": table.rounding_ending,
    }
    return CalculationOut(
        type=kind, **{name: one for name, one in given.items() if one is not None}
    )


def _table(table: PriceTable) -> Answer:
    return Answer(shown(table), etag=table.version)
