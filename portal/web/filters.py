"""How pages write numbers, days and documents: exact, and in the reader's language."""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale

from portal import clock

MINUS = "\u2212"
DASH = "\u2013"
NO_BREAK = "\u00a0"
_PHONE = re.compile(r"\+55([1-9][0-9])([0-9]{4,5})([0-9]{4})\Z")


def money(value: Decimal | int | None) -> str:
    """Write an amount: 1.234,56, with a true minus; a dash for none."""
    return _number(value, "#,##0.00")


def money_brl(value: Decimal | int | None) -> str:
    """Write an amount with its currency: R$ 1.234,56."""
    if value is None:
        return DASH
    return f"{MINUS if value < 0 else ''}R${NO_BREAK}{money(abs(Decimal(value)))}"


def signed(value: Decimal | int | None) -> str:
    """Write a movement: +1.234,56 or −1.234,56."""
    return f"+{money(value)}" if value is not None and value > 0 else money(value)


def price(value: Decimal | int | None) -> str:
    """Write a unit price: two decimals, up to four where they say something."""
    return _number(value, "#,##0.00##")


def quantity(value: Decimal | int | None) -> str:
    """Write a quantity without trailing zeros."""
    return _number(value, "#,##0.######")


def percent(value: Decimal | int | None, *, sign: bool = False) -> str:
    """Write a rate given in per cent: 4.5 as 4,5 %; with `sign`, a plus before what rises."""
    if value is None:
        return DASH
    plus = "+" if sign and value > 0 else ""
    return f"{plus}{_number(value, '#,##0.####')}{NO_BREAK}%"


def day(value: date | datetime | None) -> str:
    """Write a day: 19/11/2026, in every language, as forms read it.

    A moment is read in the installation's time zone.
    """
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = clock.day_of(value)
    return value.strftime("%d/%m/%Y")


def moment(value: datetime | None) -> str:
    """Write a moment: 19/11/2026 10:42, in the installation's time zone."""
    if value is None:
        return DASH
    return clock.local(value).strftime("%d/%m/%Y %H:%M")


def dash_zero(value: Decimal | int | None, *, places: int = 2) -> str:
    """Write an amount for a wide table, where zero is a dash."""
    if not value:
        return DASH
    return _number(value, "#,##0." + "0" * places if places else "#,##0")


def tax_id(value: str | None) -> str:
    """Write a CPF as 123.456.789-09 and a CNPJ, which may hold letters, as 12.ABC.345/01DE-35."""
    if not value:
        return DASH
    if len(value) == 11 and value.isdigit():
        return f"{value[:3]}.{value[3:6]}.{value[6:9]}-{value[9:]}"
    if len(value) == 14 and value.isalnum():
        return f"{value[:2]}.{value[2:5]}.{value[5:8]}/{value[8:12]}-{value[12:]}"
    return value


def phone(value: str | None) -> str:
    """Write a Brazilian telephone as people read it, (11) 91234-5678; others as they are stored."""
    if not value:
        return DASH
    if found := _PHONE.match(value):
        return f"({found[1]}) {found[2]}-{found[3]}"
    return value


def flat(messages: Any) -> list[str]:
    """Return the errors of a field, those of fields inside it included, as one list."""
    if isinstance(messages, dict):
        return flat(list(messages.values()))
    if isinstance(messages, list | tuple):
        return [text for part in messages for text in flat(part)]
    return [str(messages)]


def wired(field: Any, described: object, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a control, tied to its error and its help by aria-describedby."""
    notes = [attributes.get("aria_describedby", "")]
    notes += [f"{field.id}-error"] if field.errors else []
    notes += [f"{field.id}-help"] if described else []
    wires = {
        "aria_describedby": " ".join(filter(None, notes)),
        "aria_invalid": "true" if field.errors else "",
    }
    plain = {
        name: value
        for name, value in attributes.items()
        if name not in {"optional", "aria_describedby"}
    }
    return plain | {name: value for name, value in wires.items() if value}


def register_filters(app: Flask) -> None:
    """Give templates the filters of this module, under their own names."""
    for write in (
        money,
        money_brl,
        signed,
        price,
        quantity,
        percent,
        day,
        moment,
        dash_zero,
        tax_id,
        phone,
        flat,
        wired,
    ):
        app.jinja_env.filters[write.__name__] = write
    app.jinja_env.globals["get_locale"] = get_locale


def _number(value: Decimal | int | None, pattern: str) -> str:
    if value is None:
        return DASH
    places = len(pattern.partition(".")[2])
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return format_decimal(exact or Decimal(0), pattern, locale=_locale()).replace("-", MINUS)


def _locale() -> str:
    return str(get_locale() or "pt_BR")
