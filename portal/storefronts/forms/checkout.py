"""What a visitor types to order, and to find earlier orders."""

from decimal import Decimal, InvalidOperation

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from portal.i18n import N_
from portal.storefronts.rules.buyers import Typed
from portal.web.forms import FormKeyField, PortalForm

LONGEST = 254
_NONE_SEEN = Decimal(0)


class VisitorForm(PortalForm):
    """A form without a token: visitors carry no cookie that one could be bound to."""

    class Meta:
        """What the door looks at instead: `views.public.door`."""

        csrf = False


class CheckoutForm(VisitorForm):
    """Who buys; with the cart as it was shown, and the total that was seen."""

    form_key = FormKeyField()
    cart = HiddenField()
    seen_total = HiddenField()
    name = StringField(
        N_("Whole name, or company"), [Length(max=LONGEST)], render_kw={"autocomplete": "name"}
    )
    tax_id = StringField(
        N_("CPF or CNPJ"),
        [Length(max=40)],
        description=N_("With or without marks. A CNPJ may hold letters."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
    email = StringField(
        N_("E-mail"),
        [Length(max=LONGEST)],
        description=N_("The link to your order is sent there."),
        render_kw={"autocomplete": "email", "inputmode": "email", "type": "email"},
    )
    phone = StringField(
        N_("Phone"),
        [Length(max=40)],
        description=N_("With area code. The shop calls only about this order."),
        render_kw={"autocomplete": "tel", "inputmode": "tel", "type": "tel"},
    )
    consent = BooleanField(N_("Your agreement"))

    def typed(self) -> Typed:
        """Return what was typed."""
        return Typed(
            name=self.name.data or "",
            tax_id=self.tax_id.data or "",
            email=self.email.data or "",
            phone=self.phone.data or "",
            consent=bool(self.consent.data),
        )

    def total_seen(self) -> Decimal:
        """Return the total that was shown; zero if it makes no sense, so that it is shown again."""
        try:
            seen = Decimal(self.seen_total.data or _NONE_SEEN)
        except InvalidOperation:
            return _NONE_SEEN
        return seen if seen.is_finite() and 0 <= seen < Decimal(10) ** 13 else _NONE_SEEN


class FindForm(VisitorForm):
    """An e-mail whose orders are to be sent to it."""

    email = StringField(
        N_("E-mail"),
        [Length(max=LONGEST)],
        render_kw={"autocomplete": "email", "inputmode": "email", "type": "email"},
    )
