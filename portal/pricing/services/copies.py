"""An edition made from another: all prices up or down by a percentage, rounded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import Invalid, invalid
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, PERCENT_SCALE, PRICE_SCALE, ZERO, to_minor
from portal.periods import Period
from portal.pricing.models import Edition, PriceTable
from portal.pricing.queries.editions import edition_of, rows_of
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.calculation import ENDING_UNIT, Adjustment
from portal.pricing.rules.editions import adjusted_rows
from portal.pricing.rules.items import HIGHEST_PRICE
from portal.pricing.rules.tables import percent_problems, rounding_problems, takes_percentages
from portal.pricing.services.editions import draft
from portal.pricing.services.guards import lock_table

_HIGHEST = to_minor(HIGHEST_PRICE, PRICE_SCALE)


@dataclass(frozen=True, slots=True)
class Change:
    """By how many per cent, and rounded to what; at most one of step and ending."""

    percent: Decimal = ZERO
    rounding_step: Decimal | None = None
    rounding_ending: Decimal | None = None


def copy_edition(
    session: Session,
    table_id: int,
    edition_id: int,
    period: Period,
    change: Change,
    *,
    by: Actor,
    at: datetime,
    into: int | None = None,
) -> Edition:
    """Draft an edition with the rows of another and changed prices, in its table or `into` one."""
    source = table_of(session, by, table_id)
    target = lock_table(session, by, into or table_id)
    edition = edition_of(session, source.id, edition_id)
    _check_kinds(source, target)
    rows = adjusted_rows(rows_of(session, edition.id), adjustment_of(change))
    check_adjusted([row.figure for row in rows if not row.free])
    return draft(session, target, period, rows, by=by, at=at)


def _check_kinds(source: PriceTable, target: PriceTable) -> None:
    if takes_percentages(source.calculation) != takes_percentages(target.calculation):
        raise invalid("into", N_("One table holds prices, the other percentages."))


def adjustment_of(change: Change) -> Adjustment:
    """Return a change as it is applied; Invalid names what cannot be."""
    problems = (
        *percent_problems(change.percent, ""),
        *rounding_problems(change.rounding_step, change.rounding_ending, ""),
    )
    if problems:
        raise Invalid(problems=problems)
    step, ending = change.rounding_step, change.rounding_ending
    return Adjustment(
        to_minor(change.percent, PERCENT_SCALE),
        None if step is None else to_minor(step, PRICE_SCALE),
        None if ending is None else to_minor(ending, AMOUNT_SCALE) * ENDING_UNIT,
    )


def check_adjusted(figures: Collection[int]) -> None:
    """Refuse prices that rounding has turned into nothing, and those that are too large."""
    if zero := sum(not figure for figure in figures):
        text = N_("%(count)s prices would become zero. Choose a finer rounding or less off.")
        raise invalid("percent", text, count=zero)
    if any(figure > _HIGHEST for figure in figures):
        raise invalid("percent", N_("Some prices would become too large."))
