"""The shapes of what is typed about orders."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from wtforms import FieldList, Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.catalogue.models import Issuer
from portal.i18n import N_
from portal.money import HUNDRED, ZERO, amount_of
from portal.orders.models import Order
from portal.orders.rules import Payment, Wanted, WantedLine
from portal.web.forms import (
    AmountField,
    OnceForm,
    PercentField,
    PortalForm,
    PriceField,
    QuantityField,
)
from portal.web.shapes import MAX_PERCENT

MAX_ROWS = 100
BLANK_ROWS = 3
CHANNELS = {
    "back_office": N_("Counter"),
    "site": N_("Shop"),
    "api": N_("Other system"),
}
KINDS = {
    "sale": N_("Sale"),
    "subscription": N_("Subscription"),
    "internal": N_("Internal use"),
}
DOCUMENT_TYPES = {
    "cash_sale": N_("Cash sale"),
    "credit_sale": N_("Credit sale"),
    "delivery_note": N_("Delivery note"),
}
METHODS = {
    "cash": N_("Cash"),
    "pix": N_("Pix"),
    "card": N_("Card"),
    "transfer": N_("Bank transfer"),
    "cheque": N_("Cheque"),
}
_OUTSIDE = N_("Settled outside the portal")
_NO_ISSUER = N_("Without issuer")


def _choices(words: dict[str, str], *, first: str = "") -> list[SelectChoice]:
    blank = [SelectChoice("", first)] if first else []
    return blank + [SelectChoice(key, word) for key, word in words.items()]


class LineForm(Form):
    """A line: a product by its code, how much of it, at which price or discount."""

    sku = StringField(N_("Product"), [Length(max=64)])
    quantity = QuantityField(N_("Quantity"), default=Decimal(1))
    unit_price = PriceField(N_("Price"))
    discount_percent = PercentField(N_("Discount, %"), low=-MAX_PERCENT, high=HUNDRED)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed that means something; a quantity alone does not."""
        return not any(
            str(typed).strip()
            for field in (self.sku, self.unit_price)
            for typed in field.raw_data or [field.data or ""]
        )

    @property
    def wanted(self) -> WantedLine | None:
        """The line as plain values; None while something is missing or malformed."""
        sku = (self.sku.data or "").strip()
        quantity = self.quantity.data
        if not sku or not quantity or self.malformed:
            return None
        return WantedLine(sku, quantity, self.unit_price.data, self.discount_percent.data)

    @property
    def malformed(self) -> bool:
        """Whether a figure is none."""
        return any(part.errors for part in (self.quantity, self.unit_price, self.discount_percent))


class OrderForm(OnceForm):
    """A new order, or a draft that is gone on with."""

    service_point = StringField(N_("Service point"), [InputRequired(), Length(max=64)])
    issuer = SelectField(N_("Issuer"), choices=[], default="")
    lines = FieldList(FormField(LineForm), max_entries=MAX_ROWS)
    final_total = AmountField(N_("Typed total"))
    payment = SelectField(
        N_("Customer's payment"), choices=_choices(METHODS, first=_OUTSIDE), default=""
    )
    kind = SelectField(N_("Kind"), choices=_choices(KINDS), default="sale")
    document_type = SelectField(
        N_("Document"), choices=_choices(DOCUMENT_TYPES), default="cash_sale"
    )
    external_reference = StringField(N_("Your reference"), [Length(max=64)])
    draft = HiddenField()
    version = HiddenField()

    def offer(self, issuers: Iterable[Issuer]) -> None:
        """Fill in the issuers to choose from."""
        listed = [SelectChoice(issuer.code, issuer.name) for issuer in issuers]
        self.issuer.choices = [SelectChoice("", gettext(_NO_ISSUER)), *listed]

    def complete(self) -> bool:
        """Whether there is a line, and every line that was begun says what it needs."""
        rows = self.rows
        for row in rows:
            if not (row.sku.data or "").strip():
                row.sku.errors = [*row.sku.errors, gettext("Choose a product.")]
            elif row.wanted is None and not row.malformed:
                row.quantity.errors = [*row.quantity.errors, gettext("Type how much.")]
        if not rows:
            self.lines.errors = [gettext("Add a product first.")]
        return bool(rows) and all(row.wanted is not None for row in rows)

    @property
    def rows(self) -> list[LineForm]:
        """The lines that were begun, in their order."""
        return [entry.form for entry in self.lines.entries if not entry.form.is_blank]

    def show_blank_rows(self) -> None:
        """End with rows to type in."""
        blank = sum(1 for entry in self.lines.entries if entry.form.is_blank)
        missing = (BLANK_ROWS if len(self.lines) == blank else 1) - blank
        for _ in range(min(missing, MAX_ROWS - len(self.lines))):
            self.lines.append_entry()

    def wanted(self) -> Wanted:
        """Return what is asked for, as plain values; lines that miss something are left out."""
        lines = [line for row in self.rows if (line := row.wanted) is not None]
        return Wanted(
            service_point=(self.service_point.data or "").strip(),
            channel="back_office",
            lines=lines,
            issuer=self.issuer.data or None,
            kind=self.kind.data,
            document_type=self.document_type.data,
            external_reference=(self.external_reference.data or "").strip() or None,
            final_total=self.final_total.data,
            payments=self._payments(lines),
        )

    def _payments(self, lines: list[WantedLine]) -> list[Payment] | None:
        """Return one payment of the whole sale by the method chosen, if one was."""
        if not self.payment.data:
            return None
        total = self.final_total.data
        prices = [line.unit_price for line in lines]
        if total is None and None not in prices:
            made = zip(lines, prices, strict=True)
            total = sum((amount_of(price or ZERO, line.quantity) for line, price in made), ZERO)
        return [Payment(self.payment.data, total)]

    def take_draft(self, order: Order, wanted: Wanted) -> None:
        """Fill the form in from a draft."""
        self.service_point.data = wanted.service_point
        self.issuer.data = wanted.issuer or ""
        self.kind.data, self.document_type.data = wanted.kind, wanted.document_type
        self.external_reference.data = wanted.external_reference or ""
        self.final_total.data = wanted.final_total
        self.payment.data = wanted.payments[0].method if wanted.payments else ""
        self.draft.data, self.version.data = str(order.id), str(order.version)
        for line in wanted.lines:
            row: dict[str, Any] = {"sku": line.sku, "quantity": line.quantity}
            row |= {"unit_price": line.unit_price, "discount_percent": line.discount_percent}
            self.lines.append_entry(row)


class CancelForm(OnceForm):
    """Why an order is cancelled."""

    reason = TextAreaField(N_("Reason"), [InputRequired(), Length(max=500)])


class MoveForm(OnceForm):
    """A move that needs no more than its button."""


class SoldLineForm(Form):
    """The sale price of a line that was placed."""

    unit_price = PriceField(N_("Price"), [InputRequired()])


class SaleForm(PortalForm):
    """What of a placed sale can be corrected."""

    lines = FieldList(FormField(SoldLineForm))
    kind = SelectField(N_("Kind"), choices=_choices(KINDS))
    document_type = SelectField(N_("Document"), choices=_choices(DOCUMENT_TYPES))
    external_reference = StringField(N_("Your reference"), [Length(max=64)])
    version = HiddenField()
