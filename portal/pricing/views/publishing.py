"""Before and at publishing: what changes for whom, the dialogue, another end."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, PreconditionFailed, Refused
from portal.i18n import N_
from portal.pricing.forms import PublishForm
from portal.pricing.forms.ending import end_page
from portal.pricing.models import Edition, PriceTable
from portal.pricing.queries.editions import edition_of, published_editions
from portal.pricing.queries.preview import beside, preview
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.compare import Change
from portal.pricing.rules.outlook import is_draft, next_of
from portal.pricing.services import change_edition, publish_edition
from portal.pricing.views.door import aftermaths_of, bp
from portal.pricing.views.editions import EDITION
from portal.pricing.views.words import marked
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.editions import consequences, to_choose
from portal.web.forms import form_page
from portal.web.navigation import tabs_of
from portal.web.numbered import number_asked

VIEWS = {
    "": N_("Changes"),
    Change.CHANGED.value: N_("Prices changed"),
    Change.ADDED.value: N_("Added"),
    Change.DROPPED.value: N_("Dropped"),
    "warnings": N_("Warnings"),
    "all": N_("All"),
}


@bp.get(f"{EDITION}/compare")
@requires("prices.view")
def compare(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Put an edition beside another: old, new, by how many per cent."""
    if not actor().headquarters:
        raise Forbidden
    only, parts = tabs_of("show", VIEWS)
    seen = read(beside, actor(), table_id, edition_id, number_asked("other"), only=only)
    return render_template(
        "pricing/compare.html",
        seen=seen,
        table=seen.table,
        edition=seen.edition,
        parts=parts,
        choices=to_choose(seen.editions, edition_id),
        unit=marked(seen.table),
        today=today(),
    )


@bp.route(f"{EDITION}/publish", methods=["GET", "POST"])
@requires("prices.publish")
def publish(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Say what publishing does, then do it."""
    found = read(_found, actor(), table_id, edition_id)
    if not is_draft(found[1]):
        return redirect(url_for(".table", table_id=table_id, edition=edition_id), 303)
    form = PublishForm(version=found[1].version)
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden, PreconditionFailed):
            transact(
                publish_edition,
                table_id,
                edition_id,
                by=actor(),
                at=now(),
                replace=form.replace.data,
                reason=form.reason.data,
                version=form.seen_version(),
            )
            number = found[1].number
            flash(gettext("Edition %(number)s is published.", number=number), "success")
            table = url_for(".table", table_id=table_id, edition=edition_id)
            told = aftermaths_of(table_id, edition_id)
            return redirect(told[0].url if told else table, 303)
    replacing = bool(form.replace.data)
    seen = read(preview, actor(), table_id, edition_id, today(), replacing=replacing)
    return form_page(
        "pricing/publish.html",
        form,
        seen=seen,
        table=found[0],
        edition=found[1],
        unit=marked(found[0]),
        aftermaths=aftermaths_of(table_id, edition_id),
        consequences=consequences(seen.publication),
    )


@bp.route(f"{EDITION}/end", methods=["GET", "POST"])
@requires("prices.publish")
def edition_end(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Move the end of an edition, and the beginning of the next one with it."""
    seen = read(_with_next, actor(), table_id, edition_id)
    template = "pricing/edition_end.html"
    return end_page(template, *seen, transact=transact, change=change_edition)


def _found(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[PriceTable, Edition]:
    found = table_of(session, by, table_id)
    return found, edition_of(session, found.id, edition_id)


def _with_next(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[PriceTable, Edition, Edition | None]:
    found, edition = _found(session, by, table_id, edition_id)
    return found, edition, next_of(published_editions(session, found.id), edition)
