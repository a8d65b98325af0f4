"""Which tables a service point uses, as it is typed."""

from collections.abc import Iterable

from wtforms import FieldList as Rows
from wtforms import Form, HiddenField, SelectField, TextAreaField
from wtforms import FormField as Row
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from portal.i18n import N_
from portal.periods import Period
from portal.pricing.models import PriceAssignment, TableKind
from portal.pricing.rules.assignments import NewAssignment
from portal.pricing.services.guards import REASON_LENGTH
from portal.web.forms import DayField, PortalForm

OWN = "own"


class AssignmentRow(Form):
    """One assignment: the own tables, or a general one by its number."""

    table = SelectField(N_("Uses"), choices=[], validate_choice=False, default="")
    valid_from = DayField(N_("From"))
    valid_until = DayField(N_("Until"))

    def is_blank(self) -> bool:
        """Whether nothing was typed into it."""
        return not self.table.data and not self.valid_from.data and not self.valid_until.data

    def is_half(self) -> bool:
        """Whether its first day or its table is missing."""
        return not self.is_blank() and not (self.table.data and self.valid_from.data)

    def given(self) -> NewAssignment:
        """Return what was typed; only for a row that is neither blank nor half."""
        first, table = self.valid_from.data, str(self.table.data)
        if first is None:
            raise LookupError("a whole row has a first day")
        period = Period(first, self.valid_until.data)
        if table == OWN:
            return NewAssignment(TableKind.OWN, period)
        number = int(table) if table.isascii() and table.isdigit() and len(table) < 19 else 0
        return NewAssignment(TableKind.GENERAL, period, number)


class AssignmentsForm(PortalForm):
    """All assignments of a service point."""

    rows = Rows(Row(AssignmentRow))
    reason = TextAreaField(
        N_("Reason"),
        [Length(max=REASON_LENGTH)],
        description=N_("Needed when days in the past change."),
    )
    version = HiddenField()

    def offer(self, tables: Iterable[tuple[int, str]], own: str, nothing: str) -> None:
        """Offer the general tables, and the own ones, in each row."""
        choices = [SelectChoice("", nothing), SelectChoice(OWN, own)]
        choices += [SelectChoice(str(number), name) for number, name in tables]
        for entry in self.rows:
            entry.form.table.choices = choices

    def filled(self) -> list[tuple[int, AssignmentRow]]:
        """Return the rows into which something was typed, with their places."""
        forms = [(at, entry.form) for at, entry in enumerate(self.rows)]
        return [(at, form) for at, form in forms if not form.is_blank()]


def row_of(assignment: PriceAssignment) -> dict[str, object]:
    """Return an assignment as its row shows it."""
    table = assignment.price_table_id
    return {
        "table": OWN if table is None else str(table),
        "valid_from": assignment.valid_from,
        "valid_until": assignment.valid_until,
    }
