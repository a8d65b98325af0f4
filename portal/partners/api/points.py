"""Service points."""

from typing import Any, cast

from portal.actors import Actor
from portal.clock import now
from portal.partners import queries, services
from portal.partners.api.door import api
from portal.partners.api.shapes import (
    Collector,
    SalePolicyOut,
    ServicePointIn,
    ServicePointList,
    ServicePointOut,
    ServicePointPatch,
    ServicePointQuery,
    ShopOut,
)
from portal.partners.models import ServicePoint
from portal.partners.rules import PointChanges, PointFacts, SalePolicy, Shop
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, expected_version
from portal.web.paging import page_of


@api.get(
    "/service-points",
    permission="partners.view",
    query=ServicePointQuery,
    answer=ServicePointList,
    summary="List service points",
)
def list_service_points(query: ServicePointQuery) -> Any:
    """One's own; `q` looks for words in name and code, and for a tax id."""
    by = actor()
    wanted = queries.service_points(
        by,
        search=query.q,
        active=query.active,
        collects=query.collects or "",
        credit_policy=query.credit_policy,
    )
    page = read(page_of, wanted, order=(ServicePoint.id,), cursor=query.cursor, limit=query.limit)
    return ServicePointList(items=[shown(point, by) for point in page.items], next=page.next)


@api.post(
    "/service-points",
    permission="partners.edit",
    body=ServicePointIn,
    answer=ServicePointOut,
    status=201,
    errors=(409,),
    summary="Put a service point on file",
)
def create_service_point(body: ServicePointIn) -> Any:
    """Its BRL account opens with it. A taken code or shop address is 409 `already_exists`."""
    sent = body.model_dump()
    policy, shop = SalePolicy(**sent.pop("sale_policy")), sent.pop("shop")
    facts = PointFacts(**sent, sale_policy=policy, shop=Shop(**shop) if shop else None)
    by = actor()
    return _point(transact(services.create_service_point, facts, by=by, at=now()), by)


@api.get(
    "/service-points/<code>",
    permission="partners.view",
    answer=ServicePointOut,
    summary="Read a service point",
)
def read_service_point(code: str) -> Any:
    """Another's service point is 404."""
    by = actor()
    return _point(read(queries.service_point_of, by, code), by)


@api.patch(
    "/service-points/<code>",
    permission="partners.edit",
    body=ServicePointPatch,
    answer=ServicePointOut,
    errors=(409, 412),
    summary="Change a service point",
)
def change_service_point(code: str, body: ServicePointPatch) -> Any:
    """Only what is sent changes, inside `sale_policy` and `shop` too; `shop` null ends it."""
    by, seen = actor(), expected_version()
    changes = cast(PointChanges, body.model_dump(exclude_unset=True))
    changed = transact(
        services.change_service_point, code, changes, by=by, at=now(), version=seen, as_sent=True
    )
    return _point(changed, by)


def shown(point: ServicePoint, by: Actor) -> ServicePointOut:
    """Return a service point as the API writes it for this reader."""
    costly: dict[str, Any] = {}
    if by.sees_costs:
        costly["low_balance_threshold"] = point.low_balance_threshold
        costly["credit_policy"] = point.credit_policy.code if point.credit_policy else None
    return ServicePointOut(
        id=point.id,
        code=point.code,
        name=point.name,
        tax_id=point.tax_id,
        sale_policy=_sale_policy(point),
        debt_enabled=point.debt_enabled,
        collects=cast(Collector, point.collects),
        shop=ShopOut(slug=point.shop_slug, enabled=point.shop_enabled) if point.shop_slug else None,
        active=point.active,
        created_at=point.created_at,
        **costly,
    )


def _sale_policy(point: ServicePoint) -> SalePolicyOut:
    return SalePolicyOut(
        max_discount_percent=point.max_discount_percent,
        max_surcharge_percent=point.max_surcharge_percent,
        may_edit_final_price=point.may_edit_final_price,
    )


def _point(point: ServicePoint, by: Actor) -> Answer:
    return Answer(shown(point, by), etag=point.version)
