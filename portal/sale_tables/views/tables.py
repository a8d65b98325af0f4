"""Sale tables: the list, those of a service point, one with its editions, a new one, changes."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Refused
from portal.i18n import N_
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.people.queries.history import history_of
from portal.pricing.rules.outlook import beside_of
from portal.sale_tables.forms.guarding import transact
from portal.sale_tables.forms.tables import CHANNELS, NewTableForm, TableForm, channels_of, typed
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.editions import rows_beside
from portal.sale_tables.queries.lines import (
    Standing,
    day_shown,
    lines_of,
    standing_of,
    unpriced_lines,
)
from portal.sale_tables.queries.overview import Overview, overview
from portal.sale_tables.queries.tables import having_state, sold_at, table_of, tables_with_state
from portal.sale_tables.queries.unpriced import unpriced_tables
from portal.sale_tables.services import NewSaleTable, Opened, change_table, create_table
from portal.sale_tables.views.door import bp
from portal.sale_tables.views.words import FACTS, TITLES
from portal.texts import holds_words
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.editions import DAYS_COLUMNS, STATES, timeline_of
from portal.web.forms import form_page
from portal.web.lists import Column, Filter, Listing, Turned, choice_filter, page_asked
from portal.web.numbered import Numbered, number_asked
from portal.web.paging import Page
from portal.web.point_tabs import point_tabs
from portal.web.trail import told

PAGE = 25
PARTS = ("items", "unpriced", "editions", "history")

TABLES = Listing(
    title=N_("Sale tables"),
    key=SaleTable.id,
    sort="name",
    columns=(
        Column("name", N_("Table"), lambda row: row[0].name, sort=SaleTable.name),
        Column(
            "point", N_("Service point"), lambda row: row[0].service_point.name,
            sort=ServicePoint.name,
        ),
        Column("code", N_("Code"), lambda row: row[0].service_point.code),
        Column("channels", N_("Channels"), lambda row: channels_of(row[0])),
        *DAYS_COLUMNS,
    ),
    filters=(
        Filter(
            "q",
            N_("Text"),
            lambda wanted, text: wanted.where(holds_words(text, SaleTable.name, ServicePoint.name)),
        ),
        choice_filter(
            "channel", N_("Channel"), CHANNELS, lambda wanted, key: wanted.where(sold_at(key))
        ),
        choice_filter(
            "state", N_("State"), STATES, lambda wanted, key: having_state(wanted, key, today())
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """A sale table as its page shows it."""

    whole: Overview
    counts: Standing
    other: SaleEdition | None = None
    page: Turned | Numbered = field(default_factory=lambda: Turned(Page([])))


@bp.get("/sale-tables")
@requires("sale_prices.view")
def index() -> ResponseReturnValue:
    """List the sale tables."""
    by = actor()
    view = TABLES.view(tables_with_state(by, today()), by)
    if file := view.file():
        return file
    return render_template(
        "sale_tables/index.html",
        view=view,
        today=today(),
        channels={key: gettext(word) for key, word in CHANNELS.items()},
        states={key: gettext(word) for key, word in STATES.items()},
    )


@bp.get("/service-points/<code>/sale-tables")
@requires("sale_prices.view")
def point_tables(code: str) -> ResponseReturnValue:
    """Show the sale tables of a service point, and how much in each waits for a price."""
    point, tables, unpriced = read(_of_point, actor(), code, today())
    return render_template(
        "sale_tables/point.html",
        point=point,
        tables=tables,
        unpriced=unpriced,
        today=today(),
        tabs=point_tabs(point.code, "sale_tables"),
    )


@bp.get("/sale-tables/<int:table_id>")
@requires("sale_prices.view")
def table(table_id: int) -> ResponseReturnValue:
    """Show a sale table: its editions to scale, the rows of one, what waits for a price."""
    by, day = actor(), today()
    part = request.args.get("part", "items")
    part = part if part in PARTS else "items"
    seen = read(_seen, by, table_id, number_asked("edition"), part, day)
    whole = seen.whole
    return render_template(
        "sale_tables/table.html",
        seen=whole,
        table=whole.table,
        today=day,
        part=part,
        chart=timeline_of(whole.table.name, whole.editions, day, _url),
        other=seen.other,
        counts=seen.counts,
        page=seen.page,
        trail=told(read(history_of, "sale_table", table_id), TITLES, FACTS),
    )


@bp.route("/sale-tables/new", methods=["GET", "POST"])
@requires("sale_prices.edit")
def new() -> ResponseReturnValue:
    """Put a sale table on file, with a first draft of all that its service point buys."""
    form = NewTableForm(service_point=request.args.get("service_point", _only_point()))
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden, NotFound):
            made = transact(_create, form, actor())
            said = gettext("%(name)s is on file. Price its first edition.", name=made.table.name)
            flash(said, "success")
            target = url_for(".edition", table_id=made.table.id, edition_id=made.draft.id)
            return redirect(target, 303)
    return form_page("sale_tables/table_form.html", form, only=_only_point())


@bp.route("/sale-tables/<int:table_id>/edit", methods=["GET", "POST"])
@requires("sale_prices.edit")
def edit(table_id: int) -> ResponseReturnValue:
    """Rename a sale table, or let its prices hold elsewhere."""
    found = read(table_of, actor(), table_id)
    form = TableForm(data=typed(found))
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden, PreconditionFailed):
            transact(
                change_table,
                table_id,
                {"name": form.name.data or "", "channels": form.channels.data or []},
                by=actor(),
                at=now(),
                reason=form.reason.data,
                version=form.seen_version(),
            )
            flash(gettext("Saved."), "success")
            return redirect(url_for(".table", table_id=table_id), 303)
    return form_page("sale_tables/table_form.html", form, table=found)


def _only_point() -> str:
    """Return the code of the reader's service point, where there is only one."""
    places = actor().service_points
    return places[0].code if len(places) == 1 else ""


