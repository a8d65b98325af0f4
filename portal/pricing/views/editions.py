"""Editions: a new one, its rows page by page, a copy with a percentage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.clock import now, today
from portal.errors import Conflict, Forbidden, PreconditionFailed, Refused
from portal.money import QUANTITY_SCALE, ZERO, to_minor
from portal.periods import ONE_DAY
from portal.pricing.errors import EditionFrozen
from portal.pricing.forms import CopyForm, EditionForm, NewEditionForm
from portal.pricing.forms.editions import PAGE_ROWS, window_typed
from portal.pricing.models import Edition, EditionItem, PriceTable
from portal.pricing.queries.editions import (
    all_editions,
    count_items,
    edition_of,
    listed_items,
    product_names,
)
from portal.pricing.queries.tables import general_tables, table_of
from portal.pricing.rules.outlook import is_draft
from portal.pricing.rules.tables import takes_percentages
from portal.pricing.services import (
    Change,
    RowChanges,
    change_rows,
    copy_edition,
    create_edition,
    delete_draft,
)
from portal.pricing.views.door import bp
from portal.pricing.views.words import marked
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.lists import Turned, page_asked
from portal.web.navigation import arguments_of

EDITION = "/price-tables/<int:table_id>/editions/<int:edition_id>"


@dataclass(frozen=True, slots=True)
class Draft:
    """A page of an edition as its editor shows it."""

    table: PriceTable
    edition: Edition
    rows: Turned


@bp.route("/price-tables/<int:table_id>/editions/new", methods=["GET", "POST"])
@requires("prices.edit")
def edition_new(table_id: int) -> ResponseReturnValue:
    """Draft an edition, empty or with the rows of another."""
    found, editions = read(_table_with_editions, actor(), table_id)
    form = NewEditionForm.offering(editions, gettext("an empty edition"), first=today() + ONE_DAY)
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden):
            made = transact(_begin, table_id, form, actor())
            return redirect(url_for(".edition", table_id=table_id, edition_id=made.id), 303)
    return form_page("pricing/edition_new.html", form, table=found)


@bp.route(EDITION, methods=["GET", "POST"])
@requires("prices.edit")
def edition(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Edit a draft, a page of rows at a time; what is published is shown on its table's page."""
    seen = read(_draft, actor(), table_id, edition_id)
    if not is_draft(seen.edition):
        if request.method == "POST":
            raise EditionFrozen(seen.edition.number)
        return redirect(url_for(".table", table_id=table_id, edition=edition_id), 303)
    form = EditionForm(data=_typed(seen)) if request.method == "GET" else EditionForm()
    if request.method == "GET":
        form.add_rows()
    elif _rearrange(form):
        return _editor(seen, form)
    elif form.submitted() and _save(seen, form):
        target = ".publish" if request.form.get("then") == "publish" else ".edition"
        place = arguments_of("after", "before")
        return redirect(url_for(target, table_id=table_id, edition_id=edition_id, **place), 303)
    return _editor(seen, form, 422 if request.method == "POST" else 200)


