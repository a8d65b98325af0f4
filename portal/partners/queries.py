"""Reading service points and credit policies, always through what the asker may see."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.money import ZERO
from portal.partners.errors import NoSuchCreditPolicy, NoSuchServicePoint
from portal.partners.models import CreditPolicy, ServicePoint
from portal.texts import holds_words, words_of

SUGGESTIONS = 10
_MARKS = str.maketrans("", "", " .-/")
_SHORTEST_TAX_ID = 3
"""Fewer signs than these would find half of all tax ids."""


def service_point_of(session: Session, by: Actor, code: str) -> ServicePoint:
    """Return one of the asker's own service points; NoSuchServicePoint for a stranger's too."""
    wanted = select(ServicePoint).where(ServicePoint.code == code, by.scope(ServicePoint.id))
    if (point := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchServicePoint(code)
    return point


def own_service_points(by: Actor, *, active: bool | None = None) -> Select[tuple[ServicePoint]]:
    """Return the select of the service points that the asker sees, without order."""
    wanted = select(ServicePoint).where(by.scope(ServicePoint.id))
    return wanted if active is None else wanted.where(ServicePoint.active.is_(active))


def service_points(
    by: Actor,
    *,
    search: str = "",
    active: bool | None = None,
    collects: str = "",
    credit_policy: str = "",
) -> Select[tuple[ServicePoint]]:
    """Return the select of the service points that a list asks for, without order.

    `credit_policy` is asked only for those who see costs.
    """
    wanted = own_service_points(by, active=active).where(point_says(search))
    if collects:
        wanted = wanted.where(ServicePoint.collects == collects)
    if credit_policy and by.sees_costs:
        wanted = wanted.where(ServicePoint.credit_policy.has(CreditPolicy.code == credit_policy))
    return wanted


def suggested_service_points(
    session: Session, by: Actor, text: str, *, limit: int = SUGGESTIONS, active: bool | None = True
) -> list[ServicePoint]:
    """Return the service points that a person typing may mean: codes that begin so come first."""
    if not text.strip():
        return []
    begins = func.lower(ServicePoint.code).startswith(text.strip().lower(), autoescape=True)
    wanted = service_points(by, search=text, active=active)
    order = (begins.desc(), ServicePoint.name, ServicePoint.id)
    return list(session.scalars(wanted.order_by(*order).limit(limit)))


def point_says(search: str) -> ColumnElement[bool]:
    """Return the condition that words stand in name or code, or that it is all of a tax id."""
    words = holds_words(search, ServicePoint.name, ServicePoint.code)
    bare = "".join(words_of(search)).translate(_MARKS).upper()
    if len(bare) < _SHORTEST_TAX_ID:
        return words
    return or_(words, ServicePoint.tax_id.startswith(bare, autoescape=True))


def policy_says(text: str) -> ColumnElement[bool]:
    """Return the condition that each word stands in a credit policy's name or code."""
    return holds_words(text, CreditPolicy.name, CreditPolicy.code)


def policy_code(point: ServicePoint) -> str | None:
    """Return the code of a service point's credit policy."""
    return point.credit_policy.code if point.credit_policy else None


def credit_policy_of(session: Session, by: Actor, code: str) -> CreditPolicy:
    """Return a credit policy that the asker sees; NoSuchCreditPolicy otherwise."""
    policy = session.scalars(credit_policies(by).where(CreditPolicy.code == code)).one_or_none()
    if policy is None:
        raise NoSuchCreditPolicy(code)
    return policy


def credit_policies(by: Actor, *, search: str = "") -> Select[tuple[CreditPolicy]]:
    """Return the select of the credit policies: all for headquarters, else those in use there."""
    wanted = select(CreditPolicy).where(policy_says(search))
    if by.headquarters:
        return wanted
    used = select(ServicePoint.credit_policy_id).where(by.scope(ServicePoint.id))
    return wanted.where(CreditPolicy.id.in_(used.where(ServicePoint.credit_policy_id.is_not(None))))


def policies_to_choose(session: Session, by: Actor) -> list[CreditPolicy]:
    """Return the credit policies that the asker sees, by name."""
    return list(session.scalars(credit_policies(by).order_by(CreditPolicy.name, CreditPolicy.id)))


def policy_names(session: Session, by: Actor) -> list[tuple[str, str]]:
    """Return code and name of the credit policies that the asker sees, for a filter."""
    return [(policy.code, policy.name) for policy in policies_to_choose(session, by)]


def users_of_policies(session: Session, policy_ids: Collection[int]) -> dict[int, int]:
    """Return how many service points each of the credit policies serves."""
    counted = (
        select(ServicePoint.credit_policy_id, func.count())
        .where(ServicePoint.credit_policy_id.in_(policy_ids))
        .group_by(ServicePoint.credit_policy_id)
    )
    return {key: count for key, count in session.execute(counted).tuples() if key is not None}


def overdrafts(session: Session, service_point_ids: Collection[int]) -> dict[int, Decimal]:
    """Return how far below zero the own accounts of these service points may go, by their ids."""
    wanted = (
        select(ServicePoint.id, CreditPolicy.money)
        .outerjoin(ServicePoint.credit_policy)
        .where(ServicePoint.id.in_(service_point_ids))
    )
    return {key: money or ZERO for key, money in session.execute(wanted).tuples()}
