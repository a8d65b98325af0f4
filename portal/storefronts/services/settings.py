"""What a service point decides about its shop: texts and looks, its address, whether it is open."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import difference
from portal.audit.services import record
from portal.catalogue.models import Issuer
from portal.catalogue.queries import product_of
from portal.catalogue.services import touch_offers
from portal.db import is_duplicate
from portal.errors import Forbidden, PreconditionFailed
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.partners.services import change_service_point
from portal.storefronts.errors.admin import ShopNotReady, UnknownIssuerOfShop
from portal.storefronts.models import Shop, ShopProduct
from portal.storefronts.queries.admin.shops import missing_to_open
from portal.storefronts.rules.admin.opening import NEEDS
from portal.storefronts.rules.admin.settings import (
    ShopFacts,
    clean,
    clean_words,
    facts_of,
    filled,
    record_of,
)

PERMISSION = "shop.edit"


def check_may_run(by: Actor) -> None:
    """Refuse whoever does not run shops."""
    if not by.may(PERMISSION):
        raise Forbidden


def change_shop(
    session: Session,
    code: str,
    facts: ShopFacts,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Shop | None:
    """Change what a shop says and how it looks; `version` is what was seen, 0 for none yet."""
    check_may_run(by)
    point = service_point_of(session, by, code)
    shop = _held(session, point)
    if version is not None and version != (shop.version if shop else 0):
        raise PreconditionFailed
    facts = clean(facts)
    issuer = _issuer_named(session, facts.issuer)
    old = facts_of(shop, _issuer_code(session, shop))
    before, after = difference(record_of(old), record_of(facts))
    if not after:
        return shop
    shop = filled(shop or Shop(service_point_id=point.id, version=0), facts, issuer)
    shop.version, shop.updated_at = shop.version + 1, at
    session.add(shop)
    _flush_alone(session)
    record(
        session,
        by=by,
        action="shop.updated",
        entity=("shop", point.id),
        at=at,
        service_point_id=point.id,
        before=before,
        after=after,
    )
    touch_offers(session)
    return shop


def change_address(
    session: Session,
    code: str,
    slug: str,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> ServicePoint:
    """Give a shop its address, another one, or none, which ends it."""
    check_may_run(by)
    wanted = slug.strip()
    shop = {"slug": wanted} if wanted else None
    return change_service_point(session, code, {"shop": shop}, by=by, at=at, version=version)  # type: ignore[typeddict-item] # what is left out stays


def open_shop(session: Session, code: str, *, by: Actor, at: datetime, day: date) -> ServicePoint:
    """Let visitors buy, if nothing is missing; ShopNotReady otherwise."""
    check_may_run(by)
    _check_ready(session, by, code, day)
    return change_service_point(session, code, {"shop": {"enabled": True}}, by=by, at=at)


def refuse_unready(session: Session, point: ServicePoint, by: Actor, day: date) -> None:
    """Refuse to open a shop by a change of its service point while something is missing."""
    _check_ready(session, by, point.code, day)


def close_shop(session: Session, code: str, *, by: Actor, at: datetime) -> ServicePoint:
    """Take no more orders; what was ordered goes on."""
    check_may_run(by)
    point = service_point_of(session, by, code)
    if not point.shop_slug:
        return point
    return change_service_point(session, code, {"shop": {"enabled": False}}, by=by, at=at)


def describe_product(
    session: Session,
    code: str,
    sku: str,
    *,
    summary: str,
    details: str,
    by: Actor,
    at: datetime,
) -> None:
    """Change what a shop says of a product: a line in its list, and all of its page."""
    check_may_run(by)
    point = service_point_of(session, by, code)
    product = product_of(session, sku)
    summary, details = clean_words(summary, details)
    said = session.get(ShopProduct, (point.id, product.id), with_for_update=True)
    old = {"summary": said.summary, "details": said.details} if said else {}
    before, after = difference(
        {"summary": "", "details": ""} | old, {"summary": summary, "details": details}
    )
    if not after:
        return
    said = said or ShopProduct(service_point_id=point.id, product_id=product.id)
    said.summary, said.details = summary, details
    session.add(said)
    _flush_alone(session)
    record(
        session,
        by=by,
        action="shop.product_described",
        entity=("shop", point.id),
        at=at,
        service_point_id=point.id,
        before={"sku": "", **before},
        after={"sku": product.sku, **after},
    )
    touch_offers(session)


def _check_ready(session: Session, by: Actor, code: str, day: date) -> None:
    if missing := missing_to_open(session, by, code, day):
        raise ShopNotReady({need: NEEDS[need][0] for need in missing})


def _held(session: Session, point: ServicePoint) -> Shop | None:
    """Return the shop, which nobody else changes until the end."""
    wanted = select(Shop).where(Shop.service_point_id == point.id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _flush_alone(session: Session) -> None:
    """Write; the row may have come into being since it was looked for."""
    try:
        session.flush()
    except IntegrityError as error:
        if is_duplicate(error):
            raise PreconditionFailed from error
        raise


def _issuer_named(session: Session, code: str) -> int | None:
    if not code:
        return None
    found = session.scalar(select(Issuer.id).where(Issuer.code == code))
    if found is None:
        raise UnknownIssuerOfShop(code)
    return found


def _issuer_code(session: Session, shop: Shop | None) -> str:
    if shop is None or shop.issuer_id is None:
        return ""
    return session.get_one(Issuer, shop.issuer_id).code
