"""Deeds of partners: service points and credit policies are put on file and changed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, lazyload

from portal.actors import Actor
from portal.audit.rules import difference
from portal.audit.services import record
from portal.catalogue.services import touch_offers
from portal.clock import day_of
from portal.db import is_duplicate
from portal.errors import AlreadyExists, Forbidden, PreconditionFailed
from portal.partners.errors import (
    CreditPolicyCodeTaken,
    HeadquartersOnly,
    NoSuchCreditPolicy,
    NoSuchServicePoint,
    ServicePointCodeTaken,
    SlugTaken,
    UnknownCreditPolicy,
)
from portal.partners.models import CreditPolicy, ServicePoint
from portal.partners.rules import (
    COSTLY,
    LimitChanges,
    Limits,
    PointChanges,
    PointFacts,
    after_changes,
    clean,
    clean_limits,
    facts_of,
    forbidden_changes,
    limits_of,
    limits_record,
    opens_shop,
    record_of,
)

on_created: list[Callable[[Session, ServicePoint], None]] = []
"""Called with each new service point, in its transaction: credit opens its account."""
before_opening: list[Callable[[Session, ServicePoint, Actor, date], None]] = []
"""Called, in the transaction, with a service point whose shop a change has just opened.

Who listens raises what keeps the shop closed that day.
"""
on_policy_changed: list[Callable[[Session, Sequence[int]], None]] = []
"""Called, in the transaction, with the ids of the service points whose overdraft may be another.

