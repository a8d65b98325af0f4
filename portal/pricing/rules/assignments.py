"""Which tables a service point may use on one day: its own, or general ones, never both.

With general tables it may have one per issuer and one without issuer (DESIGN 3.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.errors import Invalid, Problem
from portal.i18n import N_, in_own_language
from portal.periods import ONE_DAY, Period
from portal.pricing.errors import AssignmentOverlap
from portal.pricing.models import TableKind
from portal.pricing.rules.because import day_of
from portal.pricing.rules.windows import period_problem


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """An assignment as it was sent; `table_name` and `issuer_id` are those of its general table."""

    mode: str
    period: Period
    price_table_id: int | None = None
    table_name: str = ""
    issuer_id: int | None = None

    @property
    def subject(self) -> tuple[str, int | None]:
        """What is assigned, whenever."""
        return self.mode, self.price_table_id

    def goes_with(self, other: "NewAssignment") -> bool:
        """Whether both may hold on one day."""
        both_general = self.mode == other.mode == TableKind.GENERAL
        return both_general and self.issuer_id != other.issuer_id

    @property
    def named(self) -> str:
        """How people call it: the table, and its days."""
        name = self.table_name or in_own_language(N_("the service point's own tables"))
        begin, end = day_of(self.period.start), self.period.end
        until = f"–{day_of(end)}" if end else "–"
        return f"{name} ({begin}{until})"

    @property
    def facts(self) -> dict[str, Any]:
        """It as the API and the audit trail write it."""
        return {
            "mode": self.mode,
            "price_table": self.price_table_id,
            "valid_from": self.period.start.isoformat(),
            "valid_until": self.period.end.isoformat() if self.period.end else None,
        }


def check_assignments(items: Sequence[NewAssignment]) -> None:
    """Refuse windows that cannot be, and any two that do not go together on one day."""
    problems = tuple(
        problem for at, item in enumerate(items) for problem in _problems(item, f"items[{at}].")
    )
    if problems:
        raise Invalid(problems=problems)
    for at, item in enumerate(items):
        for other in items[:at]:
            if item.period.overlaps(other.period) and not item.goes_with(other):
                day = max(item.period.start, other.period.start)
                where = f"items[{at}].valid_from"
                raise AssignmentOverlap(where, day, other.named, other.facts)


def rewrites_past(
    before: Sequence[NewAssignment], after: Sequence[NewAssignment], today: date
) -> bool:
    """Whether a window that has begun is left out, or days of it before today change.

    It may be ended, yesterday at the earliest.
    """
    begun = [item for item in before if item.period.start <= today]
    return any(not any(_keeps(item, other, today) for other in after) for item in begun)


def _keeps(item: NewAssignment, other: NewAssignment, today: date) -> bool:
    if item.subject != other.subject or item.period.start != other.period.start:
        return False
    yesterday = today - ONE_DAY
    return min(other.period.last, yesterday) == min(item.period.last, yesterday)


def _problems(item: NewAssignment, where: str) -> Iterator[Problem]:
    if item.mode not in set(TableKind):
        yield Problem(f"{where}mode", "invalid", N_("Choose own or general."))
    elif item.mode == TableKind.OWN and item.price_table_id is not None:
        text = N_("Own tables are found by the issuer; name no table.")
        yield Problem(f"{where}price_table", "invalid", text)
    elif item.mode == TableKind.GENERAL and item.price_table_id is None:
        yield Problem(f"{where}price_table", "required", N_("Choose the general table."))
    if problem := period_problem(item.period, where):
        yield problem
