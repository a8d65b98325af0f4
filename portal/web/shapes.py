"""The shapes of JSON: strict, closed, exact. Amounts come in as strings and go out as strings."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic import WithJsonSchema as Schema
from pydantic_core import PydanticCustomError

from portal.i18n import N_
from portal.money import (
    AMOUNT_SCALE,
    HUNDRED,
    PERCENT_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    plain,
    text_of,
)

MAX_AMOUNT = Decimal("9999999999999.99")
MAX_PRICE = Decimal("99999999.9999")
MAX_QUANTITY = Decimal("999999.999")
MAX_PERCENT = Decimal(1000)
"""500 lines of the dearest price and the largest quantity still fit a BIGINT of cents."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CODE = re.compile(r"[^\s/\\\x00-\x1f\x7f](?:[^/\\\x00-\x1f\x7f]{0,62}[^\s/\\\x00-\x1f\x7f])?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class Shape(BaseModel):
    """What is sent or answered: unknown fields are refused, nothing is guessed."""

    model_config = ConfigDict(
        extra="forbid", strict=True, validate_by_alias=True, validate_by_name=False, frozen=True
    )


class Query(BaseModel):
    """The arguments of an address: text that is read as what it stands for."""

    model_config = ConfigDict(
        extra="forbid", validate_by_alias=True, validate_by_name=False, frozen=True
    )