The listener asks `queries.overdrafts` for what it is now; ids come ascending.
"""


def create_service_point(
    session: Session, facts: PointFacts, *, by: Actor, at: datetime
) -> ServicePoint:
    """Put a service point on file; what stands above, such as its account, is opened with it."""
    if not by.headquarters:
        raise HeadquartersOnly
    _check_costs(by, {name for name in COSTLY if getattr(facts, name) is not None})
    facts = clean(facts)
    _check_code_free(session, facts.code)
    point = ServicePoint(code=facts.code, created_at=at, version=1)
    _fill(session, point, facts)
    _flush(session, point, _taken(facts))
    record(
        session,
        by=by,
        action="service_point.created",
        entity=("service_point", point.id),
        at=at,
        service_point_id=point.id,
        after=record_of(facts),
    )
    for tell in on_created:
        tell(session, point)
    return point


def change_service_point(
    session: Session,
    code: str,
    changes: PointChanges,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
    as_sent: bool = False,
) -> ServicePoint:
    """Change what is told of a service point; `version` is what the editor saw, if known.

    Whoever opens its shop is refused while something is missing, unless it is stored `as_sent`.
    """
    point = _locked_point(session, by, code)
    if forbidden_changes(changes, headquarters=by.headquarters):
        raise HeadquartersOnly
    _check_costs(by, COSTLY & set(changes))
    _check_version(point.version, version)
    seen, facts = facts_of(point), after_changes(point, changes)
    before, after = difference(record_of(seen), record_of(facts))
    if not after:
        return point
    _fill(session, point, facts)
    point.version += 1
    _flush(session, point, _taken(facts))
    if opens_shop(seen, facts) and not as_sent:
        _ask_before_opening(session, point, by, day_of(at))
    record(
        session,
        by=by,
        action="service_point.updated",
        entity=("service_point", point.id),
        at=at,
        service_point_id=point.id,
        before=before,
        after=after,
    )
    if "credit_policy" in after:
        _tell_policy_changed(session, [point.id])
    touch_offers(session)
    return point


def create_credit_policy(
    session: Session, limits: Limits, *, by: Actor, at: datetime
) -> CreditPolicy:
    """Put a credit policy on file."""
    limits = clean_limits(limits)
    if session.scalar(select(CreditPolicy.id).where(CreditPolicy.code == limits.code)) is not None:
        raise CreditPolicyCodeTaken(limits.code)
    policy = CreditPolicy(code=limits.code, version=1)
    _fill_policy(policy, limits)
    _flush(session, policy, lambda _: CreditPolicyCodeTaken(limits.code))
    entity, after = ("credit_policy", policy.id), limits_record(limits)
    record(session, by=by, action="credit_policy.created", entity=entity, at=at, after=after)
    return policy


def change_credit_policy(
    session: Session,
    code: str,
    changes: LimitChanges,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> CreditPolicy:
    """Change a credit policy, for all that it serves at once."""
    policy = _locked_policy(session, code)
    _check_version(policy.version, version)
    limits = clean_limits(replace(limits_of(policy), **changes))
    before, after = difference(limits_record(limits_of(policy)), limits_record(limits))
    if not after:
        return policy
    _fill_policy(policy, limits)
    policy.version += 1
    session.flush()
    entity = ("credit_policy", policy.id)
    action = "credit_policy.updated"
    record(session, by=by, action=action, entity=entity, at=at, before=before, after=after)
    if "money" in after:
        _tell_policy_changed(session, _served_by(session, policy))
    return policy


def _fill(session: Session, point: ServicePoint, facts: PointFacts) -> None:
    """Write the facts; questions come first, so that nothing half-filled is flushed."""
    _check_slug_free(session, point, facts)
    credit_policy = _policy_named(session, facts.credit_policy)
    point.name, point.tax_id, point.active = facts.name, facts.tax_id, facts.active
    point.max_discount_percent = facts.sale_policy.max_discount_percent
    point.max_surcharge_percent = facts.sale_policy.max_surcharge_percent
    point.may_edit_final_price = facts.sale_policy.may_edit_final_price
    point.debt_enabled, point.collects = facts.debt_enabled, facts.collects
    point.shop_slug = facts.shop.slug if facts.shop else None
    point.shop_enabled = facts.shop.enabled if facts.shop else False
    point.low_balance_threshold = facts.low_balance_threshold
    point.credit_policy = credit_policy


def _fill_policy(policy: CreditPolicy, limits: Limits) -> None:
    policy.name, policy.money = limits.name, limits.money
    policy.documents, policy.age_days = limits.documents, limits.age_days


def _policy_named(session: Session, code: str | None) -> CreditPolicy | None:
    """Return the policy, held until the end: its money must not change while floors are set."""
    if code is None:
        return None
    wanted = select(CreditPolicy).where(CreditPolicy.code == code).with_for_update(read=True)
    policy = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if policy is None:
        raise UnknownCreditPolicy(code)
    return policy


def _served_by(session: Session, policy: CreditPolicy) -> list[int]:
    wanted = select(ServicePoint.id).where(ServicePoint.credit_policy_id == policy.id)
    return list(session.scalars(wanted.order_by(ServicePoint.id)))


def _tell_policy_changed(session: Session, service_point_ids: list[int]) -> None:
    if service_point_ids:
        for tell in on_policy_changed:
            tell(session, service_point_ids)


def _ask_before_opening(session: Session, point: ServicePoint, by: Actor, day: date) -> None:
    for ask in before_opening:
        ask(session, point, by, day)


def _locked_point(session: Session, by: Actor, code: str) -> ServicePoint:
    wanted = select(ServicePoint).where(ServicePoint.code == code, by.scope(ServicePoint.id))
    alone = wanted.options(lazyload(ServicePoint.credit_policy)).with_for_update()
    if (point := session.scalars(alone).one_or_none()) is None:
        raise NoSuchServicePoint(code)
    return point


def _locked_policy(session: Session, code: str) -> CreditPolicy:
    wanted = select(CreditPolicy).where(CreditPolicy.code == code).with_for_update()
    if (policy := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchCreditPolicy(code)
    return policy


def _flush(
    session: Session,
    row: ServicePoint | CreditPolicy,
    taken: Callable[[IntegrityError], AlreadyExists],
) -> None:
    """Write; someone may have taken the code, or the shop's address, since it was looked for."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if is_duplicate(error):
            raise taken(error) from error
        raise


def _check_costs(by: Actor, told: Collection[str]) -> None:
    """Refuse what belongs to the balance to those who may not see it, or set limits."""
    if by.user_id is None or not told:
        return
    if not by.sees_costs or ("credit_policy" in told and not by.may("policies.edit")):
        raise Forbidden


def _check_version(stored: int, seen: int | None) -> None:
    if seen is not None and seen != stored:
        raise PreconditionFailed


def _check_code_free(session: Session, code: str) -> None:
    if session.scalar(select(ServicePoint.id).where(ServicePoint.code == code)) is not None:
        raise ServicePointCodeTaken(code)


def _check_slug_free(session: Session, point: ServicePoint, facts: PointFacts) -> None:
    if facts.shop is None or facts.shop.slug == point.shop_slug:
        return
    taken = select(ServicePoint.id).where(ServicePoint.shop_slug == facts.shop.slug)
    if session.scalar(taken) is not None:
        raise SlugTaken(facts.shop.slug)


def _taken(facts: PointFacts) -> Callable[[IntegrityError], AlreadyExists]:
    """Return how to say which of the two keys was taken in the meantime."""

    def tell(error: IntegrityError) -> AlreadyExists:
        if facts.shop and "shop_slug" in str(error.orig):
            return SlugTaken(facts.shop.slug)
        return ServicePointCodeTaken(facts.code)

    return tell