@bp.post(f"{EDITION}/delete")
@requires("prices.edit")
def edition_delete(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    transact(delete_draft, table_id, edition_id, by=actor(), at=now())
    flash(gettext("The draft is deleted."), "success")
    return redirect(url_for(".table", table_id=table_id), 303)


@bp.route(f"{EDITION}/copy", methods=["GET", "POST"])
@requires("prices.edit")
def edition_copy(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Draft an edition from this one, with all prices up or down."""
    found, source, targets = read(_copy_source, actor(), table_id, edition_id)
    form = CopyForm(valid_from=today() + ONE_DAY, percent=ZERO, into=str(table_id))
    form.offer(targets)
    if form.submitted():
        with form.taking(Refused, Conflict, Forbidden):
            made = transact(_copy, table_id, edition_id, form, actor())
            flash(gettext("A draft with the new prices is there. Nothing applies yet."), "success")
            target = url_for(
                ".compare", table_id=made.price_table_id, edition_id=made.id,
                other=edition_id if made.price_table_id == table_id else None,
            )  # fmt: skip
            return redirect(target, 303)
    return form_page("pricing/edition_copy.html", form, table=found, edition=source)


def _table_with_editions(
    session: Session, by: Actor, table_id: int
) -> tuple[PriceTable, Sequence[Edition]]:
    found = table_of(session, by, table_id)
    return found, all_editions(session, found.id)


def _begin(session: Session, table_id: int, form: NewEditionForm, by: Actor) -> Edition:
    days, source = form.period(), form.source_id()
    if source is not None:
        return copy_edition(session, table_id, source, days, Change(), by=by, at=now())
    return create_edition(session, table_id, days, by=by, at=now())


def _draft(session: Session, by: Actor, table_id: int, edition_id: int) -> Draft:
    found = table_of(session, by, table_id)
    one = edition_of(session, found.id, edition_id)
    order = (Product.sku, EditionItem.min_quantity)
    rows = page_asked(session, listed_items(one.id), order=order, limit=PAGE_ROWS)
    return Draft(found, one, Turned(rows, count_items(session, [one.id]).get(one.id, 0)))


def _typed(seen: Draft) -> dict[str, Any]:
    rows = [_typed_row(item, product) for item, product in seen.rows.items]
    return window_typed(seen.edition.period, rows=rows, version=seen.edition.version)


def _typed_row(item: EditionItem, product: Product) -> dict[str, Any]:
    return {
        "was": f"{item.product_id}:{to_minor(item.min_quantity, QUANTITY_SCALE)}",
        "sku": product.sku,
        "minimum": item.min_quantity or None,
        "price": None if item.free else item.price,
        "percent": None if item.free else item.percent,
        "free": item.free,
    }


def _rearrange(form: EditionForm) -> bool:
    """Add or take out rows where a button asked for it; nothing is stored then."""
    if "add" in request.form:
        form.add_rows()
        return True
    name = request.form.get("drop", "")
    at = int(name) if name.isascii() and name.isdigit() and len(name) < 5 else -1
    if not 0 <= at < len(form.rows.entries):
        return False
    entry = form.rows.entries.pop(at)
    if entry.form.was.data:
        form.gone.append_entry(entry.form.was.data)
    return True


def _save(seen: Draft, form: EditionForm) -> bool:
    """Store the page; what is refused stands beside its row afterwards."""
    filled = form.filled()
    changes = RowChanges(form.period(), form.replaced(), [row.item() for _at, row in filled])
    try:
        transact(
            change_rows,
            seen.table.id,
            seen.edition.id,
            changes,
            by=actor(),
            at=now(),
            version=form.seen_version(),
        )
    except (Refused, Conflict, PreconditionFailed) as refusal:
        places = [at for at, _row in filled]
        form.take_rows(refusal, form.rows.entries, places, min_quantity="minimum")
        return False
    flash(gettext("Saved. Nothing applies before it is published."), "success")
    return True


def _editor(seen: Draft, form: EditionForm, status: int = 200) -> ResponseReturnValue:
    names = read(product_names, [product.id for _item, product in seen.rows.items])
    page = render_template(
        "pricing/edition.html",
        form=form,
        seen=seen,
        table=seen.table,
        edition=seen.edition,
        names={sku: name for sku, name, _category in names.values()},
        percentages=takes_percentages(seen.table.calculation),
        unit=marked(seen.table),
    )
    return page, status


def _copy_source(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[PriceTable, Edition, list[tuple[int, str]]]:
    found = table_of(session, by, table_id)
    source = edition_of(session, found.id, edition_id)
    targets = [(found.id, found.name)]
    if by.headquarters:
        targets += [(one.id, one.name) for one in general_tables(session, but=found.id)]
    return found, source, targets


def _copy(session: Session, table_id: int, edition_id: int, form: CopyForm, by: Actor) -> Edition:
    change = Change(form.percent.data or ZERO, form.step(), form.ending())
    into = int(form.into.data) if form.into.data else None
    return copy_edition(
        session, table_id, edition_id, form.period(), change, by=by, at=now(), into=into
    )
