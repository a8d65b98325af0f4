"""The question why a price is what it is, as the address asks it."""

from decimal import Decimal

from flask_babel import gettext
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.i18n import N_
from portal.web.forms import DayField, PortalForm, PriceField, QuantityField


class WhyForm(PortalForm):
    """For whom, through whom, what, how many, when. Asked by GET, so that it can be passed on."""

    class Meta:
        """An address carries no token."""

        csrf = False

    service_point = StringField(N_("Service point"), [InputRequired(), Length(max=64)])
    issuer = SelectField(N_("Issuer"), choices=[], default="", validate_choice=False)
    product = StringField(N_("Product"), [InputRequired(), Length(max=64)])
    quantity = QuantityField(
        N_("Quantity"), [InputRequired()], low=Decimal("0.001"), default=Decimal(1)
    )
    day = DayField(N_("Day"), [InputRequired()])
    sale = PriceField(N_("Sale price"), description=N_("For tables that take a percentage of it."))

    def offer_issuers(self, issuers: list[tuple[str, str]]) -> None:
        """Offer the issuers, and none."""
        self.issuer.choices = [
            SelectChoice("", gettext("without issuer")),
            *(SelectChoice(code, name) for code, name in issuers),
        ]
