"""What a service point and a credit policy may look like: pure checks on what is handed in."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, TypedDict

from stdnum.br import cnpj, cpf

from portal.errors import invalid
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, HUNDRED, ZERO, plain, text_of
from portal.partners.errors import InvalidTaxId
from portal.partners.models import Collects, CreditPolicy, ServicePoint
from portal.texts import code_of, name_of

NAME_LENGTH = 160
POLICY_NAME_LENGTH = 120
LARGEST_DISCOUNT = HUNDRED
LARGEST_SURCHARGE = Decimal(1000)
LARGEST_AMOUNT = Decimal("9999999999999.99")
LARGEST_COUNT = 1_000_000
SLUG_LENGTH = 63
COSTLY = frozenset({"low_balance_threshold", "credit_policy"})
"""Facts that belong to the balance: shown, and taken, only with `costs.view`."""
OWN_FACTS = frozenset({"name", "tax_id", "shop", "low_balance_threshold"})
"""What people of a service point may change of it; the rest are headquarters' rules for it."""

_MARKS = str.maketrans("", "", " .-/")
_CPF = re.compile(r"[0-9]{11}")
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class SalePolicy:
    """How far the sale price may be moved from the list price."""

    max_discount_percent: Decimal = ZERO
    max_surcharge_percent: Decimal = ZERO
    may_edit_final_price: bool = False


@dataclass(frozen=True, slots=True)
class Shop:
    """Where visitors buy from the service point."""

    slug: str
    enabled: bool = False


@dataclass(frozen=True, slots=True)
class PointFacts:
    """What is told about a service point; `credit_policy` is the code of one."""

    code: str
    name: str
    tax_id: str | None = None
    sale_policy: SalePolicy = SalePolicy()
    debt_enabled: bool = False
    collects: str = Collects.SERVICE_POINT
    shop: Shop | None = None
    low_balance_threshold: Decimal | None = None
    credit_policy: str | None = None
    active: bool = True


class PolicyChanges(TypedDict, total=False):
    """What of a sale policy is to be another."""

    max_discount_percent: Decimal
    max_surcharge_percent: Decimal
    may_edit_final_price: bool


class ShopChanges(TypedDict, total=False):
    """What of a shop is to be another."""

    slug: str
    enabled: bool


class PointChanges(TypedDict, total=False):
    """What of a service point is to be another; what is left out stays, `shop` None ends it."""

    name: str
    tax_id: str | None
    sale_policy: PolicyChanges
    debt_enabled: bool
    collects: str
    shop: ShopChanges | None
    low_balance_threshold: Decimal | None
    credit_policy: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What is told about a credit policy; None is no rule, 0 means none at all."""

    code: str
    name: str
    money: Decimal | None = None
    documents: int | None = None
    age_days: int | None = None


class LimitChanges(TypedDict, total=False):
    """What of a credit policy is to be another."""

    name: str
    money: Decimal | None
    documents: int | None
    age_days: int | None


def tax_id_of(text: str, field: str = "tax_id") -> str:
    """Return a CPF or CNPJ without marks, in upper case; InvalidTaxId if it is neither.

    A CNPJ may hold letters since 2026, all but its two check digits.
    """
    bare = text.strip().translate(_MARKS).upper()
    if _CPF.fullmatch(bare):
        good = len(set(bare)) > 1 and cpf.is_valid(bare)
    else:
        good = bool(_CNPJ.fullmatch(bare)) and len(set(bare)) > 1 and cnpj.is_valid(bare)
    if not good:
        raise InvalidTaxId(field)
    return bare


def clean(facts: PointFacts) -> PointFacts:
    """Return the facts as they are stored; the refusal names the field that cannot be."""
    if facts.collects not in set(Collects):
        raise invalid("collects", N_("Choose service_point or headquarters."))
    _check_sale_policy(facts.sale_policy)
    _check_range("low_balance_threshold", facts.low_balance_threshold, LARGEST_AMOUNT)
    return replace(
        facts,
        code=code_of("code", facts.code),
        name=name_of("name", facts.name, NAME_LENGTH),
        tax_id=tax_id_of(facts.tax_id) if (facts.tax_id or "").strip() else None,  # type: ignore[arg-type] # looked at before
        shop=_clean_shop(facts.shop),
    )


def after_changes(point: ServicePoint, changes: PointChanges) -> PointFacts:
    """Return all facts of a service point as the changes leave them, checked."""
    facts = facts_of(point)
    rest = {name: value for name, value in changes.items() if name not in {"sale_policy", "shop"}}
    policy = replace(facts.sale_policy, **changes.get("sale_policy", {}))
    shop = _changed_shop(facts.shop, changes["shop"]) if "shop" in changes else facts.shop
    return clean(replace(facts, sale_policy=policy, shop=shop, **rest))  # type: ignore[arg-type] # names and types of PointChanges


def opens_shop(before: PointFacts, after: PointFacts) -> bool:
    """Whether a change opens a shop; one that was open before is not opened again."""
    is_open, will_be = (bool(facts.shop and facts.shop.enabled) for facts in (before, after))
    return will_be and not is_open


def facts_of(point: ServicePoint) -> PointFacts:
    """Return what a service point's record says."""
    return PointFacts(
        code=point.code,
        name=point.name,
        tax_id=point.tax_id,
        sale_policy=SalePolicy(
            point.max_discount_percent, point.max_surcharge_percent, point.may_edit_final_price
        ),
        debt_enabled=point.debt_enabled,
        collects=point.collects,
        shop=Shop(point.shop_slug, point.shop_enabled) if point.shop_slug else None,
        low_balance_threshold=point.low_balance_threshold,
        credit_policy=point.credit_policy.code if point.credit_policy else None,
        active=point.active,
    )


