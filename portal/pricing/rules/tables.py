"""What a price table may look like, and how its prices may come about (DESIGN 3.2, 3.5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.errors import Invalid, Problem
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, PERCENT_SCALE, PRICE_SCALE, ZERO, plain, round_half_up
from portal.pricing.models import NO_ISSUER, Calculation, PriceTable

NAME_LENGTH = 120
LOWEST_PERCENT = Decimal(-100)
HIGHEST_PERCENT = Decimal(1000)
HIGHEST_STEP = Decimal(1_000_000)
HIGHEST_ENDING = Decimal("0.99")
_WHERE = "calculation."


@dataclass(frozen=True, slots=True)
class HowCalculated:
    """How a table's prices come about; all but the type belongs to adjusted tables."""

    type: str = Calculation.FIXED
    base_table_id: int | None = None
    percent: Decimal | None = None
    rounding_step: Decimal | None = None
    rounding_ending: Decimal | None = None


def clean_calculation(how: HowCalculated) -> HowCalculated:
    """Return the calculation as it is stored; Invalid names each field that cannot be."""
    problems = tuple(_problems(how))
    if problems:
        raise Invalid(problems=problems)
    if how.type != Calculation.ADJUSTED:
        return HowCalculated(how.type)
    percent = how.percent or ZERO
    return HowCalculated(
        how.type, how.base_table_id, percent, how.rounding_step, how.rounding_ending
    )


def calculation_of(table: PriceTable) -> HowCalculated:
    """Return how a table's prices come about."""
    return HowCalculated(
        table.calculation,
        table.base_table_id,
        table.percent,
        table.rounding_step,
        table.rounding_ending,
    )


def takes_percentages(calculation: str) -> bool:
    """Whether the items of such a table are percentages of the sale price."""
    return calculation == Calculation.PERCENT_OF_SALE


def own_key(service_point_id: int, issuer_id: int | None) -> str:
    """Return the key that makes an own table the only one of its pair."""
    return f"{service_point_id}:{issuer_id or NO_ISSUER}"


def record_of(table: PriceTable) -> dict[str, Any]:
    """Return a table as the audit trail keeps it."""
    facts: Mapping[str, Any] = {
        "name": table.name,
        "kind": table.kind,
        "service_point": table.service_point.code if table.service_point else None,
        "issuer": table.issuer.code if table.issuer else None,
        "calculation": table.calculation,
        "base_table": table.base_table_id,
        "percent": _written(table.percent),
        "rounding_step": _written(table.rounding_step),
        "rounding_ending": _written(table.rounding_ending),
    }
    return {name: value for name, value in facts.items() if value is not None}


def rounding_problems(
    step: Decimal | None, ending: Decimal | None, where: str = _WHERE
) -> Iterator[Problem]:
    """Say what is wrong with a rounding to a step or an ending."""
    if step is not None and ending is not None:
        text = N_("Round to a step or to an ending, not to both.")
        yield Problem(f"{where}rounding_ending", "invalid", text)
    if step is not None and not (ZERO < step <= HIGHEST_STEP and _fits(step, PRICE_SCALE)):
        text = N_("Use a step above zero with at most 4 decimals, such as 0.05.")
        yield Problem(f"{where}rounding_step", "invalid", text)
    if ending is not None and not (
        ZERO <= ending <= HIGHEST_ENDING and _fits(ending, AMOUNT_SCALE)
    ):
        yield Problem(f"{where}rounding_ending", "invalid", N_("Use an ending from 0.00 to 0.99."))


def percent_problems(percent: Decimal | None, where: str = _WHERE) -> Iterator[Problem]:
    """Say what is wrong with an adjustment."""
    if percent is None:
        return
    if not LOWEST_PERCENT < percent <= HIGHEST_PERCENT:
        text = N_("Use a percentage above -100 and at most 1000.")
        yield Problem(f"{where}percent", "invalid", text)
    elif not _fits(percent, PERCENT_SCALE):
        yield Problem(f"{where}percent", "invalid", N_("Use at most 4 decimals."))


def _problems(how: HowCalculated) -> Iterator[Problem]:
    if how.type not in set(Calculation):
        yield Problem(f"{_WHERE}type", "invalid", N_("Choose how the prices come about."))
    elif how.type == Calculation.ADJUSTED:
        if how.base_table_id is None:
            text = N_("Choose the table that the prices are calculated from.")
            yield Problem(f"{_WHERE}base_table", "required", text)
        yield from percent_problems(how.percent)
        yield from rounding_problems(how.rounding_step, how.rounding_ending)
    else:
        yield from _strangers(how)


def _strangers(how: HowCalculated) -> Iterator[Problem]:
    given = {
        "base_table": how.base_table_id,
        "percent": how.percent,
        "rounding_step": how.rounding_step,
        "rounding_ending": how.rounding_ending,
    }
    for name, value in given.items():
        if value is not None:
            text = N_("Only a table that is calculated from another has this.")
            yield Problem(f"{_WHERE}{name}", "invalid", text)


def _fits(value: Decimal, scale: int) -> bool:
    return round_half_up(value, scale) == value


def _written(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
