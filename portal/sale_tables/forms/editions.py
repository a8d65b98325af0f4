"""Editions of sale tables as they are typed: rows, filling, publishing, copying."""

from wtforms import BooleanField, Form, HiddenField, RadioField
from wtforms import FieldList as Rows
from wtforms import FormField as Row
from wtforms.fields.choices import SelectChoice

from portal.i18n import N_
from portal.pricing.forms import PublishForm
from portal.pricing.forms.editions import WindowForm
from portal.pricing.forms.tables import RoundedForm
from portal.web.forms import PriceField

PAGE_ROWS = 50
ACQUISITION, SUGGESTED = "acquisition", "suggested"


class SaleRowForm(Form):
    """A product of an edition; its SKU says which."""

    sku = HiddenField()
    suggested = PriceField(N_("Suggested price"))
    sale = PriceField(N_("Sale price"))
    on_site = BooleanField(N_("On site"))

    @property
    def title(self) -> str:
        """What its errors begin with."""
        return self.sku.data or ""


class SaleEditionForm(WindowForm):
    """A page of a draft's rows, with its days."""

    rows = Rows(Row(SaleRowForm))
    version = HiddenField()


class SaleCopyForm(RoundedForm, WindowForm):
    """A draft made from another edition, with all prices up or down."""


class FillForm(RoundedForm):
    """Prices of a draft worked out from what stands beside them."""

    basis = RadioField(
        N_("Worked out from"),
        choices=[
            SelectChoice(ACQUISITION, N_("the acquisition price")),
            SelectChoice(SUGGESTED, N_("the suggested price")),
        ],
        default=ACQUISITION,
    )
    into = RadioField(
        N_("Goes into"),
        choices=[
            SelectChoice("sale_price", N_("the sale price")),
            SelectChoice("suggested_price", N_("the suggested price")),
        ],
        default="sale_price",
    )
    only_empty = BooleanField(N_("Only where it is empty"), default=True)
    version = HiddenField()

    def offer(self, *, costs: bool) -> None:
        """Leave acquisition out for those who do not see it."""
        if not costs:
            self.basis.choices = self.basis.choices[1:]
            self.basis.data = self.basis.data if self.is_submitted() else SUGGESTED


class SalePublishForm(PublishForm):
    """How a draft is put in force, and whether rows below acquisition are meant."""

    confirm_below = BooleanField(N_("Sell these on the site below acquisition"))
