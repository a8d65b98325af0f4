"""Editions as they are typed: days, rows, publishing, copying."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms import FieldList as Rows
from wtforms import FormField as Row
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.i18n import N_
from portal.periods import Period
from portal.pricing.forms.tables import RoundedForm, past_reason
from portal.pricing.models import Dated, EditionState
from portal.pricing.rules.items import HIGHEST_PERCENT, NewItem
from portal.pricing.services.guards import REASON_LENGTH
from portal.web.forms import DayField, PercentField, PortalForm, PriceField, QuantityField

PAGE_ROWS = 50
NEW_ROWS = 3
_FIRST = N_("First day")
_LAST = N_("Last day")
_OPEN = N_("Leave it empty for no end.")
REASON = N_("Reason")


class WindowForm(PortalForm):
    """The days on which something holds."""

    valid_from = DayField(_FIRST, [InputRequired()])
    valid_until = DayField(_LAST, description=_OPEN)

    def period(self) -> Period:
        """Return the days; only after the form was found to be whole."""
        first: date | None = self.valid_from.data
        if first is None:
            raise LookupError("a checked form has a first day")
        return Period(first, self.valid_until.data)


class NewEditionForm(WindowForm):
    """The days of a new edition, and where its rows come from."""

    source = SelectField(N_("Begin with"), choices=[], default="")

    @classmethod
    def offering(cls, editions: Sequence[Dated], without: str, *, first: date) -> "NewEditionForm":
        """Return the form with copies to begin with, the latest chosen, or `without` any."""
        live = [one for one in editions if one.state != EditionState.SUPERSEDED]
        form = cls(valid_from=first, source=str(live[-1].id) if live else "")
        form.source.choices = [
            SelectChoice("", without),
            *(SelectChoice(str(one.id), _copy_of(one)) for one in reversed(live)),
        ]
        return form

    def source_id(self) -> int | None:
        """Return the number of the edition to copy, if one is to be."""
        return int(self.source.data) if self.source.data else None


class RowForm(Form):
    """A row of an edition. `was` names the stored row that it stands for, if it does."""

    was = HiddenField()
    sku = StringField(N_("Product (SKU)"), [Length(max=64)])
    minimum = QuantityField(N_("From quantity"))
    price = PriceField(N_("Price"))
    percent = PercentField(N_("Percentage"), high=HIGHEST_PERCENT)
    free = BooleanField(N_("Free"))

    @property
    def title(self) -> str:
        """What its errors begin with."""
        return (self.sku.data or "").strip()

    def is_blank(self) -> bool:
        """Whether nothing was typed into it."""
        typed = (self.sku.data or "").strip(), self.minimum.data, self.price.data, self.percent.data
        return not any(one not in (None, "") for one in typed) and not self.free.data

    def item(self) -> NewItem:
        """Return what was typed."""
        minimum: Decimal | None = self.minimum.data
        return NewItem(
            sku=(self.sku.data or "").strip(),
            price=self.price.data,
            percent=self.percent.data,
            min_quantity=minimum or None,
            free=bool(self.free.data),
        )


class EditionForm(WindowForm):
    """A page of a draft's rows, with its days."""

    rows = Rows(Row(RowForm))
    gone = Rows(HiddenField())
    version = HiddenField()

    def filled(self) -> list[tuple[int, RowForm]]:
        """Return the rows into which something was typed, with their places."""
        forms = [(at, entry.form) for at, entry in enumerate(self.rows)]
        return [(at, form) for at, form in forms if not form.is_blank()]

    def replaced(self) -> list[str]:
        """Return the names of the stored rows that the page stood for."""
        named = [entry.form.was.data for entry in self.rows] + [one.data for one in self.gone]
        return [name for name in named if name]

    def add_rows(self, count: int = NEW_ROWS) -> None:
        """Add empty rows to type into."""
        for _ in range(count):
            self.rows.append_entry()


class PublishForm(PortalForm):
    """How a draft is put in force."""

    replace = BooleanField(N_("Replace what is published from that day on"))
    reason = TextAreaField(REASON, [Length(max=REASON_LENGTH)])
    version = HiddenField()


class EndForm(PortalForm):
    """A new end of an edition."""

    valid_until = DayField(_LAST, description=_OPEN)
    move_next = BooleanField(N_("Let the next edition begin the day after"))
    reason = past_reason()
    version = HiddenField()


class CopyForm(RoundedForm, WindowForm):
    """A draft made from another edition, with all prices up or down."""

    into = SelectField(N_("Into the table"), choices=[])

    def offer(self, tables: list[tuple[int, str]]) -> None:
        """Offer the tables that may hold the copy."""
        self.into.choices = [SelectChoice(str(number), name) for number, name in tables]


def _copy_of(source: Dated) -> str:
    return gettext("a copy of edition %(number)s", number=source.number)


def window_typed(period: Period, **facts: Any) -> dict[str, Any]:
    """Return days as a form shows them, with further facts."""
    return {"valid_from": period.start, "valid_until": period.end} | facts
