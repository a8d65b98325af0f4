"""The shapes of what is typed about products and issuers."""

from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.catalogue.models import ProductKind
from portal.catalogue.rules import (
    CATEGORY_LENGTH,
    ISSUER_NAME_LENGTH,
    LARGEST_UNITS,
    NAME_LENGTH,
    IssuerChanges,
    NewProduct,
    ProductChanges,
)
from portal.i18n import N_
from portal.money import PRICE_SCALE
from portal.texts import CODE_LENGTH
from portal.web.forms import ExactField, PortalForm

KINDS = {ProductKind.SERVICE.value: N_("Service"), ProductKind.GOOD.value: N_("Good")}
STATES = {"1": N_("Active"), "0": N_("Inactive")}


class UnitsField(ExactField):
    """Units of credit: up to four decimals, none added."""

    scale = PRICE_SCALE
    high = LARGEST_UNITS
    fixed = False


class ProductForm(PortalForm):
    """A product."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=NAME_LENGTH)])
    kind = SelectField(N_("Kind"), choices=[SelectChoice(key, word) for key, word in KINDS.items()])
    category = StringField(
        N_("Category"),
        [Length(max=CATEGORY_LENGTH)],
        description=N_("A name that is not there yet begins a new category."),
    )
    fractional = BooleanField(
        N_("Sold in fractions"), description=N_("Quantities with up to 3 decimals, such as 0,5.")
    )
    active = BooleanField(
        N_("Active"), default=True, description=N_("What is inactive stays on file, unsold.")
    )
    credit_type = SelectField(N_("Credit type"), choices=[])
    credit_units = UnitsField(
        N_("Units of credit"), description=N_("How many of them one piece consumes.")
    )
    version = HiddenField()

    def offer(self, credit_types: list[str]) -> None:
        """Offer the credit types there are, and none."""
        choices = [SelectChoice(code, code) for code in credit_types]
        self.credit_type.choices = [SelectChoice("", gettext("none")), *choices]

    def changes(self) -> ProductChanges:
        """Return what was typed, as the changes to a product."""
        return {
            "name": self.name.data or "",
            "kind": self.kind.data,
            "category": self.category.data or None,
            "active": self.active.data,
            "fractional": self.fractional.data,
            "credit_type": self.credit_type.data or None,
            "credit_units": self.credit_units.data,
        }


class NewProductForm(ProductForm):
    """A product that is not on file yet."""

    LEADS = ("sku",)

    sku = StringField(
        N_("SKU"),
        [InputRequired(), Length(max=CODE_LENGTH)],
        description=N_("Up to 64 characters, without slashes; it stays as it is."),
    )

    def facts(self) -> NewProduct:
        """Return what was typed, as a new product."""
        values: dict[str, Any] = dict(self.changes())
        return NewProduct(sku=self.sku.data or "", **values)


class IssuerForm(PortalForm):
    """An issuer."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=ISSUER_NAME_LENGTH)])
    active = BooleanField(
        N_("Active"), default=True, description=N_("An inactive issuer takes no new orders.")
    )
    version = HiddenField()

    def changes(self) -> IssuerChanges:
        """Return what was typed, as the changes to an issuer."""
        return {"name": self.name.data or "", "active": self.active.data}


class NewIssuerForm(IssuerForm):
    """An issuer that is not on file yet."""

    LEADS = ("code",)

    code = StringField(
        N_("Code"),
        [InputRequired(), Length(max=CODE_LENGTH)],
        description=N_("Up to 64 characters, without slashes; it stays as it is."),
    )
