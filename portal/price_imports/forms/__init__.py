"""What is typed to import a list: the file, how it is read, what becomes of it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from portal.errors import PortalError
from portal.i18n import N_
from portal.price_imports.rules.columns import HEADER_WITHIN, PRICES, Column
from portal.price_imports.rules.settings import NO_HEADER, Reading
from portal.pricing.forms.editions import WindowForm
from portal.pricing.services.guards import REASON_LENGTH
from portal.sheets.delimited import SEPARATORS
from portal.sheets.figures import COMMA, POINT
from portal.sheets.records import Record, Sheet, shown
from portal.web.forms import PortalForm
from portal.web.problems import explain

_NONE = str(NO_HEADER)
"""Stands for no row and no column."""
_SHOWN = 28
COLUMN_LABELS = {
    Column.SKU: N_("SKU"),
    Column.PRICE: N_("Price"),
    Column.PERCENT: N_("Percentage"),
    Column.MIN_QUANTITY: N_("From quantity"),
    Column.NAME: N_("Name"),
    Column.CATEGORY: N_("Category"),
    Column.FREE: N_("Free"),
    Column.SUGGESTED_PRICE: N_("Suggested price"),
    Column.SALE_PRICE: N_("Sale price"),
    Column.ON_SITE: N_("On site"),
}
_SEPARATOR_LABELS = {
    ";": N_("semicolon ;"),
    ",": N_("comma ,"),
    "\t": N_("tab"),
    "|": N_("bar |"),
}
_CREATE = N_("Put products on file that are missing")
_CREATE_HELP = N_("With name and category from the file. Otherwise each of them is an error.")


def _is_chosen(_form: Any, field: FileField) -> None:
    if not field.data or not field.data.filename:
        raise ValidationError(gettext("Choose a file."))


class FileForm(WindowForm):
    """The file, and for which days it holds."""

    LEADS = ("file",)

    file = FileField(
        N_("File"),
        [_is_chosen],
        description=N_("CSV or XLSX, up to 20 MB."),
    )

    def take_file(self, refusal: PortalError) -> None:
        """Put a refusal where it belongs; one that names no field is about the file."""
        if refusal.problems:
            self.take(refusal)
        else:
            self.refuse("file", explain(refusal))


class UploadForm(FileForm):
    """A file of acquisition prices."""

    create_products = BooleanField(_CREATE, description=_CREATE_HELP)


class ReadingBase(WindowForm):
    """How a file is read; every field shows what was recognised. A form has a field per column."""

    layout = PRICES

    separator = SelectField(N_("Separator"), choices=[])
    sheet = SelectField(N_("Sheet"), choices=[])
    header = SelectField(N_("Header"), choices=[])
    decimal = SelectField(
        N_("Decimal mark"),
        choices=[
            SelectChoice("", N_("as each column says")),
            SelectChoice(COMMA, N_("comma: 1.234,56")),
            SelectChoice(POINT, N_("point: 1,234.56")),
        ],
    )

    def offer(self, sheet: Sheet, head: Sequence[Record], reading: Reading) -> None:
        """Fill in what there is to choose from."""
        marks = [mark for mark in SEPARATORS if sheet.kind == "csv"]
        if sheet.separator and sheet.separator not in marks:
            marks.append(sheet.separator)
        labels = [SelectChoice(mark, _label_of(mark)) for mark in marks]
        self.separator.choices = labels or [SelectChoice("", "")]
        names = [SelectChoice(name, name) for name in sheet.names]
        self.sheet.choices = names or [SelectChoice("", "")]
        self.header.choices = [
            SelectChoice(_NONE, gettext("none")),
            *(SelectChoice(str(at), _row_label(at, row)) for at, row in _candidates(head)),
        ]
        columns = [
            SelectChoice(_NONE, gettext("not in the file")),
            *_columns(head, reading.first_row),
        ]
        for field in (self._fields[column.value] for column in self.layout.columns):
            if isinstance(field, SelectField):
                field.choices = columns

    def show(self, reading: Reading) -> None:
        """Show a reading."""
        self.separator.data = reading.separator or ""
        self.sheet.data = reading.sheet or ""
        self.header.data = str(reading.first_row - 1)
        self.decimal.data = reading.decimal or ""
        for column in self.layout.columns:
            self._fields[column.value].data = str(reading.columns.get(column, _NONE))

    def reading(self) -> Reading:
        """Return what was chosen; only after the form was found to be whole."""
        chosen = {column: int(self._fields[column.value].data) for column in self.layout.columns}
        return Reading(
            separator=self.separator.data or None,
            sheet=self.sheet.data or None,
            header=int(self.header.data),
            columns={column: at for column, at in chosen.items() if at >= 0},
            decimal=self.decimal.data or None,
        )


class ReadingForm(ReadingBase):
    """How a list of acquisition prices is read."""

    sku = SelectField(COLUMN_LABELS[Column.SKU], choices=[])
    price = SelectField(COLUMN_LABELS[Column.PRICE], choices=[])
    percent = SelectField(COLUMN_LABELS[Column.PERCENT], choices=[])
    min_quantity = SelectField(COLUMN_LABELS[Column.MIN_QUANTITY], choices=[])
    name = SelectField(COLUMN_LABELS[Column.NAME], choices=[])
    category = SelectField(COLUMN_LABELS[Column.CATEGORY], choices=[])
    free = SelectField(COLUMN_LABELS[Column.FREE], choices=[])
    create_products = BooleanField(_CREATE, description=_CREATE_HELP)


class StoreForm(PortalForm):
    """What becomes of a list that was checked."""

    action = RadioField(N_("What becomes of it"), [InputRequired()], choices=[], default="draft")
    reason = TextAreaField(N_("Reason"), [Length(max=REASON_LENGTH)])

    def offer(self, actions: Sequence[tuple[str, str]]) -> None:
        """Fill in what may be chosen."""
        self.action.choices = [SelectChoice(key, label) for key, label in actions]


def creates_products(form: WindowForm) -> bool:
    """Whether products that are missing are put on file; only some lists ask."""
    return bool(form.data.get("create_products"))


def other_layout(sent: Mapping[str, str], kept: Reading) -> Reading | None:
    """Return the layout that was chosen where it is another; columns are then found anew."""
    chosen = {name: sent.get(name, "") for name in ("separator", "sheet", "header")}
    decimal = kept.decimal
    if (chosen["separator"], chosen["sheet"]) != (kept.separator or "", kept.sheet or ""):
        mark = chosen["separator"] if chosen["separator"] in set(SEPARATORS) else None
        return Reading(separator=mark, sheet=chosen["sheet"][:100] or None, decimal=decimal)
    header = chosen["header"]
    if header == str(kept.header) or not re.fullmatch("-1|[0-9]{1,3}", header):
        return None
    return Reading(kept.separator, kept.sheet, int(header), decimal=decimal)


def _label_of(mark: str) -> str:
    known = _SEPARATOR_LABELS.get(mark)
    return gettext(known) if known else mark


def _candidates(head: Sequence[Record]) -> list[tuple[int, Record]]:
    return [(at, row) for at, row in enumerate(head[:HEADER_WITHIN]) if any(map(shown, row))]


def _row_label(at: int, row: Record) -> str:
    cells = ", ".join(filter(None, (shown(cell).strip() for cell in row)))
    return gettext("row %(row)s: %(cells)s", row=at + 1, cells=_short(cells, 2 * _SHOWN))


def _columns(head: Sequence[Record], first: int) -> list[Any]:
    width = max(map(len, head), default=0)
    names = head[first - 1] if first else []
    return [
        SelectChoice(str(at), column_label(at, names[at] if at < len(names) else ""))
        for at in range(width)
    ]


def column_label(at: int, heading: str) -> str:
    """Return a column as people name it: its letter, and its heading."""
    letters, rest = "", at + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    words = " ".join(shown(heading).split())
    return f"{letters} · {_short(words, _SHOWN)}" if words else letters


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
