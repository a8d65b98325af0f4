"""Price tables: the list, one of them with its editions, a new one, changes."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Issuer, Product
from portal.catalogue.queries import active_issuers, issuer_of
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Refused
from portal.i18n import N_
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.people.queries.history import Happening, history_of
from portal.pricing.forms import NewTableForm, TableForm
from portal.pricing.forms.files import edition_file
from portal.pricing.forms.tables import CALCULATIONS, KINDS, typed
from portal.pricing.models import Edition, EditionItem, PriceTable
from portal.pricing.queries.editions import edition_of, items_by_sku
from portal.pricing.queries.overview import (
    Overview,
    having_state,
    items_beside,
    overview,
    tables_with_state,
)
from portal.pricing.queries.tables import general_tables, table_of, users_of
from portal.pricing.rules.outlook import beside_of
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.services import NewTable, TableChanges, change_table, create_table
from portal.pricing.views.door import bp
from portal.pricing.views.words import FACTS, TITLES, kind_of_table, marked
from portal.texts import holds_words
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.editions import DAYS_COLUMNS, STATES, timeline_of
from portal.web.forms import form_page
from portal.web.lists import Column, Filter, Listing, Turned, choice_filter, page_asked
from portal.web.numbered import number_asked
from portal.web.paging import Page
from portal.web.trail import told

CALCULATION_FIELDS = {
    f"calculation_{name}": name
    for name in ("type", "base_table", "percent", "rounding_step", "rounding_ending")
}
"""Fields of the calculation have plain names in forms."""
PAGE = 25
USERS_SHOWN = 8


def _whose(row: Any) -> str:
    table: PriceTable = row[0]
    return table.service_point.name if table.service_point else kind_of_table(table)


TABLES = Listing(
    title=N_("Price tables"),
    key=PriceTable.id,
    sort="name",
    columns=(
        Column("name", N_("Table"), lambda row: row[0].name, sort=PriceTable.name),
        Column("whose", N_("For whom"), _whose, sort=ServicePoint.name),
        Column("issuer", N_("Issuer"), lambda row: row[0].issuer.name if row[0].issuer else None),
        Column(
            "calculation",
            N_("How its prices come about"),
            lambda row: gettext(CALCULATIONS[row[0].calculation]),
            sort=PriceTable.calculation,
        ),
        *DAYS_COLUMNS,
        Column("users", N_("Service points"), lambda row: row[4], num=True),
    ),
    filters=(
        Filter(
            "q",
            N_("Text"),
            lambda wanted, text: wanted.where(
                holds_words(text, PriceTable.name, ServicePoint.name)
            ),
        ),
        choice_filter(
            "kind", N_("Kind"), KINDS, lambda wanted, kind: wanted.where(PriceTable.kind == kind)
        ),
        Filter(
            "issuer",
            N_("Issuer"),
            lambda wanted, code: wanted.where(PriceTable.issuer.has(Issuer.code == code)),
        ),
        choice_filter(
            "state", N_("State"), STATES, lambda wanted, key: having_state(wanted, key, today())
        ),
    ),
)


@bp.get("/price-tables")
@requires("prices.view")
def index() -> ResponseReturnValue:
    """List the price tables."""
    by = actor()
    view = TABLES.view(tables_with_state(by, today()), by)
    if file := view.file():
        return file
    return render_template(
        "pricing/index.html",
        view=view,
        today=today(),
        kinds={key: gettext(word) for key, word in KINDS.items()},
        states={key: gettext(word) for key, word in STATES.items()},
        issuers=_issuers(),
    )


@bp.get("/price-tables/<int:table_id>")
@requires("prices.view")
def table(table_id: int) -> ResponseReturnValue:
    """Show a price table: its editions to scale, the items of one, who uses it, its history."""
    by, day = actor(), today()
    seen = read(overview, by, table_id, number_asked("edition"), day)
    part = request.args.get("part", "items")
    other = beside_of(seen.editions, seen.chosen)
    return render_template(
        "pricing/table.html",
        seen=seen,
        table=seen.table,
        today=day,
        part=part if part in {"items", "users", "history"} else "items",
        chart=timeline_of(seen.table.name, seen.editions, day, _url),
        other=other,
        unit=marked(seen.table),
        page=_items(seen, other),
        users=read(_users, by, seen.table, day),
        trail=told(read(_history, seen.table), TITLES, FACTS),
    )


@bp.get("/price-tables/<int:table_id>/editions/<int:edition_id>/file")
@requires("prices.view")
def edition_as_file(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Hand an edition out as the file that import takes back."""
    found, edition, rows = read(_edition_with_rows, actor(), table_id, edition_id)
    kind = "xlsx" if request.args.get("format") == "xlsx" else "csv"
    return edition_file(edition, rows, kind, percentages=takes_percentages(found.calculation))


