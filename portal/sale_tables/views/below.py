"""What is sold below acquisition, or below a margin, and who lets the site sell it all the same."""

from collections.abc import Mapping
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now, today
from portal.money import HUNDRED, PERCENT_SCALE
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.below import BelowRow, below_rows
from portal.sale_tables.queries.lines import day_shown
from portal.sale_tables.queries.overview import edition_with_table
from portal.sale_tables.services import confirm_below
from portal.sale_tables.views.door import EDITION, bp
from portal.transactions import read, transact
from portal.web.access import actor, check, requires
from portal.web.numbered import Numbered
from portal.web.numbers import parse_number

PAGE = 50
MOST_CONFIRMED = 500
"""Rows that one sending of the form may confirm."""


@bp.get(f"{EDITION}/below")
@requires("costs.view")
def below(table_id: int, edition_id: int) -> ResponseReturnValue:
    """List the rows below acquisition, or below a margin in per cent of the price."""
    return _listed(table_id, edition_id, *margin_asked(request.args))


def _listed(table_id: int, edition_id: int, margin: Decimal | None, wrong: str) -> str:
    check("costs.view")
    check("sale_prices.view")
    by = actor()
    table, edition, rows = read(_below, by, table_id, edition_id, margin)
    page = Numbered(rows, PAGE)
    confirms = by.may("orders.sell_below_acquisition") and by.may("sale_prices.publish")
    return render_template(
        "sale_tables/below.html",
        table=table,
        edition=edition,
        page=page,
        day=day_shown(edition.period, today()),
        margin=margin,
        wrong=wrong,
        left=[row for row in page.items if row.left_site] if confirms else [],
    )


@bp.post(f"{EDITION}/below")
@requires("orders.sell_below_acquisition")
def below_confirm(table_id: int, edition_id: int) -> ResponseReturnValue:
    """Let the site sell the ticked rows below acquisition, up to the price of today."""
    margin, wrong = margin_asked(request.form)
    if wrong:
        return _listed(table_id, edition_id, margin, wrong), 422
    skus = request.form.getlist("sku")[:MOST_CONFIRMED]
    count = transact(confirm_below, table_id, edition_id, skus, by=actor(), at=now())
    if count:
        said = ngettext("%(num)s product is sold again.", "%(num)s products are sold again.", count)
        flash(said, "success")
    else:
        flash(gettext("Nothing was ticked that had left the site."), "warning")
    shown = request.form.get("margin") or None
    return redirect(url_for(".below", table_id=table_id, edition_id=edition_id, margin=shown), 303)


def margin_asked(sent: Mapping[str, str]) -> tuple[Decimal | None, str]:
    """Return the margin that was asked for, and what is wrong with it."""
    text = sent.get("margin", "").strip()
    if not text:
        return None, ""
    try:
        margin = parse_number(text, PERCENT_SCALE)
    except ValueError:
        margin = HUNDRED
    if 0 <= margin < HUNDRED:
        return margin, ""
    return None, gettext("Type a margin from 0 to 99,99.")


def _below(
    session: Session, by: Actor, table_id: int, edition_id: int, margin: Decimal | None
) -> tuple[SaleTable, SaleEdition, list[BelowRow]]:
    table, edition = edition_with_table(session, by, table_id, edition_id)
    day = day_shown(edition.period, today())
    rows = below_rows(session, by, table, edition, day, margin=margin)
    return table, edition, sorted(rows, key=lambda row: row.margin_percent)
