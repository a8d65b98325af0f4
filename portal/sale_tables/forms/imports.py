"""What is typed to import a list of sale prices, and what its pages say."""

from wtforms import SelectField

from portal.i18n import N_
from portal.price_imports.forms import COLUMN_LABELS, FileForm, ReadingBase
from portal.price_imports.forms.pages import Pages, Template
from portal.price_imports.rules.columns import SALES, Column
from portal.sale_tables.forms.files import HEAD
from portal.sale_tables.models import SaleTable
from portal.sale_tables.services.lists import SALE_LISTS


class SaleReadingForm(ReadingBase):
    """How a list of sale prices is read."""

    layout = SALES
    sku = SelectField(COLUMN_LABELS[Column.SKU], choices=[])
    sale_price = SelectField(COLUMN_LABELS[Column.SALE_PRICE], choices=[])
    suggested_price = SelectField(COLUMN_LABELS[Column.SUGGESTED_PRICE], choices=[])
    on_site = SelectField(COLUMN_LABELS[Column.ON_SITE], choices=[])
    name = SelectField(COLUMN_LABELS[Column.NAME], choices=[])


def _template(_table: SaleTable) -> Template:
    return Template(N_("sale-table"), HEAD, N_("Sale prices"))


SALE_PAGES = Pages(
    SALE_LISTS,
    name="sale_imports",
    title=N_("Import sale prices"),
    about=N_(
        "One row per product that the service point buys: suggested price, sale price, and whether"
        " it is on the site. What the file leaves out comes in to be priced."
    ),
    tables="sale-tables",
    home=(N_("Sale tables"), "sale_tables.index"),
    table="sale_tables.table",
    upload_form=FileForm,
    reading_form=SaleReadingForm,
    template=_template,
)
"""The pages of sale prices, opened beside those of acquisition prices."""
