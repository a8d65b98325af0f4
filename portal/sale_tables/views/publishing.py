"""Before and at publishing sale prices: what changes, what falls below, another end, the file."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, PreconditionFailed, Refused
from portal.i18n import N_
from portal.pricing.forms.ending import end_page
from portal.pricing.rules.compare import Change
from portal.pricing.rules.outlook import is_draft, next_of
from portal.sale_tables.forms.editions import SalePublishForm
from portal.sale_tables.forms.files import Row, edition_file
from portal.sale_tables.forms.guarding import transact
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.below import BelowRow, below_rows
from portal.sale_tables.queries.editions import published_editions, rows_by_sku
from portal.sale_tables.queries.lines import Standing, day_shown, standing_of
from portal.sale_tables.queries.overview import Preview, beside, edition_with_table, preview
from portal.sale_tables.services import change_edition, publish_edition
from portal.sale_tables.views.door import EDITION, bp
from portal.transactions import read
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
    "site": N_("On and off the site"),
    "warnings": N_("Warnings"),
    "all": N_("All"),
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A draft before it is published: what changes, what has no price, what falls below."""

    preview: Preview
    counts: Standing
    below: Sequence[BelowRow] = ()


@bp.get(f"{EDITION}/file")
@requires("sale_prices.view")
def edition_as_file(table_id: int, edition_id: int) -> Response:
    """Hand an edition out as the file that import takes back."""
    edition, rows = read(_edition_with_rows, actor(), table_id, edition_id)
    return edition_file(edition, rows, "xlsx" if request.args.get("format") == "xlsx" else "csv")


@bp.get(f"{EDITION}/compare")
@requires("sale_prices.view")
def compare(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Put an edition beside another: old, new, by how many per cent, on and off the site."""
    only, parts = tabs_of("show", VIEWS)
    seen = read(beside, actor(), table_id, edition_id, number_asked("other"), only=only)
    return render_template(
        "sale_tables/compare.html",
        seen=seen,
        table=seen.table,
        edition=seen.edition,
        parts=parts,
        choices=to_choose(seen.editions, edition_id),
        today=today(),
    )


@bp.route(f"{EDITION}/publish", methods=["GET", "POST"])
@requires("sale_prices.publish")
def publish(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Say what publishing does, then do it."""
    by = actor()
    found, edition = read(edition_with_table, by, table_id, edition_id)
    if not is_draft(edition):
        return redirect(url_for(".table", table_id=table_id, edition=edition_id), 303)
    form = SalePublishForm(version=edition.version)
    sent = form.submitted()
    seen = read(_weigh, by, found, edition, replacing=bool(form.replace.data))
    on_site = [row for row in seen.below if row.left_site]
    if sent and _is_confirmed(form, asks=bool(on_site)):
        with form.taking(Refused, Conflict, Forbidden, PreconditionFailed):
            transact(
                publish_edition,
                table_id,
                edition_id,
                by=actor(),
                at=now(),
                replace=bool(form.replace.data),
                reason=form.reason.data,
                version=form.seen_version(),
            )
            flash(gettext("Edition %(number)s is published.", number=edition.number), "success")
            return redirect(url_for(".table", table_id=table_id, edition=edition_id), 303)
    return form_page(
        "sale_tables/publish.html",
        form,
        seen=seen.preview,
        table=found,
        edition=edition,
        unpriced=len(seen.counts.unpriced),
        below=seen.below,
        below_on_site=on_site,
        consequences=consequences(seen.preview.publication),
    )


@bp.route(f"{EDITION}/end", methods=["GET", "POST"])
@requires("sale_prices.publish")
def edition_end(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Move the end of an edition, and the beginning of the next one with it."""
    seen = read(_with_next, actor(), table_id, edition_id)
    template = "sale_tables/edition_end.html"
    return end_page(template, *seen, transact=transact, change=change_edition)


def _is_confirmed(form: SalePublishForm, *, asks: bool) -> bool:
    """Whether who may decide it has ticked that the site sells below acquisition."""
    if asks and actor().may("orders.sell_below_acquisition") and not form.confirm_below.data:
        text = gettext("Tick this, or raise the prices that are below acquisition.")
        form.refuse("confirm_below", text)
        return False
    return True


def _edition_with_rows(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[SaleEdition, Sequence[Row]]:
    _table, edition = edition_with_table(session, by, table_id, edition_id)
    return edition, rows_by_sku(session, edition.id)


def _weigh(
    session: Session, by: Actor, table: SaleTable, edition: SaleEdition, *, replacing: bool
) -> Weighed:
    day = today()
    on = day_shown(edition.period, day)
    return Weighed(
        preview(session, by, table.id, edition.id, day, replacing=replacing),
        standing_of(session, table, edition, on),
        below_rows(session, by, table, edition, on) if by.sees_costs else (),
    )


def _with_next(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[SaleTable, SaleEdition, SaleEdition | None]:
    found, edition = edition_with_table(session, by, table_id, edition_id)
    return found, edition, next_of(published_editions(session, found.id), edition)
