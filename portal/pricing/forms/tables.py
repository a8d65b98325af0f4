"""A price table, as it is typed."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.i18n import N_
from portal.pricing.models import Calculation, PriceTable, TableKind
from portal.pricing.rules.tables import NAME_LENGTH, HowCalculated
from portal.pricing.services.guards import REASON_LENGTH
from portal.web.forms import AmountField, PercentField, PortalForm, PriceField

KINDS = {TableKind.GENERAL.value: N_("general"), TableKind.OWN.value: N_("own")}
CALCULATIONS = {
    Calculation.FIXED.value: N_("Fixed prices"),
    Calculation.PERCENT_OF_SALE.value: N_("Percentage of the sale price"),
    Calculation.ADJUSTED.value: N_("Calculated from another table"),
}
ROUNDINGS = {
    "": N_("to 4 decimals"),
    "step": N_("to a step, such as 0,05"),
    "ending": N_("to an ending, such as ,90"),
}


def past_reason() -> TextAreaField:
    """Return the field that says why prices of days in the past change."""
    return TextAreaField(
        N_("Reason"),
        [Length(max=REASON_LENGTH)],
        description=N_("Needed when prices of days in the past change."),
    )


class RoundedForm(PortalForm):
    """A percentage up or down, with its rounding."""

    percent = PercentField(
        N_("Percentage"),
        low=Decimal(-1000),
        description=N_("Negative for less, such as -2."),
    )
    rounding = SelectField(
        N_("Rounding"), choices=[SelectChoice(key, word) for key, word in ROUNDINGS.items()]
    )
    rounding_step = PriceField(N_("Step"))
    rounding_ending = AmountField(N_("Ending"))

    def step(self) -> Decimal | None:
        """Return the step, if one is asked for; 0 if it was not typed, which rules refuse."""
        return self.rounding_step.data or Decimal(0) if self.rounding.data == "step" else None

    def ending(self) -> Decimal | None:
        """Return the ending, if one is asked for."""
        return self.rounding_ending.data or Decimal(0) if self.rounding.data == "ending" else None


class TableForm(RoundedForm):
    """A price table."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=NAME_LENGTH)])
    type = SelectField(
        N_("How its prices come about"),
        choices=[SelectChoice(key, word) for key, word in CALCULATIONS.items()],
    )
    base_table = SelectField(N_("Calculated from"), choices=[], default="")
    reason = past_reason()
    version = HiddenField()

    def offer(self, tables: Iterable[PriceTable]) -> None:
        """Offer the general tables to calculate from."""
        self.base_table.choices = [
            SelectChoice("", "–"),
            *(SelectChoice(str(table.id), table.name) for table in tables),
        ]

    def how(self) -> HowCalculated:
        """Return how prices come about; what belongs to another way is left out."""
        kind = self.type.data
        if kind != Calculation.ADJUSTED:
            return HowCalculated(kind)
        base = int(self.base_table.data) if self.base_table.data else None
        return HowCalculated(kind, base, self.percent.data, self.step(), self.ending())


class NewTableForm(TableForm):
    """A price table that is not on file yet."""

    kind = SelectField(
        N_("For whom"),
        choices=[
            SelectChoice("general", N_("General: for all service points it is assigned to")),
            SelectChoice("own", N_("Own: for one service point")),
        ],
    )
    service_point = StringField(
        N_("Service point"), [Length(max=64)], description=N_("Its code, for an own table.")
    )
    issuer = SelectField(N_("Issuer"), choices=[], default="")

    def offer_issuers(self, issuers: Iterable[tuple[str, str]]) -> None:
        """Offer the issuers, and none."""
        self.issuer.choices = [
            SelectChoice("", gettext("without issuer")),
            *(SelectChoice(code, name) for code, name in issuers),
        ]


def typed(table: PriceTable) -> dict[str, Any]:
    """Return a table as its form shows it."""
    step, ending = table.rounding_step, table.rounding_ending
    rounding = "step" if step is not None else "ending" if ending is not None else ""
    return {
        "name": table.name,
        "type": table.calculation,
        "base_table": str(table.base_table_id or ""),
        "percent": table.percent,
        "rounding": rounding,
        "rounding_step": step,
        "rounding_ending": ending,
        "version": table.version,
    }