class ListQuery(Query):
    """What every list understands."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: Annotated[str, Field(max_length=2000, pattern=r"^[A-Za-z0-9_-]+$")] | None = None


class FormFields(Query):
    """What is sent beside a file, as text."""


def refuse(code: str, text: str, **facts: Any) -> PydanticCustomError:
    """Return the refusal of a value, for validators of shapes; `text` is an N_ text."""
    return PydanticCustomError(code, text, facts or None)


def _exact(
    scale: int, low: Decimal, high: Decimal, *, above: bool = False
) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        number = _decimal(value)
        if -int(number.as_tuple().exponent) > scale and number != round(number, scale):
            raise refuse("invalid", N_("At most %(scale)s decimals."), scale=scale)
        if number < low or (above and number == low):
            text = N_("Must be above %(low)s.") if above else N_("Must be %(low)s or more.")
            raise refuse("invalid", text, low=plain(low))
        if number > high:
            raise refuse("invalid", N_("Must be %(high)s or less."), high=plain(high))
        return number

    return read


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        text = f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 19 else ""
    elif isinstance(value, int) and not isinstance(value, bool):
        text = str(value) if abs(value) < 10**18 else ""
    else:
        text = value if isinstance(value, str) else ""
    if not _NUMBER.match(text):
        raise refuse("invalid", N_('A number such as "1234.50" is expected.'))
    return Decimal(text)


def _number_schema(scale: int, example: str, *, negative: bool = False) -> Schema:
    sign = "-?" if negative else ""
    pattern = rf"^{sign}(0|[1-9][0-9]{{0,12}})(\.[0-9]{{1,{scale}}})?$"
    text = {"type": "string", "pattern": pattern, "examples": [example]}
    return Schema({"anyOf": [text, {"type": "integer"}]}, mode="validation")


_ZERO = Decimal(0)

AmountIn = Annotated[
    Decimal, BeforeValidator(_exact(AMOUNT_SCALE, _ZERO, MAX_AMOUNT)), _number_schema(2, "1234.50")
]
"""0 or more, with up to 2 decimals."""
PositiveAmountIn = Annotated[
    Decimal,
    BeforeValidator(_exact(AMOUNT_SCALE, _ZERO, MAX_AMOUNT, above=True)),
    _number_schema(2, "1234.50"),
]
CreditIn = Annotated[
    Decimal,
    BeforeValidator(_exact(PRICE_SCALE, _ZERO, MAX_AMOUNT, above=True)),
    _number_schema(PRICE_SCALE, "1234.50"),
]
"""An amount of credit, above 0; its credit type says how many decimals it may have."""
PriceIn = Annotated[
    Decimal, BeforeValidator(_exact(PRICE_SCALE, _ZERO, MAX_PRICE)), _number_schema(4, "80.0000")
]
"""A unit price: 0 or more, with up to 4 decimals."""
PercentIn = Annotated[
    Decimal,
    BeforeValidator(_exact(PERCENT_SCALE, -MAX_PERCENT, MAX_PERCENT)),
    _number_schema(4, "12.5", negative=True),
]
"""From -1000 to 1000; rules narrow it down."""
DiscountIn = Annotated[
    Decimal,
    BeforeValidator(_exact(PERCENT_SCALE, -MAX_PERCENT, HUNDRED)),
    _number_schema(4, "12.5", negative=True),
]
"""Off a price, so at most 100, or the price would be negative; below zero it is a surcharge."""
QuantityIn = Annotated[
    Decimal,
    BeforeValidator(_exact(QUANTITY_SCALE, _ZERO, MAX_QUANTITY, above=True)),
    _number_schema(3, "2"),
]
"""Above 0, with up to 3 decimals."""
QuantityOrZeroIn = Annotated[
    Decimal, BeforeValidator(_exact(QUANTITY_SCALE, _ZERO, MAX_QUANTITY)), _number_schema(3, "10")
]


def _as_text(scale: int) -> PlainSerializer:
    return PlainSerializer(lambda value: text_of(value, scale), return_type=str)


def _text_schema(pattern: str, example: str) -> Schema:
    return Schema(
        {"type": "string", "pattern": pattern, "examples": [example]}, mode="serialization"
    )


AmountOut = Annotated[
    Decimal, _as_text(AMOUNT_SCALE), _text_schema(r"^-?[0-9]+\.[0-9]{2}$", "160.00")
]
CreditOut = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    _text_schema(r"^-?[0-9]+(\.[0-9]{1,4})?$", "160.00"),
]
"""An amount of credit, with the decimals of its credit type."""
PriceOut = Annotated[
    Decimal, _as_text(PRICE_SCALE), _text_schema(r"^-?[0-9]+\.[0-9]{4}$", "80.0000")
]
_PLAIN = PlainSerializer(plain, return_type=str)
PercentOut = Annotated[Decimal, _PLAIN, _text_schema(r"^-?[0-9]+(\.[0-9]+)?$", "12.5")]
QuantityOut = Annotated[Decimal, _PLAIN, _text_schema(r"^-?[0-9]+(\.[0-9]+)?$", "2")]


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if _CONTROL.search(value):
        raise refuse("invalid", N_("Control characters are not allowed."))
    return value.strip()


def Text(longest: int, shortest: int = 1) -> Any:  # noqa: N802 - reads as a type where fields are declared
    """Return a text without control characters, trimmed: `name: Annotated[str, Text(120)]`."""
    return _TextRule(longest, shortest)


class _TextRule:
    """Keeps a text within its length; written as metadata of `Annotated`."""

    def __init__(self, longest: int, shortest: int) -> None:
        self.longest, self.shortest = longest, shortest

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        field = Field(min_length=self.shortest, max_length=self.longest)
        wrapped = Annotated[source, field, BeforeValidator(_clean)]
        return handler.generate_schema(wrapped)


def _code(value: Any) -> Any:
    if isinstance(value, str) and not _CODE.match(value):
        raise refuse("invalid", N_("Up to 64 characters, without slashes or blanks at the ends."))
    return value


CodeText = Annotated[
    str,
    BeforeValidator(_code),
    Schema({"type": "string", "pattern": rf"^{_CODE.pattern[:-2]}$"}, mode="validation"),
]
"""A code or SKU by which something is addressed."""


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


NewCode = Annotated[CodeText, BeforeValidator(_trimmed)]
"""A code as it is sent for something new: blanks around it do not count."""
LEFT_OUT: Any = Field(default_factory=lambda: None)
"""The default of a PATCH's field that need not be sent, and may not be null."""


def _day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _DAY.match(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise refuse("invalid", N_("A day such as 2026-12-31 is expected."))


def _moment(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        if isinstance(value, str) and "T" in value.upper() and len(value) <= 40:
            moment = datetime.fromisoformat(value.upper())
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise refuse("invalid", N_("An instant such as 2026-12-31T15:00:00Z is expected."))


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
