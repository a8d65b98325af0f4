"""How pages speak of tables and editions."""

from decimal import Decimal

from flask_babel import gettext

from portal.i18n import N_
from portal.money import PRICE_SCALE, QUANTITY_SCALE, from_minor
from portal.pricing.forms.tables import CALCULATIONS, KINDS
from portal.pricing.models import Calculation, PriceTable
from portal.pricing.rules.compare import Compared
from portal.pricing.views.door import bp
from portal.web import filters
from portal.web.trail import Fact, said_choice, said_day, said_percent

TITLES = {
    "price_table.created": N_("Table put on file"),
    "price_table.changed": N_("Table changed"),
    "edition.created": N_("Edition drafted"),
    "edition.changed": N_("Draft changed"),
    "edition.published": N_("Edition published"),
    "edition.moved": N_("Edition moved"),
    "edition.deleted": N_("Draft deleted"),
    "edition.imported": N_("List imported"),
}
FACTS = {
    "name": Fact(N_("Name")),
    "calculation": Fact(N_("How its prices come about"), said_choice(CALCULATIONS)),
    "percent": Fact(N_("Percentage"), said_percent),
    "rounding_step": Fact(N_("Step")),
    "rounding_ending": Fact(N_("Ending")),
    "edition": Fact(N_("Edition")),
    "valid_from": Fact(N_("First day"), said_day),
    "valid_until": Fact(N_("Last day"), said_day),
    "rows_changed": Fact(N_("Rows changed"), is_count=True),
    "items": Fact(N_("Rows")),
}


@bp.app_template_filter("kind_of_table")
def kind_of_table(table: PriceTable) -> str:
    """Write whether a table is general or own."""
    return gettext(KINDS[table.kind])


@bp.app_template_filter("calculation_of_table")
def calculation_of_table(table: PriceTable) -> str:
    """Write how a table's prices come about, in few words."""
    if table.calculation != Calculation.ADJUSTED:
        return gettext(CALCULATIONS[table.calculation])
    words = filters.percent(table.percent, sign=True)
    if table.rounding_step is not None:
        step = filters.price(table.rounding_step)
        return gettext("%(percent)s, to the nearest %(step)s", percent=words, step=step)
    if table.rounding_ending is not None:
        ending = filters.money(table.rounding_ending)[1:]
        return gettext("%(percent)s, ending in %(ending)s", percent=words, ending=ending)
    return words


@bp.app_template_filter("from_minor_price")
def from_minor_price(value: int | None) -> Decimal | None:
    """Turn an integer of 1/10,000 into an exact number, for the filters that write it."""
    return None if value is None else from_minor(value, PRICE_SCALE)


@bp.app_template_filter("least")
def least(row: Compared) -> str:
    """Write from which quantity a compared row holds; a dash where from any."""
    if not row.min_quantity:
        return filters.DASH
    return filters.quantity(from_minor(row.min_quantity, QUANTITY_SCALE))


def marked(price: PriceTable) -> str:
    """Return the unit of a table's figures."""
    return "%" if price.calculation == Calculation.PERCENT_OF_SALE else "R$"
