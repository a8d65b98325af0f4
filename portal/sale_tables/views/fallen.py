"""Sale prices that an edition of acquisition prices leaves below acquisition, or below a margin."""

from dataclasses import dataclass
from decimal import Decimal

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.pricing.models import Edition, PriceTable
from portal.pricing.queries.editions import edition_of
from portal.pricing.queries.tables import table_of
from portal.sale_tables.queries.below import BelowRow, fallen_by
from portal.sale_tables.views.below import PAGE, margin_asked
from portal.sale_tables.views.door import bp
from portal.transactions import read
from portal.web.access import actor, check, requires
from portal.web.numbered import Numbered

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Fallen:
    """What fell, for the preview of publishing (`portal.pricing.views.door.Aftermath`)."""

    part: Markup
    url: str


@bp.get("/price-tables/<int:table_id>/editions/<int:edition_id>/sale-prices")
@requires("costs.view")
def fallen(table_id: int, edition_id: int) -> ResponseReturnValue:
    """List the sale prices that an edition of acquisition prices leaves below."""
    check("sale_prices.view")
    margin, wrong = margin_asked(request.args)
    table, edition, rows = read(_fallen, actor(), table_id, edition_id, margin)
    return render_template(
        "sale_tables/fallen.html",
        table=table,
        edition=edition,
        page=Numbered(rows, PAGE),
        margin=margin,
        wrong=wrong,
    )


def fallen_part(table_id: int, edition_id: int) -> Fallen | None:
    """Return what whoever publishes the edition is told; None where nothing falls below."""
    by = actor()
    if not (by.sees_costs and by.may("sale_prices.view")):
        return None
    rows = read(_fallen, by, table_id, edition_id, None)[2]
    if not rows:
        return None
    url = url_for("sale_tables.fallen", table_id=table_id, edition_id=edition_id)
    part = render_template(
        "sale_tables/_fallen.html", rows=rows[:SHOWN], count=len(rows), url=url, actor=by
    )
    return Fallen(Markup(part), url)  # noqa: S704 - what our own template rendered


def _fallen(
    session: Session, by: Actor, table_id: int, edition_id: int, margin: Decimal | None
) -> tuple[PriceTable, Edition, list[BelowRow]]:
    table = table_of(session, by, table_id)
    edition = edition_of(session, table.id, edition_id)
    rows = fallen_by(session, by, table_id, edition_id, margin=margin)
    return table, edition, sorted(rows, key=lambda row: row.margin_percent)
