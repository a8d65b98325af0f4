"""Editions of sale tables: a new one, its rows page by page, filled in, copied, thrown away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, PreconditionFailed, Refused
from portal.money import ZERO
from portal.periods import ONE_DAY
from portal.pricing.errors import EditionFrozen
from portal.pricing.forms import NewEditionForm
from portal.pricing.forms.editions import window_typed
from portal.pricing.rules.outlook import is_draft
from portal.pricing.services import Change
from portal.sale_tables.forms.editions import (
    PAGE_ROWS,
    FillForm,
    SaleCopyForm,
    SaleEditionForm,
    SaleRowForm,
)
from portal.sale_tables.forms.guarding import transact
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.editions import all_editions, count_rows, rows_beside
from portal.sale_tables.queries.lines import SaleLine, lines_of
from portal.sale_tables.queries.overview import edition_with_table
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules.rows import NewRow
from portal.sale_tables.services import (
    EditionChanges,
    Filling,
    change_edition,
    copy_edition,
    create_edition,
    delete_draft,
    fill_edition,
)
from portal.sale_tables.views.door import EDITION, bp
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.lists import Turned, page_asked
from portal.web.navigation import arguments_of

SHOWN = {"unpriced": "to_price", "site": "on_site"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A page of a draft as its editor shows it."""

    table: SaleTable
    edition: SaleEdition
    rows: Turned


@bp.route("/sale-tables/<int:table_id>/editions/new", methods=["GET", "POST"])
@requires("sale_prices.edit")
def edition_new(table_id: int) -> ResponseReturnValue:
    """Draft an edition, with the prices of another or with all to be priced."""
    found, editions = read(_table_with_editions, actor(), table_id)
    form = NewEditionForm.offering(
        editions, gettext("all products to be priced"), first=today() + ONE_DAY
    )
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden):
            made = transact(_begin, table_id, form, actor())
            return redirect(url_for(".edition", table_id=table_id, edition_id=made.id), 303)
    return form_page("sale_tables/edition_new.html", form, table=found)


