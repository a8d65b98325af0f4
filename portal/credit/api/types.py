"""Credit types: what credit is counted in."""

from typing import Any

from portal.clock import now
from portal.credit import services
from portal.credit.api.door import api
from portal.credit.api.shapes import TypeIn, TypeOut, TypesOut, TypesQuery
from portal.credit.models import CreditType
from portal.credit.queries.accounts import credit_types
from portal.errors import Forbidden
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.lists import api_page


@api.get(
    "/credit-types",
    permission="costs.view",
    query=TypesQuery,
    answer=TypesOut,
    summary="List credit types",
)
def list_credit_types(query: TypesQuery) -> Any:
    """`BRL` is there from the start."""
    return read(
        api_page,
        credit_types(),
        _shown,
        order=(CreditType.id,),
        cursor=query.cursor,
        limit=query.limit,
    )


@api.post(
    "/credit-types",
    permission="credit.grant",
    body=TypeIn,
    answer=TypeOut,
    status=201,
    errors=(409,),
    summary="Add a credit type",
)
def create_credit_type(body: TypeIn) -> Any:
    """Of headquarters alone; a taken code is 409 `already_exists`."""
    by = actor()
    if not by.headquarters:
        raise Forbidden
    new = services.NewType(body.code, body.name, body.scale, body.unit_value)
    return _shown(transact(services.create_type, new, by=by, at=now()))


def _shown(kind: CreditType) -> TypeOut:
    return TypeOut(
        id=kind.id,
        code=kind.code,
        name=kind.name,
        scale=kind.scale,
        unit_value=kind.unit_value,
    )
