"""What every form of the portal shares: its token, its language, exact numbers, sent once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from flask import g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput

from portal.errors import PortalError
from portal.i18n import N_
from portal.money import (
    AMOUNT_SCALE,
    PERCENT_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
)
from portal.web.filters import day
from portal.web.numbers import number_text, parse_number
from portal.web.problems import explain, explain_problem
from portal.web.shapes import MAX_AMOUNT, MAX_PERCENT, MAX_PRICE, MAX_QUANTITY

_ZERO = Decimal(0)


class PortalForm(FlaskForm):
    """A form of a page: labels, help and choices are N_ texts, translated here."""

    LEADS: ClassVar[tuple[str, ...]] = ()
    """Fields that stand first on the page though the class adds them to those of another form.

    What is wrong is listed in the order of the fields.
    """

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self._fields = {name: self._fields[name] for name in self.LEADS} | self._fields
        for field in self:
            field.label.text = _said(field.label.text)
            field.description = _said(field.description)
            if isinstance(field, SelectField) and isinstance(field.choices, list):
                field.choices = [_said_choice(choice) for choice in field.choices]

    def submitted(self) -> bool:
        """Whether it was sent, with its token, and every field fits its shape."""
        return bool(self.validate_on_submit())

    def refuse(self, field: str, message: str) -> None:
        """Put a refusal beside a field, or on top when there is no such field."""
        target = self._fields.get(field)
        if target is None:
            self.form_errors.append(message)
        else:
            target.errors = [*target.errors, message]

    def take(self, error: PortalError, **fields: str) -> None:
        """Put each problem of a refusal beside its field, what belongs to none on top.

        A path such as `shop.slug` belongs to the field `shop_slug`; `fields` names others.
        """
        for problem in error.problems:
            name = problem.field.replace(".", "_")
            self.refuse(fields.get(name, name), explain_problem(problem))
        if not error.problems:
            self.refuse("", explain(error))

    def take_rows(
        self, error: PortalError, rows: Sequence[Any], places: Sequence[int], **fields: str
    ) -> None:
        """Put what is wrong with `items[3].price` beside its row, the rest as `take` does.

        `places` says which of the form's `rows` each item was; a row's `title`, if it has one,
        begins its line on top.
        """
        rest = []
        for problem in error.problems:
            where, _, name = problem.field.partition("].")
            if not where.startswith("items[") or not name:
                rest.append(problem)
                continue
            row = rows[places[int(where.removeprefix("items["))]].form
            said = explain_problem(problem)
            target = row[fields.get(name, name)]
            target.errors = [*target.errors, said]
            title = getattr(row, "title", "")
            self.form_errors.append(f"{title}: {said}" if title else said)
        if rest or not error.problems:
            error.problems = tuple(rest)
            self.take(error)

    def taking(self, *families: type[PortalError], **fields: str) -> "Taking":
        """Do a deed `with` the form: a refusal of these families comes back in it, as `take` does.

        What stands behind the deed is done only where nothing was refused.
        """
        return Taking(self, families, fields)

    def seen_version(self) -> int | None:
        """Return the version that the form was filled in from, if it carries one."""
        field = self._fields.get("version")
        text = str(field.data or "") if field is not None else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@dataclass(frozen=True, slots=True)
class Taking:
    """The time in which a form takes what is refused."""

    form: PortalForm
    families: tuple[type[PortalError], ...]
    fields: dict[str, str]

    def __enter__(self) -> None:
        """Nothing is refused yet."""

    def __exit__(self, _family: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, self.families):
            return False
        self.form.take(error, **self.fields)
        return True


def form_page(template: str, form: PortalForm, **facts: Any) -> ResponseReturnValue:
    """Show a form on its page; 422 when something in it needs a correction."""
    page = render_template(template, form=form, **facts)
    return (page, 422) if form.errors else page


def new_form_key() -> str:
    """Return a key for one sending of a form."""
    return secrets.token_urlsafe(18)


class FormKeyField(HiddenField):
    """The hidden key of a once-only form; a spent one is replaced when the form comes back."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("default", new_form_key)
        super().__init__(*args, **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the key that was sent; a form that lost its own has none, and is refused."""
        self.data = valuelist[0] if valuelist else None

    def _value(self) -> str:
        return new_form_key() if g.get("form_key_spent") else str(self.data or new_form_key())


class OnceForm(PortalForm):
    """A form whose second click does nothing more: see `idempotency.do_once`."""

    form_key = FormKeyField()


def _said(text: str | None) -> str:
    return gettext(text) if text else ""


def _said_choice(choice: Any) -> Any:
    if isinstance(choice, SelectChoice):
        return SelectChoice(choice.value, _said(choice.label), choice.render_kw, choice.optgroup)
    return choice


class ExactField(StringField):
    """A number typed in the language's manner, kept exactly; `data` is a Decimal or None."""

    scale = AMOUNT_SCALE
    fixed = True
    low: Decimal | None = _ZERO
    high = MAX_AMOUNT

    data: Any

    def __init__(
        self, *args: Any, low: Decimal | None = None, high: Decimal | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.low = self.low if low is None else low
        self.high = self.high if high is None else high

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return number_text(Decimal(self.data), self.scale, fixed=self.fixed)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; nothing typed is None."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = self._number(text) if text else None

    def _number(self, text: str) -> Decimal:
        try:
            number = parse_number(text, self.scale)
        except ValueError:
            example = number_text(Decimal("1234.5"), self.scale, fixed=self.fixed)
            raise ValueError(
                gettext("Type a number such as %(example)s.", example=example)
            ) from None
        if self.low is not None and number < self.low:
            low = number_text(self.low, self.scale, fixed=False)
            raise ValueError(gettext("Must be %(low)s or more.", low=low))
        if number > self.high:
            high = number_text(self.high, self.scale, fixed=False)
            raise ValueError(gettext("Must be %(high)s or less.", high=high))
        return number


class AmountField(ExactField):
    """An amount of money, two decimals."""


class PriceField(ExactField):
    """A unit price, up to four decimals."""

    scale = PRICE_SCALE
    high = MAX_PRICE
    fixed = False

    def _value(self) -> str:
        """Write at least two decimals."""
        text = super()._value()
        if self.raw_data or self.data is None:
            return text
        return max(text, number_text(Decimal(self.data), 2, fixed=True), key=len)


class PercentField(ExactField):
    """A percentage, up to four decimals; negative ones where `low` allows it."""

    scale = PERCENT_SCALE
    high = MAX_PERCENT
    fixed = False


class QuantityField(ExactField):
    """A quantity, up to three decimals."""

    scale = QUANTITY_SCALE
    high = MAX_QUANTITY
    fixed = False


class DayField(Field):
    """A day: typed as dd/mm/yyyy, or sent by the browser's own date picker."""

    widget = DateInput()
    data: date | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; nothing typed is None."""
        text = str(valuelist[0]).strip() if valuelist else ""
        try:
            self.data = parse_day(text) if text else None
        except ValueError:
            raise ValueError(
                gettext("Type a day such as %(example)s.", example=day(date(2026, 12, 31)))
            ) from None


def parse_day(text: str) -> date:
    """Read 2026-12-31 or 31/12/2026; ValueError for anything else."""
    form = "%d/%m/%Y" if "/" in text else "%Y-%m-%d"
    if len(text) != 10 or not text.isascii():
        raise ValueError(N_("not a day"))
    found = datetime.strptime(text, form)  # noqa: DTZ007 - a civil day has no zone
    return found.date()
