"""Editions as other systems send them: what those of price tables and of sale tables share."""

from collections.abc import Callable
from typing import Annotated, Any, Concatenate, Literal, ParamSpec, TypeVar

from pydantic import Field
from sqlalchemy.orm import Session

from portal.periods import Period
from portal.pricing.models import Dated
from portal.pricing.services.guards import REASON_LENGTH
from portal.web.endpoint import MAX_ID
from portal.web.shapes import LEFT_OUT, Day, Query, Shape, Text

AnyEdition = TypeVar("AnyEdition", bound=Dated)
Rows = TypeVar("Rows")
P = ParamSpec("P")
State = Literal["draft", "published", "superseded"]
Reason = Annotated[str, Text(REASON_LENGTH, 0)]
Number = Annotated[int, Field(ge=1, le=MAX_ID)]
MAX_ITEMS = 20_000
"""More rows than this come in as a file."""


class NewEdition(Shape):
    """An edition to draft, and with `publish` to put in force; `items` are each kind's own."""

    valid_from: Day
    valid_until: Day | None = None
    items: list[Any]
    publish: bool = False
    replace: bool = False
    reason: Reason | None = None

    @property
    def period(self) -> Period:
        """The days on which it is to be in force."""
        return Period(self.valid_from, self.valid_until)


class ChangedEdition(Shape):
    """What of an edition is to be another; `items` are each kind's own."""

    valid_from: Day = LEFT_OUT
    valid_until: Day | None = None
    items: list[Any] = LEFT_OUT
    move_next: bool = False
    reason: Reason | None = None

    def days(self, present: Dated) -> Period | None:
        """Return the days that were sent, with those that stay; None when none were."""
        sent = self.model_fields_set
        if not {"valid_from", "valid_until"} & sent:
            return None
        start = self.valid_from if "valid_from" in sent else present.valid_from
        end = self.valid_until if "valid_until" in sent else present.valid_until
        return Period(start, end)


class PublishIn(Shape):
    """How a draft is put in force."""

    replace: bool = False
    reason: Reason | None = None


class FileQuery(Query):
    """An edition as JSON, or as the file that import takes back."""

    format: Literal["csv", "xlsx"] | None = None


def with_rows(
    session: Session,
    rows_of: Callable[[Session, int], Rows],
    deed: Callable[Concatenate[Session, P], AnyEdition],
    *args: P.args,
    **kwargs: P.kwargs,
) -> tuple[AnyEdition, Rows]:
    """Do a deed on an edition, and read the rows that it holds afterwards."""
    edition = deed(session, *args, **kwargs)
    return edition, rows_of(session, edition.id)


def facts_of(edition: Dated) -> dict[str, Any]:
    """Return what is answered of every edition; to which table it belongs is each kind's own."""
    names = ("id", "number", "valid_from", "valid_until", "created_at", "published_at")
    return {name: getattr(edition, name) for name in names} | {"state": str(edition.state)}
