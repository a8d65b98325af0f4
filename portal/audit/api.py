"""The audit trail over HTTP."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Select

from portal.actors import Actor
from portal.audit.models import Deed
from portal.audit.queries import USERS, about, from_day, through_day, trail
from portal.audit.rules import shown_facts
from portal.transactions import read
from portal.web.access import actor
from portal.web.endpoint import Endpoints
from portal.web.lists import api_page
from portal.web.shapes import Day, ListQuery, Moment, Shape

api = Endpoints("audit", __name__)


class EntityOut(Shape):
    """What was changed."""

    type: str
    id: str


class DeedOut(Shape):
    """Who did what, when and from where; facts that the reader may not see are absent."""

    id: int
    at: Moment
    actor: str | None
    token: int | None
    address: str
    request_id: str
    action: str
    entity: EntityOut
    reason: str | None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class TrailOut(Shape):
    """A page of the trail."""

    items: list[DeedOut]
    next: str | None


class TrailQuery(ListQuery):
    """`actor` is an e-mail, `entity` a kind of thing or one: `order`, `order:1042`."""

    actor: Annotated[str, Field(max_length=254)] | None = None
    entity: Annotated[str, Field(max_length=97)] | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


@api.get(
    "/audit",
    permission="audit.view",
    query=TrailQuery,
    answer=TrailOut,
    summary="Read the audit trail",
)
def read_trail(query: TrailQuery) -> dict[str, Any]:
    """List who changed what, newest first."""
    by = actor()
    return read(
        api_page,
        _narrowed(trail(by), query),
        lambda row: _shown(row, by),
        order=(Deed.id.desc(),),
        cursor=query.cursor,
        limit=query.limit,
    )


def _narrowed(wanted: Select[Any], query: TrailQuery) -> Select[Any]:
    if query.actor is not None:
        wanted = wanted.where(USERS.c.email == query.actor.strip().lower())
    if query.entity is not None:
        wanted = about(wanted, query.entity)
    if query.first is not None:
        wanted = from_day(wanted, _inside(query.first))
    if query.last is not None:
        wanted = through_day(wanted, _inside(query.last))
    return wanted


def _inside(day: date) -> date:
    """Keep a day within what a moment can hold in every time zone."""
    return min(max(day, date(1970, 1, 1)), date(9999, 12, 30))


def _shown(row: Any, by: Actor) -> dict[str, Any]:
    deed: Deed = row[0]
    shown: dict[str, Any] = {
        "id": deed.id,
        "at": deed.at,
        "actor": row[2],
        "token": deed.token_id,
        "address": deed.address,
        "request_id": deed.request_id,
        "action": deed.action,
        "entity": {"type": deed.entity_type, "id": deed.entity_id},
        "reason": deed.reason,
    }
    for name, text in (("before", deed.before), ("after", deed.after)):
        facts = shown_facts(deed.entity_type, text, sees_costs=by.sees_costs)
        if facts:
            shown[name] = facts
    return shown
