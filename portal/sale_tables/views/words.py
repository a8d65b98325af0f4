"""How pages speak of sale tables."""

from portal.i18n import N_
from portal.sale_tables.forms.tables import channels_of
from portal.sale_tables.models import SaleTable
from portal.sale_tables.views.door import bp
from portal.web.trail import Fact, said_day

TITLES = {
    "sale_table.created": N_("Table put on file"),
    "sale_table.changed": N_("Table changed"),
    "sale_edition.created": N_("Edition drafted"),
    "sale_edition.changed": N_("Draft changed"),
    "sale_edition.filled": N_("Draft filled in"),
    "sale_edition.published": N_("Edition published"),
    "sale_edition.moved": N_("Edition moved"),
    "sale_edition.deleted": N_("Draft deleted"),
    "sale_edition.imported": N_("List imported"),
    "sale_edition.confirmed": N_("Sale below acquisition confirmed"),
}
FACTS = {
    "name": Fact(N_("Name")),
    "channels": Fact(N_("Where its prices hold")),
    "edition": Fact(N_("Edition")),
    "valid_from": Fact(N_("First day"), said_day),
    "valid_until": Fact(N_("Last day"), said_day),
    "rows_changed": Fact(N_("Rows changed"), is_count=True),
    "items": Fact(N_("Rows")),
}


@bp.app_template_filter("sale_channels")
def sale_channels(table: SaleTable) -> str:
    """Write where a sale table's prices hold."""
    return channels_of(table)