@bp.route(EDITION, methods=["GET", "POST"])
@requires("sale_prices.edit")
def edition(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Edit a draft, a page of rows at a time; what is published is shown on its table's page."""
    seen = read(_draft, actor(), table_id, edition_id)
    if not is_draft(seen.edition):
        if request.method == "POST":
            raise EditionFrozen(seen.edition.number)
        return redirect(url_for(".table", table_id=table_id, edition=edition_id), 303)
    form = SaleEditionForm(data=_typed(seen)) if request.method == "GET" else SaleEditionForm()
    if form.submitted() and _save(seen, form):
        target = ".publish" if request.form.get("then") == "publish" else ".edition"
        place = arguments_of("after", "before", "q", "show")
        return redirect(url_for(target, table_id=table_id, edition_id=edition_id, **place), 303)
    page = render_template(
        "sale_tables/edition.html",
        form=form,
        table=seen.table,
        edition=seen.edition,
        rows=seen.rows,
        lines={line.sku: line for line in seen.rows.items},
        filtered=bool(request.args.get("q") or request.args.get("show")),
    )
    return page, 422 if request.method == "POST" else 200


@bp.post(f"{EDITION}/delete")
@requires("sale_prices.edit")
def edition_delete(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    transact(delete_draft, table_id, edition_id, by=actor(), at=now())
    flash(gettext("The draft is deleted."), "success")
    return redirect(url_for(".table", table_id=table_id), 303)


@bp.route(f"{EDITION}/fill", methods=["GET", "POST"])
@requires("sale_prices.edit")
def edition_fill(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Work out the prices of a draft from acquisition or from what is suggested."""
    found, draft = read(edition_with_table, actor(), table_id, edition_id)
    if not is_draft(draft):
        raise EditionFrozen(draft.number)
    form = FillForm(percent=ZERO, version=draft.version)
    form.offer(costs=actor().sees_costs)
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden, PreconditionFailed):
            count = transact(_fill, table_id, edition_id, form, actor())
            flash(
                gettext("%(count)s prices are filled in. Look through them.", count=count),
                "success",
            )
            return redirect(url_for(".edition", table_id=table_id, edition_id=edition_id), 303)
    return form_page("sale_tables/fill.html", form, table=found, edition=draft)


@bp.route(f"{EDITION}/copy", methods=["GET", "POST"])
@requires("sale_prices.edit")
def edition_copy(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Draft an edition from this one, with all prices up or down."""
    found, source = read(edition_with_table, actor(), table_id, edition_id)
    form = SaleCopyForm(valid_from=today() + ONE_DAY, percent=ZERO)
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden):
            made = transact(
                copy_edition, table_id, edition_id, form.period(), _change(form),
                by=actor(), at=now(),
            )  # fmt: skip
            flash(gettext("A draft with the new prices is there. Nothing applies yet."), "success")
            target = url_for(".compare", table_id=table_id, edition_id=made.id, other=edition_id)
            return redirect(target, 303)
    return form_page("sale_tables/edition_copy.html", form, table=found, edition=source)


def _table_with_editions(
    session: Session, by: Actor, table_id: int
) -> tuple[SaleTable, Sequence[SaleEdition]]:
    found = table_of(session, by, table_id)
    return found, all_editions(session, by, found.id)


def _begin(session: Session, table_id: int, form: NewEditionForm, by: Actor) -> SaleEdition:
    days, source = form.period(), form.source_id()
    if source is not None:
        return copy_edition(session, table_id, source, days, Change(), by=by, at=now())
    return create_edition(session, table_id, days, by=by, at=now())


def _draft(session: Session, by: Actor, table_id: int, edition_id: int) -> Draft:
    found, one = edition_with_table(session, by, table_id, edition_id)
    only = SHOWN.get(request.args.get("show", ""), "")
    wanted = rows_beside(one.id, None, search=request.args.get("q", ""), only=only)
    page = page_asked(session, wanted, order=(Product.sku,), limit=PAGE_ROWS)
    lines = lines_of(session, by, found, page.items, one.valid_from)
    count, *_ = count_rows(session, [one.id]).get(one.id, (0,))
    return Draft(found, one, Turned(replace(page, items=lines), count))


def _typed(seen: Draft) -> dict[str, Any]:
    rows = [_typed_row(line) for line in seen.rows.items if line.in_portfolio]
    return window_typed(seen.edition.period, rows=rows, version=seen.edition.version)


def _typed_row(line: SaleLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "suggested": line.suggested,
        "sale": line.sale,
        "on_site": line.on_site,
    }


def _save(seen: Draft, form: SaleEditionForm) -> bool:
    entries = form.rows.entries
    changes: EditionChanges = {
        "period": form.period(),
        "some": [_row(entry.form) for entry in entries],
    }
    try:
        transact(
            change_edition,
            seen.table.id,
            seen.edition.id,
            changes,
            by=actor(),
            at=now(),
            version=form.seen_version(),
        )
    except (Refused, Conflict, PreconditionFailed) as refusal:
        names = {"suggested_price": "suggested", "sale_price": "sale"}
        form.take_rows(refusal, entries, range(len(entries)), **names)
        return False
    flash(gettext("Saved. Nothing applies before it is published."), "success")
    return True


def _row(row: SaleRowForm) -> NewRow:
    return NewRow(row.sku.data or "", row.suggested.data, row.sale.data, bool(row.on_site.data))


def _change(form: SaleCopyForm | FillForm) -> Change:
    return Change(form.percent.data or ZERO, form.step(), form.ending())


def _fill(session: Session, table_id: int, edition_id: int, form: FillForm, by: Actor) -> int:
    filling = Filling(
        form.basis.data, form.into.data, _change(form), only_empty=bool(form.only_empty.data)
    )
    version = form.seen_version()
    return fill_edition(session, table_id, edition_id, filling, by=by, at=now(), version=version)
