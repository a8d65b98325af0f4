"""What pydantic finds wrong with a shape, in the portal's codes, paths and texts."""

import re
from decimal import Decimal
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from portal.errors import Invalid, Problem
from portal.i18n import N_
from portal.money import plain


class UnknownField(Invalid):
    """Fields that nobody asked for."""

    code = "unknown_field"
    text = N_("There are fields that are not known here.")


def invalid_shape(error: ValidationError) -> Invalid:
    """Turn what pydantic found into the portal's own refusal, with codes and paths."""
    found = [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
    refusal = UnknownField if any(one.code == "unknown_field" for one in found) else Invalid
    return refusal(problems=tuple(found))


REQUIRED = N_("This field is required.")
_TEXTS = {
    "missing": REQUIRED,
    "extra_forbidden": N_("This field is not known here."),
    "string_type": N_("A text is expected."),
    "string_too_short": N_("At least %(min_length)s characters."),
    "string_too_long": N_("At most %(max_length)s characters."),
    "int_type": N_("A whole number is expected."),
    "int_parsing": N_("A whole number is expected."),
    "int_from_float": N_("A whole number is expected."),
    "bool_type": N_("true or false is expected."),
    "bool_parsing": N_("true or false is expected."),
    "list_type": N_("A list is expected."),
    "model_type": N_("An object is expected."),
    "model_attributes_type": N_("An object is expected."),
    "dict_type": N_("An object is expected."),
    "too_short": N_("At least %(min_length)s entries."),
    "too_long": N_("At most %(max_length)s entries."),
    "greater_than": N_("Must be above %(gt)s."),
    "greater_than_equal": N_("Must be %(ge)s or more."),
    "less_than": N_("Must be below %(lt)s."),
    "less_than_equal": N_("Must be %(le)s or less."),
    "literal_error": N_("One of these is expected: %(expected)s."),
    "enum": N_("One of these is expected: %(expected)s."),
}
_PYDANTICS = frozenset(get_args(ErrorType))
"""Kinds of errors that are not our own: see `shapes.refuse`."""
_CODES = {"missing": "required", "extra_forbidden": "unknown_field"}


def _problem(detail: ErrorDetails) -> Problem:
    kind = detail["type"]
    facts = {name: _fact(value) for name, value in detail.get("ctx", {}).items()}
    if kind not in _PYDANTICS:
        return Problem(path_of(detail["loc"]), kind, detail["msg"], facts)
    text = _TEXTS.get(kind, N_("This value is not valid."))
    return Problem(path_of(detail["loc"]), _CODES.get(kind, "invalid"), text, facts)


def _fact(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else str(value)


def path_of(location: tuple[int | str, ...]) -> str:
    """Write a place as `lines[2].quantity`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not re.fullmatch(
            r"(?:function|tagged|nullable|lax|strict|json|is-instance)\b.*", step
        ):
            path += f".{step}" if path else step
    return path
