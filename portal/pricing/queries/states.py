"""How tables stand on a day, by their editions: for lists of price tables and of sale tables."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from portal.pricing.models import Dated, EditionState, Priced


def in_force_on(edition: type[Dated], day: date) -> ColumnElement[bool]:
    """Return the condition that an edition is in force on the day."""
    return and_(_published(edition), edition.valid_from <= day, edition.valid_until >= day)


def state_columns(
    table: type[Priced], edition: type[Dated], mine: ColumnElement[bool], day: date
) -> tuple[ColumnElement[Any], ...]:
    """Return since when and until when a table has prices on the day, and when they change next.

    `mine` is the condition that an edition is of the table.
    """

    def of_editions(what: Any, when: ColumnElement[bool]) -> Any:
        return select(what).where(mine, when).correlate(table).scalar_subquery()

    later = and_(_published(edition), edition.valid_from > day)
    return (
        of_editions(edition.valid_from, in_force_on(edition, day)).label("since"),
        of_editions(edition.valid_until, in_force_on(edition, day)).label("until"),
        of_editions(func.min(edition.valid_from), later).label("next_from"),
    )


def narrowed_to_state(
    wanted: Select[Any], edition: type[Dated], mine: ColumnElement[bool], state: str, day: date
) -> Select[Any]:
    """Narrow a select of tables to those with prices on the day, without, or with drafts."""
    if state == EditionState.DRAFT:
        return wanted.where(exists().where(mine, edition.state == EditionState.DRAFT))
    holds = exists().where(mine, in_force_on(edition, day))
    return wanted.where(holds if state == "now" else ~holds)


def _published(edition: type[Dated]) -> ColumnElement[bool]:
    return edition.state == EditionState.PUBLISHED