@bp.route("/price-tables/new", methods=["GET", "POST"])
@requires("prices.edit")
def new() -> ResponseReturnValue:
    """Put a price table on file."""
    form = NewTableForm(service_point=request.args.get("service_point", ""))
    form.offer(read(general_tables))
    form.offer_issuers(_issuers())
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden, NotFound, **CALCULATION_FIELDS):
            made = transact(_create, form, actor())
            flash(
                gettext("%(name)s is on file. Draft its first edition.", name=made.name), "success"
            )
            return redirect(url_for(".table", table_id=made.id), 303)
    return form_page("pricing/table_form.html", form)


@bp.route("/price-tables/<int:table_id>/edit", methods=["GET", "POST"])
@requires("prices.edit")
def edit(table_id: int) -> ResponseReturnValue:
    """Rename a table, or let its prices come about in another way."""
    found = read(table_of, actor(), table_id)
    form = TableForm(data=typed(found))
    form.offer(read(general_tables, but=found.id))
    if form.submitted():
        changes: TableChanges = {"name": form.name.data or "", "calculation": form.how()}
        with form.taking(Refused, Conflict, Forbidden, PreconditionFailed, **CALCULATION_FIELDS):
            transact(
                change_table,
                table_id,
                changes,
                by=actor(),
                at=now(),
                reason=form.reason.data,
                version=form.seen_version(),
            )
            flash(gettext("Saved."), "success")
            return redirect(url_for(".table", table_id=table_id), 303)
    return form_page("pricing/table_form.html", form, table=found)


def _create(session: Session, form: NewTableForm, by: Actor) -> PriceTable:
    code, issuer = (form.service_point.data or "").strip(), form.issuer.data
    own = form.kind.data == "own"
    point = service_point_of(session, by, code) if own and code else None
    facts = NewTable(
        name=form.name.data or "",
        kind=form.kind.data,
        service_point_id=point.id if point else None,
        issuer_id=issuer_of(session, issuer).id if issuer else None,
        calculation=form.how(),
    )
    return create_table(session, facts, by=by, at=now())


def _issuers() -> list[tuple[str, str]]:
    return [(issuer.code, issuer.name) for issuer in read(active_issuers)]


def _items(seen: Overview, other: Edition | None) -> Turned:
    if seen.shown is None:
        return Turned(Page([]))
    wanted = items_beside(seen.shown.id, other.id if other else None, request.args.get("q", ""))
    order = (Product.sku, EditionItem.min_quantity)
    page = read(page_asked, wanted, order=order, limit=PAGE)
    return Turned(page, seen.items.get(seen.shown.id, 0))


def _users(session: Session, by: Actor, found: PriceTable, day: date) -> list[Any]:
    wanted = users_of(found, day).where(by.scope(ServicePoint.id))
    every = request.args.get("part") == "users"
    ordered = wanted.order_by(ServicePoint.name, ServicePoint.id)
    return list(session.execute(ordered if every else ordered.limit(USERS_SHOWN)).tuples())


def _history(session: Session, found: PriceTable) -> list[Happening]:
    return history_of(session, "price_table", found.id)


def _edition_with_rows(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[PriceTable, Edition, Any]:
    found = table_of(session, by, table_id)
    edition = edition_of(session, found.id, edition_id)
    return found, edition, items_by_sku(session, edition.id)


def _url(edition: Edition) -> str:
    return url_for(".table", table_id=edition.price_table_id, edition=edition.id)
