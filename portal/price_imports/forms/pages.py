"""What the pages of one kind of list are called, ask and say; the views are the same for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.i18n import N_
from portal.price_imports.forms import FileForm, ReadingBase, ReadingForm, UploadForm
from portal.price_imports.services import ACQUISITION
from portal.price_imports.services.lists import Lists
from portal.pricing.models import PriceTable
from portal.pricing.rules.tables import takes_percentages


@dataclass(frozen=True, slots=True)
class Template:
    """An empty list with the right columns: its name, its head, the name of its sheet."""

    name: str
    head: tuple[str, ...]
    sheet: str


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one kind of list."""

    lists: Lists
    name: str
    """Of the blueprint; in addresses with hyphens."""
    title: str
    about: str
    """What a row of the file is."""
    tables: str
    """Where its tables stand in addresses."""
    home: tuple[str, str]
    """The list of its tables: word and endpoint."""
    table: str
    """The endpoint of one table."""
    upload_form: type[FileForm]
    reading_form: type[ReadingBase]
    template: Callable[[Any], Template]

    @property
    def path(self) -> str:
        """Where its files stand in addresses."""
        return self.name.replace("_", "-")


def _template(table: PriceTable) -> Template:
    figure = N_("Percentage") if takes_percentages(table.calculation) else N_("Price")
    head = (N_("SKU"), N_("Name"), N_("Category"), N_("From quantity"), figure, N_("Free"))
    return Template(N_("price-list"), head, N_("Prices"))


PAGES = Pages(
    ACQUISITION,
    name="price_imports",
    title=N_("Import prices"),
    about=N_(
        "One row per product. A second row with a larger quantity makes a quantity break. A price"
        " of zero counts only where the row is marked as free."
    ),
    tables="price-tables",
    home=(N_("Price tables"), "pricing.index"),
    table="pricing.table",
    upload_form=UploadForm,
    reading_form=ReadingForm,
    template=_template,
)
"""The pages of acquisition prices."""