def _create(session: Session, form: NewTableForm, by: Actor) -> Opened:
    facts = NewSaleTable(
        form.name.data or "",
        (form.service_point.data or "").strip(),
        form.channels.data or [],
        form.begins.data,
    )
    return create_table(session, facts, by=by, at=now())


def _of_point(
    session: Session, by: Actor, code: str, day: date
) -> tuple[ServicePoint, list[Any], dict[int, int]]:
    point = service_point_of(session, by, code)
    wanted = tables_with_state(by, day).where(SaleTable.service_point_id == point.id)
    tables = list(session.execute(wanted.order_by(SaleTable.name, SaleTable.id)).tuples())
    waiting = unpriced_tables(session, by, day, point.id)
    return point, tables, {one.table.id: one.count for one in waiting}


def _seen(
    session: Session, by: Actor, table_id: int, edition_id: int | None, part: str, day: date
) -> Seen:
    whole = overview(session, by, table_id, edition_id, day)
    shown = whole.chosen.shown
    if shown is None:
        return Seen(whole, standing_of(session, whole.table, None, day))
    on = day_shown(shown.period, day)
    counts = standing_of(session, whole.table, shown, on)
    if part == "unpriced":
        page = Numbered(counts.unpriced, PAGE)
        page.items = unpriced_lines(session, by, whole.table, page.items, on)
        return Seen(whole, counts, page=page)
    other = beside_of(whole.editions, whole.chosen)
    search = request.args.get("q", "")
    wanted = rows_beside(shown.id, other.id if other else None, search=search)
    found = page_asked(session, wanted, order=(Product.sku,), limit=PAGE)
    lines = replace(found, items=lines_of(session, by, whole.table, found.items, on))
    return Seen(whole, counts, other, Turned(lines, whole.items.get(shown.id, 0)))


def _url(edition: SaleEdition) -> str:
    return url_for(".table", table_id=edition.sale_table_id, edition=edition.id)
