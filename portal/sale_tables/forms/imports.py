"""What is typed to import a list of sale prices: the file, and how it is read."""

from wtforms import SelectField

from portal.price_imports.forms import COLUMN_LABELS, ReadingBase
from portal.price_imports.rules.columns import SALES, Column


class SaleReadingForm(ReadingBase):
    """How a list of sale prices is read."""

    layout = SALES
    sku = SelectField(COLUMN_LABELS[Column.SKU], choices=[])
    sale_price = SelectField(COLUMN_LABELS[Column.SALE_PRICE], choices=[])
    suggested_price = SelectField(COLUMN_LABELS[Column.SUGGESTED_PRICE], choices=[])
    on_site = SelectField(COLUMN_LABELS[Column.ON_SITE], choices=[])
    name = SelectField(COLUMN_LABELS[Column.NAME], choices=[])
