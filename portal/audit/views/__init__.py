"""The audit trail as a page."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.actors import Actor
from portal.audit.models import Deed
from portal.audit.queries import about, by_person, from_day, through_day, trail
from portal.audit.rules import changes, shown_facts
from portal.audit.views.words import (
    ACTIONS,
    ENTITIES,
    action_word,
    entity_word,
    fact_word,
    value_word,
)
from portal.i18n import N_
from portal.web.access import actor, requires
from portal.web.lists import Column, Filter, Listing, choice_filter, day_filter

bp = Blueprint("audit", __name__)
LISTED = 20
"""So many values of a list the page shows: one import puts thousands of products on file."""


@dataclass(frozen=True, slots=True)
class Line:
    """A deed as its line shows it; `hidden` when its facts are not for the reader."""

    deed: Deed
    who: str
    action: str
    entity: str
    changes: list[tuple[str, str, str]]
    hidden: bool


def _entity(text: str) -> str:
    """Read a filter such as `user` or `user:12`; ValueError for anything else."""
    kind, _, key = text.partition(":")
    if not kind.isidentifier() or len(kind) > 32 or len(key) > 64:
        raise ValueError(text)
    return text


def _entity_said(text: str) -> str:
    kind, _, key = text.partition(":")
    return f"{entity_word(kind)} {key}".strip()


def _who(row: Any) -> str:
    return row[1] or gettext("The portal")


def _told(row: Any, by: Actor) -> str:
    line = _line(row, by)
    if line.hidden:
        return gettext("hidden")
    return "; ".join(f"{name}: {old} → {new}" for name, old, new in line.changes)


def _listing(by: Actor) -> Listing:
    """The list for one reader: the file shows no more than the page."""
    return Listing(
        title=N_("Audit trail"),
        key=Deed.id,
        sort="-at",
        columns=(
            Column("at", N_("When"), lambda row: row[0].at, sort=Deed.id),
            Column("who", N_("Who"), _who),
            Column("email", N_("E-mail"), lambda row: row[2]),
            Column("action", N_("What"), lambda row: action_word(row[0].action)),
            Column("entity", N_("Of what"), lambda row: entity_word(row[0].entity_type)),
            Column("number", N_("Number or code"), lambda row: row[0].entity_id),
            Column("changes", N_("Before and after"), lambda row: _told(row, by)),
            Column("reason", N_("Reason"), lambda row: row[0].reason),
            Column("address", N_("Address"), lambda row: row[0].address),
            Column("request", N_("Request"), lambda row: row[0].request_id),
        ),
        filters=(
            Filter("who", N_("Who"), by_person),
            choice_filter(
                "action",
                N_("What"),
                ACTIONS,
                lambda wanted, action: wanted.where(Deed.action == action),
            ),
            Filter("entity", N_("Of what"), about, parse=_entity, say=_entity_said),
            day_filter("from", N_("From"), from_day),
            day_filter("to", N_("Through"), through_day),
        ),
    )


@bp.get("/audit")
@requires("audit.view")
def index() -> ResponseReturnValue:
    """Show who did what, when and from where, newest first."""
    by = actor()
    view = _listing(by).view(trail(by), by)
    if file := view.file():
        return file
    return render_template(
        "audit/index.html",
        view=view,
        lines=[_line(row, by, most=LISTED) for row in view.items],
        actions=sorted(((key, gettext(word)) for key, word in ACTIONS.items()), key=lambda a: a[1]),
        entities=sorted(
            ((key, gettext(word)) for key, word in ENTITIES.items()), key=lambda e: e[1]
        ),
    )


def _line(row: Any, by: Actor, *, most: int | None = None) -> Line:
    deed: Deed = row[0]
    before, after = (
        shown_facts(deed.entity_type, text, sees_costs=by.sees_costs)
        for text in (deed.before, deed.after)
    )
    return Line(
        deed=deed,
        who=_who(row),
        action=action_word(deed.action),
        entity=entity_word(deed.entity_type),
        changes=[
            (fact_word(name), value_word(name, old, most=most), value_word(name, new, most=most))
            for name, old, new in changes(before or {}, after or {})
        ],
        hidden=before is None or after is None,
    )