def record_of(facts: PointFacts) -> dict[str, Any]:
    """Return the facts as the audit trail keeps them."""
    policy, threshold = facts.sale_policy, facts.low_balance_threshold
    return asdict(facts) | {
        "sale_policy": {
            "max_discount_percent": plain(policy.max_discount_percent),
            "max_surcharge_percent": plain(policy.max_surcharge_percent),
            "may_edit_final_price": policy.may_edit_final_price,
        },
        "low_balance_threshold": _amount_text(threshold),
    }


def clean_limits(limits: Limits) -> Limits:
    """Return the limits of a credit policy as they are stored."""
    _check_range("money", limits.money, LARGEST_AMOUNT)
    _check_range("documents", limits.documents, LARGEST_COUNT)
    _check_range("age_days", limits.age_days, LARGEST_COUNT)
    code, name = code_of("code", limits.code), name_of("name", limits.name, POLICY_NAME_LENGTH)
    return replace(limits, code=code, name=name)


def limits_of(policy: CreditPolicy) -> Limits:
    """Return what a credit policy's record says."""
    return Limits(policy.code, policy.name, policy.money, policy.documents, policy.age_days)


def limits_record(limits: Limits) -> dict[str, Any]:
    """Return the limits as the audit trail keeps them."""
    return asdict(limits) | {"money": _amount_text(limits.money)}


def overdraft(point: ServicePoint) -> Decimal:
    """Return how far below zero the service point's own account may go (DESIGN 6.5).

    It is the money limit of its policy; without a policy, or one that sets none, prepaid
    means prepaid.
    """
    policy = point.credit_policy
    return policy.money if policy is not None and policy.money is not None else ZERO


def _changed_shop(shop: Shop | None, changes: ShopChanges | None) -> Shop | None:
    if changes is None:
        return None
    if shop is None and "slug" not in changes:
        raise invalid("shop.slug", N_("Fill this in."), "required")
    return replace(shop or Shop(""), **changes)


def _clean_shop(shop: Shop | None) -> Shop | None:
    if shop is None:
        return None
    if len(shop.slug) > SLUG_LENGTH or not _SLUG.fullmatch(shop.slug):
        raise invalid("shop.slug", N_("Use lower case letters, digits and single hyphens."))
    return shop


def _check_sale_policy(policy: SalePolicy) -> None:
    field = "sale_policy."
    _check_range(field + "max_discount_percent", policy.max_discount_percent, LARGEST_DISCOUNT)
    _check_range(field + "max_surcharge_percent", policy.max_surcharge_percent, LARGEST_SURCHARGE)


def _check_range(field: str, value: Decimal | int | None, highest: Decimal | int) -> None:
    if value is not None and not 0 <= value <= highest:
        text = N_("Must lie between 0 and %(highest)s.")
        raise invalid(field, text, highest=plain(Decimal(highest)))


def _amount_text(amount: Decimal | None) -> str | None:
    return None if amount is None else text_of(amount, AMOUNT_SCALE)


def forbidden_changes(changes: Mapping[str, Any], *, headquarters: bool) -> set[str]:
    """Return what of these changes people of a service point may not make."""
    return set() if headquarters else set(changes) - OWN_FACTS
