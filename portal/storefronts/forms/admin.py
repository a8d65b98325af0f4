"""What those who run a shop type: its settings, its logo, its address, texts of products."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from portal.catalogue.models import Issuer
from portal.i18n import N_
from portal.partners.rules import SLUG_LENGTH
from portal.people.rules.emails import LONGEST
from portal.storefronts.models import PER_ADDRESS, PER_DOCUMENT
from portal.storefronts.rules.admin.settings import (
    DETAILS_LENGTH,
    LARGEST_LIMIT,
    LENGTHS,
    SUMMARY_LENGTH,
    ShopFacts,
)
from portal.web.forms import PortalForm

_LIMITS = ("orders_per_document", "orders_per_address")
_LIMIT = (Optional(), NumberRange(min=1, max=LARGEST_LIMIT))


def _line(name: str, label: str, description: str = "") -> StringField:
    return StringField(label, [Length(max=LENGTHS[name])], description=description)


def _lines(name: str, label: str, description: str = "") -> TextAreaField:
    # browsers send a line's end as two signs; what is stored is counted again
    longest = 2 * LENGTHS[name]
    return TextAreaField(label, [Length(max=longest)], description=description)


class ShopForm(PortalForm):
    """How a shop looks and what it says."""

    name = _line("name", N_("Name of the shop"), N_("Empty: the service point's name."))
    tagline = _line("tagline", N_("Below the name"), N_("A few words: what, and where."))
    colour = StringField(
        N_("Colour"), description=N_("Made darker or brighter by itself until it can be read.")
    )
    headline = _line("headline", N_("Headline"), N_("The first sentence of the catalogue."))
    intro = _lines("intro", N_("Introduction"))
    promises = _lines(
        "promises", N_("Promises"), N_("Up to four, a line each: delivery, support, guarantee.")
    )
    advice = _lines("advice", N_("Help to choose"), N_("Which product is for whom."))
    legal_name = _line(
        "legal_name", N_("Company name"), N_("Who sells: visitors see it before they pay.")
    )
    address = _line("address", N_("Street address"))
    hours = _line("hours", N_("Opening hours"))
    phone = _line("phone", N_("Phone"))
    email = StringField(N_("E-mail"), [Length(max=LONGEST)])
    returns_text = _lines(
        "returns_text", N_("Returns and refunds"), N_("Empty: the rule of the law, seven days.")
    )
    privacy_text = _lines(
        "privacy_text",
        N_("Privacy of visitors"),
        N_("Empty: what the portal does with their data."),
    )
    closed_text = _lines("closed_text", N_("While the shop is closed"))
    issuer = SelectField(
        N_("Issuer of its orders"),
        choices=[],
        description=N_("What the shop can sell follows from the prices of this issuer."),
    )
    orders_per_document = IntegerField(
        N_("Orders per CPF or CNPJ in a day"),
        _LIMIT,
        description=str(PER_DOCUMENT),
    )
    orders_per_address = IntegerField(
        N_("Orders per IP address in an hour"),
        _LIMIT,
        description=str(PER_ADDRESS),
    )
    version = HiddenField()

    def __init__(self, *args: Any, issuers: Iterable[Issuer] = (), **values: Any) -> None:
        super().__init__(*args, **values)
        for name in _LIMITS:
            usual = self[name].description
            self[name].description = gettext("Empty: %(usual)s.", usual=usual)
        found = [SelectChoice(issuer.code, issuer.name) for issuer in issuers]
        self.issuer.choices = [SelectChoice("", gettext("without issuer")), *found]

    def facts(self) -> ShopFacts:
        """Return what was typed."""
        names = [one.name for one in fields(ShopFacts) if one.name not in _LIMITS]
        texts: dict[str, str] = {name: self[name].data or "" for name in names}
        return ShopFacts(
            orders_per_document=self.orders_per_document.data,
            orders_per_address=self.orders_per_address.data,
            **texts,
        )


def _is_chosen(_form: Any, field: FileField) -> None:
    if not field.data or not field.data.filename:
        raise ValidationError(gettext("Choose a file."))


class LogoForm(PortalForm):
    """A picture of the logo."""

    file = FileField(
        N_("Picture"),
        [_is_chosen],
        description=N_("PNG, JPEG or WebP, up to 2 MB and 4 million dots. It is drawn anew."),
    )


class AddressForm(PortalForm):
    """Where visitors find the shop."""

    shop_slug = StringField(
        N_("Address of the shop"),
        [Length(max=SLUG_LENGTH)],
        description=N_("Lower case letters, digits and hyphens; empty: no shop."),
    )
    version = HiddenField()


class WordsForm(PortalForm):
    """What the shop says of a product."""

    summary = StringField(
        N_("In one line"),
        [Length(max=SUMMARY_LENGTH)],
        description=N_("In the catalogue, below the product's name."),
    )
    details = TextAreaField(
        N_("In full"),
        [Length(max=2 * DETAILS_LENGTH)],
        description=N_("On the product's page; an empty line begins a new paragraph."),
    )
