"""The shapes of what is typed about payments and Pix keys."""

from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.i18n import N_
from portal.payments.models import Method
from portal.payments.rules.pix_keys import HOLDER_LENGTH, KEY_LENGTH, PLACE_LENGTH, Recipient
from portal.payments.services.refunds import REASON_LENGTH
from portal.web.forms import AmountField, DayField, OnceForm, PortalForm

METHODS = {
    Method.PIX.value: N_("Pix"),
    Method.CASH.value: N_("Cash"),
    Method.CARD.value: N_("Card"),
    Method.TRANSFER.value: N_("Bank transfer"),
    Method.CHEQUE.value: N_("Cheque"),
}
TOLD = {
    "once": N_("The firm tells the portal once"),
    "twice": N_("It tells the portal twice"),
    "never": N_("Its notification is lost"),
}


class ConfirmForm(OnceForm):
    """A person's word that money arrived."""

    paid_on = DayField(N_("Paid on"), [InputRequired()])
    method = SelectField(
        N_("How"), choices=[SelectChoice(key, word) for key, word in METHODS.items()]
    )


class RefundForm(OnceForm):
    """How much goes back and why: typed first, then looked at once more."""

    amount = AmountField(N_("Amount"), [InputRequired()])
    reason = StringField(
        N_("Reason"),
        [InputRequired(), Length(max=REASON_LENGTH)],
        description=N_("Kept with the charge; the customer does not read it."),
    )


class ReturnedForm(OnceForm):
    """A person's word that money has gone back."""


class PixForm(PortalForm):
    """Where Pix is received."""

    key = StringField(
        N_("Pix key"),
        [InputRequired(), Length(max=KEY_LENGTH)],
        description=N_("CPF, CNPJ, e-mail, phone as +5511987654321, or a random key."),
    )
    holder = StringField(
        N_("Account holder"),
        [InputRequired(), Length(max=HOLDER_LENGTH)],
        description=N_("Shown to whoever pays; banks show its first 25 letters."),
    )
    city = StringField(
        N_("City"),
        [InputRequired(), Length(max=PLACE_LENGTH)],
        description=N_("Of the account holder; part of every Pix code."),
    )
    tax_id = StringField(
        N_("CNPJ or CPF"),
        [Length(max=40)],
        description=N_("Of the account holder; shown to whoever pays."),
    )
    version = HiddenField()

    def told(self) -> Recipient:
        """Return what was typed."""
        return Recipient(
            self.key.data or "",
            self.holder.data or "",
            self.city.data or "",
            self.tax_id.data or None,
        )


class RemoveForm(PortalForm):
    """Receive no Pix any more."""


class SimulationForm(PortalForm):
    """Pay at the firm that exists in demos and tests alone."""

    told = RadioField(
        N_("What happens afterwards"),
        choices=[SelectChoice(key, word) for key, word in TOLD.items()],
        default="once",
    )
