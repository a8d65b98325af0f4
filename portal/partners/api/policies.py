"""Credit policies."""

from typing import Any, cast

from portal.clock import now
from portal.partners import queries, services
from portal.partners.api.door import api
from portal.partners.api.shapes import (
    CreditPolicyIn,
    CreditPolicyList,
    CreditPolicyOut,
    CreditPolicyPatch,
)
from portal.partners.models import CreditPolicy
from portal.partners.rules import LimitChanges, Limits
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.endpoint import Answer, expected_version
from portal.web.paging import page_of
from portal.web.shapes import ListQuery


@api.get(
    "/credit-policies",
    permission="costs.view",
    query=ListQuery,
    answer=CreditPolicyList,
    summary="List credit policies",
)
def list_credit_policies(query: ListQuery) -> Any:
    """All for headquarters; for others those of their own service points."""
    wanted = queries.credit_policies(actor())
    page = read(page_of, wanted, order=(CreditPolicy.id,), cursor=query.cursor, limit=query.limit)
    return CreditPolicyList(items=[shown_policy(policy) for policy in page.items], next=page.next)


@api.post(
    "/credit-policies",
    permission="policies.edit",
    body=CreditPolicyIn,
    answer=CreditPolicyOut,
    status=201,
    errors=(409,),
    summary="Put a credit policy on file",
)
def create_credit_policy(body: CreditPolicyIn) -> Any:
    """For a service point's own account its `money` is the overdraft."""
    limits = Limits(**body.model_dump())
    return _policy(transact(services.create_credit_policy, limits, by=actor(), at=now()))


@api.get(
    "/credit-policies/<code>",
    permission="costs.view",
    answer=CreditPolicyOut,
    summary="Read a credit policy",
)
def read_credit_policy(code: str) -> Any:
    """Codes are told apart by case."""
    return _policy(read(queries.credit_policy_of, actor(), code))


@api.patch(
    "/credit-policies/<code>",
    permission="policies.edit",
    body=CreditPolicyPatch,
    answer=CreditPolicyOut,
    errors=(412,),
    summary="Change a credit policy",
)
def change_credit_policy(code: str, body: CreditPolicyPatch) -> Any:
    """Only what is sent changes; a new `money` is the overdraft of all it serves at once."""
    changes = cast(LimitChanges, body.model_dump(exclude_unset=True))
    seen = expected_version()
    return _policy(
        transact(services.change_credit_policy, code, changes, by=actor(), at=now(), version=seen)
    )


def shown_policy(policy: CreditPolicy) -> CreditPolicyOut:
    """Return a credit policy as the API writes it."""
    return CreditPolicyOut(
        id=policy.id,
        code=policy.code,
        name=policy.name,
        money=policy.money,
        documents=policy.documents,
        age_days=policy.age_days,
    )


def _policy(policy: CreditPolicy) -> Answer:
    return Answer(shown_policy(policy), etag=policy.version)
