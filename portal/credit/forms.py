"""What is typed when credit is granted, debited or reversed."""

from decimal import Decimal

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.credit.models import LotKind
from portal.i18n import N_
from portal.money import PRICE_SCALE
from portal.web.forms import AmountField, DayField, ExactField, OnceForm, PortalForm, PriceField

KINDS = {LotKind.PAID.value: N_("Paid"), LotKind.BONUS.value: N_("Bonus")}
SOURCES = {
    "manual": N_("By hand"),
    "invoice": N_("Invoice"),
    "delivery_note": N_("Delivery note"),
    "cash_sale": N_("Cash sale"),
    "service_report": N_("Service report"),
    "helpdesk": N_("Help desk"),
    "event": N_("Event"),
}
REASON_LENGTH = 500


class CreditField(ExactField):
    """An amount of credit; its type says how many decimals it may have."""

    scale = PRICE_SCALE
    fixed = False


class GrantForm(OnceForm):
    """Credit to be granted."""

    kind = RadioField(
        N_("Kind"),
        choices=[SelectChoice(value, word) for value, word in KINDS.items()],
        default=LotKind.PAID.value,
    )
    amount = CreditField(
        N_("Amount"), [InputRequired()], description=N_("The credit that the account receives.")
    )
    paid = AmountField(
        N_("Paid"),
        default=Decimal(0),
        description=N_("The money that came in for it; nothing for a bonus."),
    )
    expires_on = DayField(
        N_("Usable until"), description=N_("This day included; left empty, it never expires.")
    )
    reason = TextAreaField(N_("Reason"), [InputRequired(), Length(max=REASON_LENGTH)])


class DebitForm(OnceForm):
    """Credit to be taken for something that is no order."""

    amount = CreditField(N_("Amount"), [InputRequired()])
    source = SelectField(
        N_("Source"), choices=[SelectChoice(value, word) for value, word in SOURCES.items()]
    )
    reference = StringField(
        N_("Reference"), [Length(max=64)], description=N_("Its number there, if it has one.")
    )
    description = StringField(N_("Description"), [Length(max=200)])


class ReverseForm(OnceForm):
    """Why a movement is reversed."""

    reason = TextAreaField(N_("Reason"), [InputRequired(), Length(max=REASON_LENGTH)])


class TypeForm(PortalForm):
    """A credit type."""

    code = StringField(N_("Code"), [InputRequired(), Length(max=64)])
    name = StringField(N_("Name"), [InputRequired(), Length(max=80)])
    scale = SelectField(
        N_("Decimals"), choices=[SelectChoice(str(places), str(places)) for places in range(5)]
    )
    unit_value = PriceField(
        N_("Value of one unit"), [InputRequired()], description=N_("In money, up to four decimals.")
    )
