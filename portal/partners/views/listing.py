"""The list of service points, and the words in which one is told."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import Select

from portal.i18n import N_
from portal.partners import queries
from portal.partners.forms import COLLECTORS, STATES
from portal.partners.models import CreditPolicy, ServicePoint
from portal.web.lists import Column, Filter, Listing, choice_filter
from portal.web.trail import Fact, said_amount, said_choice, said_percent

TITLES = {
    "service_point.created": N_("Put on file"),
    "service_point.updated": N_("Changed"),
    "credit_policy.created": N_("Put on file"),
    "credit_policy.updated": N_("Changed"),
}
FACTS = {
    "name": Fact(N_("Name")),
    "tax_id": Fact(N_("CNPJ or CPF")),
    "sale_policy.max_discount_percent": Fact(N_("Largest discount"), said_percent),
    "sale_policy.max_surcharge_percent": Fact(N_("Largest surcharge"), said_percent),
    "sale_policy.may_edit_final_price": Fact(N_("May type the final price")),
    "debt_enabled": Fact(N_("May leave balances")),
    "collects": Fact(N_("Who receives the visitor's money"), said_choice(COLLECTORS)),
    "shop.slug": Fact(N_("Address of the shop")),
    "shop.enabled": Fact(N_("The shop is open")),
    "low_balance_threshold": Fact(N_("Warn when the balance falls under"), said_amount),
    "credit_policy": Fact(N_("Credit limit")),
    "active": Fact(N_("Active")),
}
LIMIT_FACTS = {
    "name": Fact(N_("Name")),
    "money": Fact(N_("Money"), said_amount),
    "documents": Fact(N_("Documents")),
    "age_days": Fact(N_("Days overdue")),
}


def state_of(point: ServicePoint) -> str:
    """Write whether a service point is in use."""
    word = STATES["1" if point.active else "0"]
    return gettext(word)


def _in_state(wanted: Select[Any], state: str) -> Select[Any]:
    return wanted.where(ServicePoint.active.is_(state == "1"))


def _collecting(wanted: Select[Any], who: str) -> Select[Any]:
    return wanted.where(ServicePoint.collects == who)


def _limited(wanted: Select[Any], code: str) -> Select[Any]:
    return wanted.where(ServicePoint.credit_policy.has(CreditPolicy.code == code))


POINTS = Listing(
    title=N_("Service points"),
    key=ServicePoint.id,
    sort="name",
    columns=(
        Column("code", N_("Code"), lambda point: point.code, sort=ServicePoint.code),
        Column("name", N_("Service point"), lambda point: point.name, sort=ServicePoint.name),
        Column("tax_id", N_("CNPJ or CPF"), lambda point: point.tax_id, sort=ServicePoint.tax_id),
        Column(
            "max_discount_percent",
            N_("Largest discount"),
            lambda point: point.max_discount_percent,
            sort=ServicePoint.max_discount_percent,
            num=True,
        ),
        Column(
            "max_surcharge_percent",
            N_("Largest surcharge"),
            lambda point: point.max_surcharge_percent,
            sort=ServicePoint.max_surcharge_percent,
            num=True,
        ),
        Column(
            "may_edit_final_price",
            N_("May type the final price"),
            lambda point: point.may_edit_final_price,
        ),
        Column("debt_enabled", N_("May leave balances"), lambda point: point.debt_enabled),
        Column(
            "collects",
            N_("Who receives the visitor's money"),
            lambda point: gettext(COLLECTORS[point.collects]),
            sort=ServicePoint.collects,
        ),
        Column("shop", N_("Address of the shop"), lambda point: point.shop_slug),
        Column("credit_policy", N_("Credit limit"), queries.policy_code, permission="costs.view"),
        Column(
            "low_balance_threshold",
            N_("Warn when the balance falls under"),
            lambda point: point.low_balance_threshold,
            permission="costs.view",
            num=True,
        ),
        Column("active", N_("State"), state_of, sort=ServicePoint.active),
    ),
    filters=(
        Filter("q", N_("Text"), lambda wanted, text: wanted.where(queries.point_says(text))),
        choice_filter("collects", N_("Receives"), COLLECTORS, _collecting),
        Filter("policy", N_("Credit limit"), _limited, permission="costs.view"),
        choice_filter("active", N_("State"), STATES, _in_state),
    ),
)

POLICIES = Listing(
    title=N_("Credit limits"),
    key=CreditPolicy.id,
    sort="name",
    columns=(
        Column("code", N_("Code"), lambda policy: policy.code, sort=CreditPolicy.code),
        Column("name", N_("Credit limit"), lambda policy: policy.name, sort=CreditPolicy.name),
        Column("money", N_("Money"), lambda one: one.money, sort=CreditPolicy.money, num=True),
        Column("documents", N_("Documents"), lambda policy: policy.documents, num=True),
        Column("age_days", N_("Days overdue"), lambda policy: policy.age_days, num=True),
    ),
    filters=(
        Filter("q", N_("Text"), lambda wanted, text: wanted.where(queries.policy_says(text))),
    ),
)
