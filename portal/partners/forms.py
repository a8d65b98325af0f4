"""The shapes of what is typed about service points and credit policies."""

from typing import Any, cast

from flask_babel import gettext
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.actors import Actor
from portal.i18n import N_
from portal.money import ZERO
from portal.partners.models import Collects, CreditPolicy
from portal.partners.rules import (
    LARGEST_COUNT,
    LARGEST_DISCOUNT,
    LARGEST_SURCHARGE,
    NAME_LENGTH,
    POLICY_NAME_LENGTH,
    SLUG_LENGTH,
    LimitChanges,
    Limits,
    PointChanges,
    PointFacts,
    SalePolicy,
    Shop,
)
from portal.texts import CODE_LENGTH
from portal.web.forms import AmountField, PercentField, PortalForm

COLLECTORS = {
    Collects.SERVICE_POINT.value: N_("The service point"),
    Collects.HEADQUARTERS.value: N_("Headquarters"),
}
STATES = {"1": N_("Active"), "0": N_("Inactive")}
_RULES = (
    "max_discount_percent",
    "max_surcharge_percent",
    "may_edit_final_price",
    "debt_enabled",
    "collects",
    "active",
)
"""Fields that only headquarters fills in."""
_COUNT = (Optional(), NumberRange(min=0, max=LARGEST_COUNT))


class PointForm(PortalForm):
    """A service point; `limit_to` takes out what the editor may not set."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=NAME_LENGTH)])
    tax_id = StringField(
        N_("CNPJ or CPF"),
        [Length(max=40)],
        description=N_("With or without marks; a CNPJ may hold letters."),
    )
    max_discount_percent = PercentField(N_("Largest discount"), high=LARGEST_DISCOUNT)
    max_surcharge_percent = PercentField(N_("Largest surcharge"), high=LARGEST_SURCHARGE)
    may_edit_final_price = BooleanField(
        N_("May type the final price"), description=N_("It is then free of both percentages.")
    )
    debt_enabled = BooleanField(
        N_("May leave balances"), description=N_("Final customers may owe, or pay ahead.")
    )
    collects = SelectField(
        N_("Who receives the visitor's money"),
        choices=[SelectChoice(key, word) for key, word in COLLECTORS.items()],
    )
    shop_slug = StringField(
        N_("Address of the shop"),
        [Length(max=SLUG_LENGTH)],
        description=N_("Lower case letters, digits and hyphens; empty: no shop."),
    )
    shop_enabled = BooleanField(
        N_("The shop is open"),
        description=N_("It opens once nothing is missing: the shop's own page says what is."),
    )
    low_balance_threshold = AmountField(
        N_("Warn when the balance falls under"), description=N_("Empty: no warning.")
    )
    credit_policy = SelectField(
        N_("Credit limit"),
        choices=[],
        description=N_("Its money limit is how far the account may go below zero."),
    )
    active = BooleanField(
        N_("Active"), default=True, description=N_("An inactive service point orders nothing.")
    )
    version = HiddenField()

    def limit_to(self, by: Actor, policies: list[CreditPolicy]) -> None:
        """Leave the fields that the editor may fill in."""
        choices = [SelectChoice(policy.code, policy.name) for policy in policies]
        self.credit_policy.choices = [SelectChoice("", gettext("none: prepaid")), *choices]
        hidden = [] if by.headquarters else list(_RULES)
        if not by.sees_costs:
            hidden.append("low_balance_threshold")
        if not (by.sees_costs and by.headquarters and by.may("policies.edit")):
            hidden.append("credit_policy")
        for name in hidden:
            del self[name]

    def changes(self) -> PointChanges:
        """Return what was typed, as the changes to a service point."""
        values: dict[str, Any] = {
            name: self[name].data
            for name in ("name", "debt_enabled", "collects", "low_balance_threshold", "active")
            if name in self
        }
        values["tax_id"] = self.tax_id.data or None
        values["shop"] = self._shop()
        if "credit_policy" in self:
            values["credit_policy"] = self.credit_policy.data or None
        if "max_discount_percent" in self:
            values["sale_policy"] = self._sale_policy()
        return cast(PointChanges, values)

    def _shop(self) -> dict[str, Any] | None:
        slug = (self.shop_slug.data or "").strip()
        if not slug:
            return None
        return {"slug": slug, "enabled": "shop_enabled" in self and self.shop_enabled.data}

    def _sale_policy(self) -> dict[str, Any]:
        return {
            "max_discount_percent": self.max_discount_percent.data or ZERO,
            "max_surcharge_percent": self.max_surcharge_percent.data or ZERO,
            "may_edit_final_price": self.may_edit_final_price.data,
        }


class NewPointForm(PointForm):
    """A service point that is not on file yet; its shop opens later, once nothing is missing."""

    LEADS = ("code",)

    code = StringField(
        N_("Code"),
        [InputRequired(), Length(max=CODE_LENGTH)],
        description=N_("Up to 64 characters, without slashes; it stays as it is."),
    )

    def limit_to(self, by: Actor, policies: list[CreditPolicy]) -> None:
        """Leave the fields that the editor may fill in; nothing is there yet to open a shop."""
        super().limit_to(by, policies)
        del self["shop_enabled"]

    def facts(self) -> PointFacts:
        """Return what was typed, as a new service point."""
        values: dict[str, Any] = dict(self.changes())
        policy, shop = values.pop("sale_policy", {}), values.pop("shop")
        return PointFacts(
            code=self.code.data or "",
            sale_policy=SalePolicy(**policy),
            shop=Shop(**shop) if shop else None,
            **values,
        )


class PolicyForm(PortalForm):
    """A credit policy: up to three limits."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=POLICY_NAME_LENGTH)])
    money = AmountField(
        N_("Money"), description=N_("Debt up to this amount. For a service point: its overdraft.")
    )
    documents = IntegerField(
        N_("Documents"), _COUNT, description=N_("Open documents, the new one included.")
    )
    age_days = IntegerField(
        N_("Days overdue"), _COUNT, description=N_("No open document may be older.")
    )
    version = HiddenField()

    def changes(self) -> LimitChanges:
        """Return what was typed, as the changes to a credit policy."""
        return {
            "name": self.name.data or "",
            "money": self.money.data,
            "documents": self.documents.data,
            "age_days": self.age_days.data,
        }


class NewPolicyForm(PolicyForm):
    """A credit policy that is not on file yet."""

    LEADS = ("code",)

    code = StringField(
        N_("Code"),
        [InputRequired(), Length(max=CODE_LENGTH)],
        description=N_("Up to 64 characters, without slashes; it stays as it is."),
    )

    def limits(self) -> Limits:
        """Return what was typed, as a new credit policy."""
        return Limits(code=self.code.data or "", **self.changes())
